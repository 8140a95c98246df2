"""Average precision of found boxes at half overlap, as COCO computes it: precision at 101 recalls, label by label.

Lin et al., "Microsoft COCO", ECCV 2014; the same numbers as pycocotools.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from annotation.tasktypes.overlap import Boxes, intersection_over_union
from learner.detection.detector import Detection

Truth = tuple[Boxes, NDArray[np.intp]]  # boxes (n, 4) and labels (n,) of a picture

RECALLS = np.linspace(0, 1, 101)


def average_precisions(
    truth: Sequence[Truth], found: Sequence[Detection], count: int, overlap: float = 0.5
) -> NDArray[np.float64]:
    """Return (count,) the average precision of each label over all pictures; nan where people marked none."""
    return np.array([_of_label(truth, found, label, overlap) for label in range(count)])


def _of_label(truth: Sequence[Truth], found: Sequence[Detection], label: int, overlap: float) -> float:
    known = sum(int((labels == label).sum()) for _, labels in truth)
    if not known:
        return float("nan")
    scores, right = [], []
    for (boxes, labels), said in zip(truth, found, strict=True):
        mine = said.labels == label
        order = np.argsort(-said.scores[mine], kind="stable")
        scores.append(said.scores[mine][order])
        right.append(hits(said.boxes[mine][order], boxes[labels == label], overlap))
    order = np.argsort(-np.concatenate(scores), kind="stable")
    return _area(np.concatenate(right)[order], known)


def hits(found: Boxes, truth: Boxes, overlap: float) -> NDArray[np.bool_]:
    """Return (n,) which found boxes, best first, are right: each takes the free true box that it overlaps most."""
    likeness, right = intersection_over_union(found, truth), np.zeros(len(found), bool)
    for place, row in enumerate(likeness):
        best = len(row) - 1 - int(row[::-1].argmax()) if len(row) else -1  # COCO takes the last of equals
        if best >= 0 and row[best] >= overlap:
            right[place] = True
            likeness[:, best] = -1
    return right


def _area(right: NDArray[np.bool_], known: int) -> float:
    if not len(right):
        return 0.0
    hit = np.cumsum(right)
    precision = np.maximum.accumulate((hit / np.arange(1, len(hit) + 1))[::-1])[::-1]
    places = np.searchsorted(hit / known, RECALLS, side="left")
    return float(np.append(precision, 0.0)[np.minimum(places, len(hit))].mean())
