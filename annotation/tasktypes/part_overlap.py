"""How much two answers of several parts have in common. Pure.

A part is in both where the other answer has the same label at the same place; boxes, which nobody draws twice alike,
where they overlap by half, as Pascal VOC counts them (Everingham et al. 2010, section 4.2).
"""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import groupby
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from annotation.tasktypes.contract import Part

ENOUGH = 0.5  # intersection over union from which on two boxes are the same
Boxes = NDArray[np.floating]  # (n, 4): x, y, w, h
Match = Callable[[Sequence[Part], Sequence[Part]], list[str]]  # -> labels of the parts that both have, one for each


def same_parts(a: Sequence[Part], b: Sequence[Part]) -> list[str]:
    """Return the labels of the parts that are in both, each as often as it is."""
    return [label for label, _ in (Counter(a) & Counter(b)).elements()]


def same_boxes(a: Sequence[Part], b: Sequence[Part]) -> list[str]:
    """Return the labels of the boxes, (x, y, w, h), that are in both; the most alike are matched first.

    >>> same_boxes([("cell", (0, 0, 10, 10))], [("cell", (1, 0, 10, 10)), ("cell", (0, 0, 9, 10))])
    ['cell']
    """
    others = _by_label(b)
    return [
        label
        for label, boxes in _by_label(a).items()
        if label in others
        for _ in range(_matched(intersection_over_union(boxes, others[label])))
    ]


def f1_distance(a: Sequence[Part], b: Sequence[Part]) -> float:
    """Return one minus the F1 of the parts of one answer against the other's; 0 where neither has any.

    >>> f1_distance([("x", None), ("y", None)], [("x", None)])
    0.33333333333333337
    """
    return _distance(a, b, same_parts)


def box_distance(a: Sequence[Part], b: Sequence[Part]) -> float:
    """Return the same of boxes; 0 where each of them has its like."""
    return _distance(a, b, same_boxes)


def _distance(a: Sequence[Part], b: Sequence[Part], match: Match) -> float:
    return 1 - 2 * len(match(a, b)) / (len(a) + len(b)) if a or b else 0.0


def intersection_over_union(a: Boxes, b: Boxes) -> NDArray[np.float64]:
    """Return (n, m), from 0 to 1, of boxes (n, 4) and (m, 4) of x, y, w, h; 0 where neither has an area."""
    a, b = np.asarray(a, np.float64).reshape(-1, 4), np.asarray(b, np.float64).reshape(-1, 4)
    shared = np.ones((len(a), len(b)))
    for axis in (0, 1):
        low = np.maximum(a[:, None, axis], b[None, :, axis])
        high = np.minimum(a[:, None, axis] + a[:, None, axis + 2], b[None, :, axis] + b[None, :, axis + 2])
        shared *= np.clip(high - low, 0, None)
    union = (a[:, 2] * a[:, 3])[:, None] + (b[:, 2] * b[:, 3])[None] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def _by_label(parts: Sequence[Part]) -> dict[str, NDArray[np.float64]]:
    groups = groupby(sorted(parts, key=itemgetter(0)), key=itemgetter(0))
    return {label: np.array([place for _, place in group], np.float64) for label, group in groups}


def _matched(likeness: NDArray[np.float64]) -> int:
    """Return how many pairs there are, each row and column in one at most, the most alike first."""
    rows, columns = np.nonzero(likeness >= ENOUGH)
    free_rows, free_columns = set(rows.tolist()), set(columns.tolist())
    found = 0
    for place in np.argsort(-likeness[rows, columns], kind="stable"):
        row, column = int(rows[place]), int(columns[place])
        if row in free_rows and column in free_columns:
            free_rows.remove(row)
            free_columns.remove(column)
            found += 1
    return found
