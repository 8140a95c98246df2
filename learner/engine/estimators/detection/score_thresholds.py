"""From which score on a box is in the answer: where F1 on images that were held out is best, label by label."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.engine.detections.average_precision import Truth, true_positive_mask
from learner.engine.detections.contract import Detections

DEFAULT_THRESHOLD = 0.7  # without enough to choose by; seen to serve blood cells
MIN_THRESHOLD = 0.2  # what is less probable is in no answer
MIN_HELD_OUT_BOXES = 15  # of a label
SAME_BOX_OVERLAP = 0.5
HELD_OUT_SHARE = 1 / 3  # of the labelled images
MIN_IMAGES_WITH_BOXES = 15  # from which it is worth holding a third of them out
MAX_HELD_OUT_IMAGES = 100


def thresholds_by_label(
    truth: Sequence[Truth], detections: Sequence[Detections], label_count: int
) -> NDArray[np.float64]:
    """Return (count,) scores, from MIN_THRESHOLD to 1, from which on boxes of each label are in the answer."""
    return np.array([_best_f1_threshold(truth, detections, label) for label in range(label_count)])


def _best_f1_threshold(truth: Sequence[Truth], detections: Sequence[Detections], label: int) -> float:
    """Return the score, between two detections of a label, from which on F1 is best; the default with too few boxes."""
    truth_count = sum(int((labels == label).sum()) for _, labels in truth)
    if truth_count < MIN_HELD_OUT_BOXES:
        return DEFAULT_THRESHOLD
    scores: list[NDArray[Any]] = [np.empty(0)]
    right: list[NDArray[np.bool_]] = [np.empty(0, bool)]
    for (boxes, labels), detections_here in zip(truth, detections, strict=True):
        detections_of_label = detections_here.take(
            (detections_here.labels == label) & (detections_here.scores >= MIN_THRESHOLD)
        )
        scores.append(detections_of_label.scores)
        right.append(true_positive_mask(detections_of_label.boxes, boxes[labels == label], SAME_BOX_OVERLAP))
    order = np.argsort(-np.concatenate(scores), kind="stable")
    if not len(order):
        return DEFAULT_THRESHOLD
    ordered, cumulative_hits = np.concatenate(scores)[order], np.cumsum(np.concatenate(right)[order])
    f1 = 2 * cumulative_hits / (np.arange(1, len(cumulative_hits) + 1) + truth_count)
    best = int(f1.argmax())
    return float((ordered[best] + (ordered[best + 1] if best + 1 < len(ordered) else MIN_THRESHOLD)) / 2)
