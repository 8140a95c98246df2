"""Pictures with their boxes, at the size that they are looked at to learn from them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from learner.engine.estimators.detection.channel_features import Pixels
from learner.engine.estimators.detection.detector import Floats
from learner.engine.estimators.detection.image_loading import Picture, opened, resized


@dataclass(frozen=True)
class Labelled:
    """A picture as it is looked at, its boxes (n, 4) in these pixels, and their labels (n,)."""

    pixels: Pixels
    boxes: Floats
    labels: NDArray[np.intp]

    def at(self, longest: int) -> "Labelled":
        """Return the same with a longer side of so many pixels."""
        pixels = resized(self.pixels, longest)
        scale = np.array([pixels.shape[axis] / self.pixels.shape[axis] for axis in (1, 0, 1, 0)], np.float32)
        return Labelled(pixels, self.boxes * scale, self.labels)


def labelled(picture: Picture, boxes: NDArray[np.floating], labels: NDArray[np.intp], most: int) -> Labelled:
    """Return a picture with a longer side of `most` pixels at most, and its boxes but for those without an area."""
    pixels, size = opened(picture)
    boxes = np.asarray(boxes, np.float32).reshape(-1, 4)
    scale = np.array([pixels.shape[1] / size[0], pixels.shape[0] / size[1]] * 2, np.float32)
    real = (boxes[:, 2:] > 0).all(axis=1)
    whole = Labelled(pixels, boxes[real] * scale, np.asarray(labels, np.intp)[real])
    return whole.at(most) if max(pixels.shape[:2]) > most else whole


def longest_for(given: Sequence[Labelled], small: float, bounds: tuple[int, int]) -> int:
    """Return the pixels of the longer side with which the usual box of the smallest label is `small` across."""
    across = np.concatenate([np.sqrt(one.boxes[:, 2] * one.boxes[:, 3]) / max(one.pixels.shape[:2]) for one in given])
    labels = np.concatenate([one.labels for one in given])
    smallest = min(np.median(across[labels == label]) for label in np.unique(labels))
    return int(np.clip(small / smallest, *bounds))
