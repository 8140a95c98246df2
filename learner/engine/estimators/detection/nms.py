"""Many boxes about one object become one.

Greedy suppression, and then weighted fusion: a box that is kept becomes the mean, by score, of all those that it
represents (Solovyev, Wang and Gabruseva, "Weighted boxes fusion", 2021).
"""

import numpy as np
from numpy.typing import NDArray

from annotation.tasktypes.answers.component_matching import BoxArray, intersection_over_union


def suppress_overlaps(
    boxes: BoxArray, scores: NDArray[np.floating], max_iou: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the indices (k,) of boxes (n, 4) that are kept, best first, and (n,) which of these represents each.

    No two that are kept overlap by more than `max_iou`; equal scores keep their order.
    """
    ious = intersection_over_union(boxes, boxes)
    representative = np.full(len(boxes), -1, np.intp)
    kept: list[int] = []
    for index in np.argsort(-np.asarray(scores), kind="stable"):
        if representative[index] < 0:
            representative[(representative < 0) & (ious[index] > max_iou)] = len(kept)
            representative[index] = len(kept)
            kept.append(int(index))
    return np.array(kept, np.intp), representative


def fuse_overlapping_boxes(
    boxes: BoxArray, scores: NDArray[np.floating], representative: NDArray[np.intp], count: int
) -> NDArray[np.float64]:
    """Return (count, 4): the mean, weighted by score, of the boxes that each of those kept represents."""
    weights = np.asarray(scores, np.float64)
    total = np.bincount(representative, weights, count)
    return (
        np.stack([np.bincount(representative, weights * boxes[:, axis], count) for axis in range(4)], axis=1)
        / total[:, None]
    )
