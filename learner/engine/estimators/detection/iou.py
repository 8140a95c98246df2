"""Boxes of windows and of objects: which goes with which, and what of one is in the image. A box is x, y, w, h."""

import numpy as np
from numpy.typing import NDArray

from annotation.tasktypes.answers.component_matching import BoxArray, intersection_over_union


def best_ious_and_boxes(windows: BoxArray, boxes: BoxArray) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return of each window (n,) how much it overlaps its best box, and which that is; 0 and 0 without boxes."""
    if not len(boxes):
        return np.zeros(len(windows)), np.zeros(len(windows), np.intp)
    ious = intersection_over_union(windows, boxes)
    best = ious.argmax(axis=1)
    return ious[np.arange(len(ious)), best], best


def clip_to_image(boxes: BoxArray, width: float, height: float) -> NDArray[np.float32]:
    """Return the boxes cut at the edges of an image; each keeps half a pixel at least, inside of it."""
    image_size = np.array([width, height])
    low = np.clip(boxes[:, :2], 0, image_size - 0.5)
    high = np.clip(boxes[:, :2] + boxes[:, 2:], low + 0.5, image_size)
    return np.concatenate([low, high - low], axis=1).astype(np.float32)
