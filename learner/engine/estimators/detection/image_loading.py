"""The pixels of pictures, one at a time, and at the size that a detector looks at."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from learner.engine.estimators.detection.channel_features import Pixels

LEAST = 8  # pixels of a side
MOST_ENLARGED = 2.0


@dataclass(frozen=True)
class Opener:
    """What opens a picture, so that thousands never are in memory at once, and the size that boxes are told in.

    What it opens may be a smaller copy.
    """

    open: Callable[[], Pixels]
    width: int
    height: int


Picture = Pixels | Opener  # RGB (h, w, 3)


def opened(picture: Picture) -> tuple[Pixels, tuple[int, int]]:
    """Return the pixels, and the width and height in which boxes are told."""
    if isinstance(picture, Opener):
        return picture.open(), (picture.width, picture.height)
    return picture, (picture.shape[1], picture.shape[0])


def resized(pixels: Pixels, longest: int) -> Pixels:
    """Return the picture with a longer side of so many pixels; small ones grow to the double at most."""
    height, width = pixels.shape[:2]
    scale = min(MOST_ENLARGED, longest / max(height, width))
    size = max(LEAST, round(width * scale)), max(LEAST, round(height * scale))
    if size == (width, height):
        return pixels
    way = Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(pixels).resize(size, way))
