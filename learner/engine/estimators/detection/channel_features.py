"""An image as channels: colours, edges, and edges by direction, summed up so that any window's means are a look-up.

Aggregate channel features (Dollár, Appel, Belongie and Perona, "Fast feature pyramids for object detection", PAMI
2014): CIE LUV, the strength of the gradient, and its strength in six directions, over an integral image (Viola and
Jones, CVPR 2001). One more channel tells what is inside of the image: around it there is a margin of nothing.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter
from skimage.color.colorconv import rgb2luv

Floats = NDArray[Any]  # float32
Pixels = NDArray[np.uint8]

DIRECTIONS = 6
CHANNELS = 3 + 1 + DIRECTIONS + 1
NEIGHBOURHOOD = 11  # pixels across which edges are compared with their mean
EDGE_NOISE = 0.02  # edges weaker than this are noise


@dataclass(frozen=True)
class IntegralImage:
    """The integral image of an image's channels, with a margin around it."""

    table: Floats  # ((height + 2 margin + 1), (width + 2 margin + 1), CHANNELS)
    margin: int  # pixels
    width: int  # of the image itself
    height: int


def integral_image(pixels: Pixels) -> IntegralImage:
    """Return the integral image of the channels of an RGB image (h, w, 3)."""
    height, width = pixels.shape[:2]
    margin = max(8, max(height, width) // 8)
    padded = np.pad(image_channels(pixels), ((margin + 1, margin), (margin + 1, margin), (0, 0)))
    table = padded.cumsum(0, dtype=np.float64).cumsum(1)
    return IntegralImage(table.astype(np.float32), margin, width, height)


def image_channels(pixels: Pixels) -> Floats:
    """Return (h, w, CHANNELS), all of about the same spread and zero in the mean of most images."""
    luv = np.asarray(rgb2luv(pixels), np.float32) / 50 - np.array([1, 0, 0], np.float32)
    vertical, horizontal = (np.gradient(luv, axis=axis) for axis in (0, 1))
    strongest = (vertical**2 + horizontal**2).argmax(axis=2)[..., None]
    vertical, horizontal = (np.take_along_axis(gradient, strongest, 2)[..., 0] for gradient in (vertical, horizontal))
    strength = np.hypot(vertical, horizontal)
    strength /= uniform_filter(strength, NEIGHBOURHOOD) + EDGE_NOISE
    result = np.zeros((*pixels.shape[:2], CHANNELS), np.float32)
    result[..., :3], result[..., 3], result[..., -1] = luv, strength, 1
    _fill_direction_channels(np.arctan2(vertical, horizontal), strength, result[..., 4:-1])
    return result


def _fill_direction_channels(angle: Floats, strength: Floats, out: Floats) -> None:
    """Share the strength of each edge between the two directions that are next to its own."""
    position = (angle % np.pi) * (DIRECTIONS / np.pi)
    low = position.astype(np.intp)
    share = position - low
    rows, columns = np.ogrid[: angle.shape[0], : angle.shape[1]]
    out[rows, columns, low % DIRECTIONS] = strength * (1 - share)
    out[rows, columns, (low + 1) % DIRECTIONS] += strength * share
