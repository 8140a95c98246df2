"""A grid of cells over a picture: what each should say of the objects around it, and which boxes cells speak of."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from learner.engine.estimators.detection.detector import CANDIDATES

Floats = NDArray[np.float32]

SHARPNESS = 18.0  # of the hill over an object: at a quarter of its width from the middle a third of the height is left
NEAR = 0.5  # height from which a cell tells how far the box reaches


@dataclass(frozen=True)
class Wanted:
    """What a head should say: hills (k, h, w) from 0 to 1 over the middles of objects of each label, sides (4, h, w).

    Sides are the pixels from a cell's middle to the box's left, top, right and bottom; `weights` (h, w) how much they
    matter, one in all for each object, zero far from any.
    """

    hills: Floats
    sides: Floats
    weights: Floats


def middles(shape: tuple[int, ...], stride: int) -> Floats:
    """Return (2, h, w) the x and y of the middles of h x w cells, in pixels."""
    y, x = np.mgrid[: shape[-2], : shape[-1]].astype(np.float32)
    return (np.stack([x, y]) + np.float32(0.5)) * np.float32(stride)


def wanted(boxes: Floats, labels: NDArray[np.intp], count: int, places: Floats) -> Wanted:
    """Return what cells with these middles (2, h, w) should say of boxes (n, 4) of labels (n,), `count` there are.

    Small boxes win over large ones around them.
    """
    result = Wanted(*(np.zeros((*more, *places.shape[1:]), np.float32) for more in ((count,), (4,), ())))
    for n in np.argsort(-boxes[:, 2] * boxes[:, 3], kind="stable"):
        start, size = boxes[n, :2, None, None], boxes[n, 2:, None, None]
        hill = np.exp(-SHARPNESS * (((places - start - size / 2) / size) ** 2).sum(0))
        hill /= max(float(hill.max()), 1e-12)  # an object smaller than a cell has one too
        near = hill > NEAR
        result.hills[labels[n]] = np.maximum(result.hills[labels[n]], hill)
        result.sides[:, near] = np.concatenate([places - start, start + size - places])[:, near]
        result.weights[near] = hill[near] / hill[near].sum()
    return result


def candidates(hills: Floats, sides: Floats, places: Floats) -> tuple[Floats, Floats]:
    """Return the boxes (n, 4) of the cells that are surest of an object, and (n, 1 + k) how probable each label is.

    The first column is of the background.
    """
    best = np.argsort(-hills.max(0).ravel(), kind="stable")[:CANDIDATES]
    found = hills.reshape(len(hills), -1)[:, best].T
    start, end = (part.reshape(2, -1)[:, best].T for part in (places - sides[:2], places + sides[2:]))
    boxes = np.concatenate([start, end - start], axis=1)
    return boxes, np.concatenate([1 - found.max(1, keepdims=True), found], axis=1)
