"""Images with their boxes, at the size that detectors are trained at."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from learner.engine.detections.contract import Floats
from learner.engine.estimators.detection.channel_features import Pixels
from learner.engine.estimators.detection.image_sources import ImageSource, load_pixels, resize_to_longest_side


@dataclass(frozen=True)
class LabelledImage:
    """An image at that size, its boxes (n, 4) in these pixels, and their labels (n,)."""

    pixels: Pixels
    boxes: Floats
    labels: NDArray[np.intp]

    def resized(self, max_side: int) -> "LabelledImage":
        """Return the same with a longer side of so many pixels."""
        pixels = resize_to_longest_side(self.pixels, max_side)
        scale = np.array([pixels.shape[axis] / self.pixels.shape[axis] for axis in (1, 0, 1, 0)], np.float32)
        return LabelledImage(pixels, self.boxes * scale, self.labels)


def label_image(
    image: ImageSource, boxes: NDArray[np.floating], labels: NDArray[np.intp], max_side: int
) -> LabelledImage:
    """Return an image with a longer side of `max_side` pixels at most, and its boxes but for those without an area."""
    pixels, size = load_pixels(image)
    boxes = np.asarray(boxes, np.float32).reshape(-1, 4)
    scale = np.array([pixels.shape[1] / size[0], pixels.shape[0] / size[1]] * 2, np.float32)
    has_area = (boxes[:, 2:] > 0).all(axis=1)
    labelled = LabelledImage(pixels, boxes[has_area] * scale, np.asarray(labels, np.intp)[has_area])
    return labelled.resized(max_side) if max(pixels.shape[:2]) > max_side else labelled


def longest_side_for(examples: Sequence[LabelledImage], small_pixels: float, bounds: tuple[int, int]) -> int:
    """Return the pixels of the longer side with which the median box of the smallest label is `small_pixels` across."""
    widths = [np.sqrt(image.boxes[:, 2] * image.boxes[:, 3]) / max(image.pixels.shape[:2]) for image in examples]
    relative_widths, labels = np.concatenate(widths), np.concatenate([image.labels for image in examples])
    smallest = min(np.median(relative_widths[labels == label]) for label in np.unique(labels))
    return int(np.clip(small_pixels / smallest, *bounds))
