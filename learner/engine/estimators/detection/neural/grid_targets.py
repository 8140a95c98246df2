"""A grid of cells over an image: what a head should predict in each, and which boxes cells predict."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from learner.engine.estimators.detection.detector import MAX_REFINED_WINDOWS

Floats = NDArray[np.float32]

PEAK_STEEPNESS = (
    18.0  # of the peak over an object: a quarter of its width from the centre, a third of the height is left
)
MIN_SIDE_HEIGHT = 0.5  # of a peak, from which a cell predicts the sides of the box


@dataclass(frozen=True)
class GridTargets:
    """What a head should predict: heatmaps (k, h, w) from 0 to 1, with peaks over each label's objects, and sides.

    Sides (4, h, w) are the pixels from a cell's centre to the box's left, top, right and bottom; `weights` (h, w) how
    much they matter, one in all for each object, zero far from any.
    """

    heatmaps: Floats
    edge_distances: Floats
    weights: Floats


def cell_centres(shape: tuple[int, ...], stride: int) -> Floats:
    """Return (2, h, w) the x and y of the centres of h x w cells, in pixels."""
    y, x = np.mgrid[: shape[-2], : shape[-1]].astype(np.float32)
    return (np.stack([x, y]) + np.float32(0.5)) * np.float32(stride)


def grid_targets(boxes: Floats, labels: NDArray[np.intp], label_count: int, cell_centres: Floats) -> GridTargets:
    """Return what cells with these centres (2, h, w) should predict of boxes (n, 4) of `label_count` labels (n,).

    Small boxes win over large ones around them.
    """
    result = GridTargets(
        *(
            np.zeros((*leading_shape, *cell_centres.shape[1:]), np.float32)
            for leading_shape in ((label_count,), (4,), ())
        )
    )
    for n in np.argsort(-boxes[:, 2] * boxes[:, 3], kind="stable"):
        start, size = boxes[n, :2, None, None], boxes[n, 2:, None, None]
        peak = np.exp(-PEAK_STEEPNESS * (((cell_centres - start - size / 2) / size) ** 2).sum(0))
        peak /= max(float(peak.max()), 1e-12)  # an object smaller than a cell has one too
        is_near = peak > MIN_SIDE_HEIGHT
        result.heatmaps[labels[n]] = np.maximum(result.heatmaps[labels[n]], peak)
        result.edge_distances[:, is_near] = np.concatenate([cell_centres - start, start + size - cell_centres])[
            :, is_near
        ]
        result.weights[is_near] = peak[is_near] / peak[is_near].sum()
    return result


def decode_candidates(heatmaps: Floats, edge_distances: Floats, cell_centres: Floats) -> tuple[Floats, Floats]:
    """Return the boxes (n, 4) of the cells in which an object is most probable, and their (n, 1 + k) probabilities.

    The first column is of the background.
    """
    best = np.argsort(-heatmaps.max(0).ravel(), kind="stable")[:MAX_REFINED_WINDOWS]
    scores = heatmaps.reshape(len(heatmaps), -1)[:, best].T
    start, end = (
        part.reshape(2, -1)[:, best].T
        for part in (cell_centres - edge_distances[:2], cell_centres + edge_distances[2:])
    )
    boxes = np.concatenate([start, end - start], axis=1)
    return boxes, np.concatenate([1 - scores.max(1, keepdims=True), scores], axis=1)
