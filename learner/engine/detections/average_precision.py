"""Average precision of detections at half overlap, as COCO computes it: precision at 101 recalls, label by label.

Lin et al., "Microsoft COCO", ECCV 2014; the same numbers as pycocotools.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotation.tasktypes.answers.component_matching import BoxArray, intersection_over_union
from learner.engine.detections.contract import Detections

Truth = tuple[BoxArray, NDArray[np.intp]]  # boxes (n, 4) and labels (n,) of an image

RECALLS = np.linspace(0, 1, 101)


@dataclass(frozen=True)
class RankedDetections:
    """The detections of one label over n images, best first."""

    images: NDArray[np.intp]  # (d,) on which each of them is
    right: NDArray[np.bool_]  # (d,)
    truth_count: NDArray[np.int64]  # (n,) boxes that people marked

    def average_precision(self, image_weights: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return (r,) the average precision where each image counts so many times (r, n); nan without any box."""
        detection_weights = image_weights.astype(np.int32)[:, self.images]
        hit, truth = np.cumsum(detection_weights * self.right, axis=1, dtype=np.int32), image_weights @ self.truth_count
        precision = hit / np.maximum(np.cumsum(detection_weights, axis=1, dtype=np.int32), 1)
        best = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
        return np.array(
            [_mean_precision_at_recalls(*row) if row[2] else np.nan for row in zip(hit, best, truth, strict=True)]
        )


def average_precisions(
    truth: Sequence[Truth], detections: Sequence[Detections], label_count: int, iou_threshold: float = 0.5
) -> NDArray[np.float64]:
    """Return (count,) the average precision of each label over all images; nan where people marked none."""
    once = np.ones((1, len(truth)), np.int64)
    rankings = (rank_detections(truth, detections, label, iou_threshold) for label in range(label_count))
    return np.concatenate([ranking.average_precision(once) for ranking in rankings])


def rank_detections(
    truth: Sequence[Truth], detections: Sequence[Detections], label: int, iou_threshold: float = 0.5
) -> RankedDetections:
    """Return all detections of a label, and which are right; equal scores keep the order of the images."""
    scores, right = [np.empty(0)], [np.empty(0, bool)]
    for (boxes, labels), detections_here in zip(truth, detections, strict=True):
        has_label = detections_here.labels == label
        order = np.argsort(-detections_here.scores[has_label], kind="stable")
        scores.append(detections_here.scores[has_label][order])
        right.append(true_positive_mask(detections_here.boxes[has_label][order], boxes[labels == label], iou_threshold))
    images = np.repeat(np.arange(len(truth)), [len(part) for part in right[1:]])
    order = np.argsort(-np.concatenate(scores), kind="stable")
    truth_count = np.array([int((labels == label).sum()) for _, labels in truth], np.int64)
    return RankedDetections(images[order], np.concatenate(right)[order], truth_count)


def true_positive_mask(detected: BoxArray, truth: BoxArray, iou_threshold: float) -> NDArray[np.bool_]:
    """Return (n,) which detected boxes, best first, are right: each takes the free true box that it overlaps most."""
    ious, right = intersection_over_union(detected, truth), np.zeros(len(detected), bool)
    for index, row in enumerate(ious):
        best = len(row) - 1 - int(row[::-1].argmax()) if len(row) else -1  # COCO takes the last of equals
        if best >= 0 and row[best] >= iou_threshold:
            right[index] = True
            ious[:, best] = -1
    return right


def _mean_precision_at_recalls(hit: NDArray[np.int64], best: NDArray[np.float64], truth_count: int) -> float:
    """Return the mean over RECALLS of the best precision at that recall or beyond; 0 where it is never reached."""
    indices = np.searchsorted(hit / truth_count, RECALLS, side="left")
    return float(np.append(best, 0.0)[indices].mean())
