"""The pixels of images, one at a time, and at the size that a detector works at."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from learner.engine.estimators.detection.channel_features import Pixels

MIN_SIDE_PIXELS = 8
MAX_ENLARGEMENT = 2.0


@dataclass(frozen=True)
class ImageLoader:
    """Opens an image when it is needed, so that thousands never are in memory at once.

    What it opens may be a smaller copy; boxes are in pixels of the width and height here.
    """

    open: Callable[[], Pixels]
    width: int
    height: int


ImageSource = Pixels | ImageLoader  # RGB (h, w, 3)


def load_pixels(image: ImageSource) -> tuple[Pixels, tuple[int, int]]:
    """Return the pixels, and the width and height in whose pixels boxes are."""
    if isinstance(image, ImageLoader):
        return image.open(), (image.width, image.height)
    return image, (image.shape[1], image.shape[0])


def resize_to_longest_side(pixels: Pixels, max_side: int) -> Pixels:
    """Return the image with a longer side of so many pixels; small ones grow to the double at most."""
    height, width = pixels.shape[:2]
    scale = min(MAX_ENLARGEMENT, max_side / max(height, width))
    size = max(MIN_SIDE_PIXELS, round(width * scale)), max(MIN_SIDE_PIXELS, round(height * scale))
    if size == (width, height):
        return pixels
    resampling = Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(pixels).resize(size, resampling))
