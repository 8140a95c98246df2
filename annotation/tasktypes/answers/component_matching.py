"""How much two answers of several components have in common. Pure.

A component is in both where the other answer has the same label at the same place; boxes, which nobody draws twice
alike, where they overlap by half, as Pascal VOC counts them (Everingham et al. 2010, section 4.2).
"""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import groupby
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from annotation.tasktypes.answers.contract import Component

MIN_IOU = 0.5  # intersection over union from which on two boxes are the same
BoxArray = NDArray[np.floating]  # (n, 4): x, y, w, h
Match = Callable[[Sequence[Component], Sequence[Component]], list[str]]  # -> labels of what both have, one for each


def matching_components(a: Sequence[Component], b: Sequence[Component]) -> list[str]:
    """Return the labels of the components that are in both, each as often as it is."""
    return [label for label, _ in (Counter(a) & Counter(b)).elements()]


def matching_boxes(a: Sequence[Component], b: Sequence[Component]) -> list[str]:
    """Return the labels of the boxes, (x, y, w, h), that are in both; the most alike are matched first.

    >>> matching_boxes([("cell", (0, 0, 10, 10))], [("cell", (1, 0, 10, 10)), ("cell", (0, 0, 9, 10))])
    ['cell']
    """
    others = _boxes_by_label(b)
    return [
        label
        for label, boxes in _boxes_by_label(a).items()
        if label in others
        for _ in range(_count_greedy_pairs(intersection_over_union(boxes, others[label])))
    ]


def f1_distance(a: Sequence[Component], b: Sequence[Component], match: Match = matching_components) -> float:
    """Return one minus the F1 of the components of one answer against the other's; 0 where neither has any.

    >>> f1_distance([("x", None), ("y", None)], [("x", None)])
    0.33333333333333337
    """
    return 1 - 2 * len(match(a, b)) / (len(a) + len(b)) if a or b else 0.0


def intersection_over_union(a: BoxArray, b: BoxArray) -> NDArray[np.float64]:
    """Return (n, m), from 0 to 1, of boxes (n, 4) and (m, 4) of x, y, w, h; 0 where neither has an area."""
    a, b = np.asarray(a, np.float64).reshape(-1, 4), np.asarray(b, np.float64).reshape(-1, 4)
    shared = np.ones((len(a), len(b)))
    for axis in (0, 1):
        low = np.maximum(a[:, None, axis], b[None, :, axis])
        high = np.minimum(a[:, None, axis] + a[:, None, axis + 2], b[None, :, axis] + b[None, :, axis + 2])
        shared *= np.clip(high - low, 0, None)
    union = (a[:, 2] * a[:, 3])[:, None] + (b[:, 2] * b[:, 3])[None] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def _boxes_by_label(components: Sequence[Component]) -> dict[str, NDArray[np.float64]]:
    groups = groupby(sorted(components, key=itemgetter(0)), key=itemgetter(0))
    return {label: np.array([box for _, box in group], np.float64) for label, group in groups}


def _count_greedy_pairs(likeness: NDArray[np.float64]) -> int:
    """Return how many pairs there are, each row and column in one at most, the most alike first."""
    rows, columns = np.nonzero(likeness >= MIN_IOU)
    free_rows, free_columns = set(rows.tolist()), set(columns.tolist())
    pairs = 0
    for pair in np.argsort(-likeness[rows, columns], kind="stable"):
        row, column = int(rows[pair]), int(columns[pair])
        if row in free_rows and column in free_columns:
            free_rows.remove(row)
            free_columns.remove(column)
            pairs += 1
    return pairs
