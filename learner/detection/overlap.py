"""Boxes against boxes: how much they overlap, and which goes with which. A box is x, y, w, h."""

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.floating]


def intersection_over_union(a: Boxes, b: Boxes) -> NDArray[np.float64]:
    """Return (n, m), from 0 to 1, of boxes (n, 4) and (m, 4); 0 where neither has an area."""
    a, b = np.asarray(a, np.float64).reshape(-1, 4), np.asarray(b, np.float64).reshape(-1, 4)
    shared = np.ones((len(a), len(b)))
    for axis in (0, 1):
        low = np.maximum(a[:, None, axis], b[None, :, axis])
        high = np.minimum(a[:, None, axis] + a[:, None, axis + 2], b[None, :, axis] + b[None, :, axis + 2])
        shared *= np.clip(high - low, 0, None)
    union = (a[:, 2] * a[:, 3])[:, None] + (b[:, 2] * b[:, 3])[None] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def best_matches(windows: Boxes, boxes: Boxes) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return of each window (n,) how much it overlaps its best box, and which that is; 0 and 0 without boxes."""
    if not len(boxes):
        return np.zeros(len(windows)), np.zeros(len(windows), np.intp)
    found = intersection_over_union(windows, boxes)
    best = found.argmax(axis=1)
    return found[np.arange(len(found)), best], best


def inside(boxes: Boxes, width: float, height: float) -> NDArray[np.float32]:
    """Return the boxes cut at the edges of a picture; each keeps half a pixel at least, inside of it."""
    most = np.array([width, height])
    low = np.clip(boxes[:, :2], 0, most - 0.5)
    high = np.clip(boxes[:, :2] + boxes[:, 2:], low + 0.5, most)
    return np.concatenate([low, high - low], axis=1).astype(np.float32)
