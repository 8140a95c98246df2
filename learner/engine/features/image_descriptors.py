"""Images to numbers without a neural network: colours, layout, shapes and textures, reduced to principal components.

Four kinds of numbers, each brought to the same spread, so that none drowns the others:

- joint histograms of hue, saturation and value, of the whole image and of its middle (Swain and Ballard, Color
  indexing, IJCV 1991), as square roots;
- mean and spread of CIELAB in a grid of 4 by 4 (Stricker and Orengo, Similarity of color images, 1995);
- histograms of oriented gradients (Dalal and Triggs, CVPR 2005);
- local binary patterns, uniform and invariant to rotation, in two sizes (Ojala, Pietikäinen and Mäenpää, PAMI 2002).

Fitted on unlabelled images: it needs no answers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage.color import rgb2lab
from skimage.feature import hog, local_binary_pattern
from sklearn.utils.extmath import randomized_svd

from learner.engine.arrays.blas_threads import limit_blas_threads
from learner.engine.features.image_loading import open_image

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]

SIDE_PIXELS = 128  # pixels of the square that each image is looked at as
MIDDLE_PIXELS = slice(SIDE_PIXELS // 4, SIDE_PIXELS - SIDE_PIXELS // 4)
WHOLE_AND_MIDDLE = ((slice(None), slice(None)), (MIDDLE_PIXELS, MIDDLE_PIXELS))
HUES, SATURATIONS, VALUES = 12, 4, 4
GRID_CELLS, GRID_SIDE = 4, 64
PATTERNS = ((8, 1), (16, 2))  # points, radius
DIMENSIONS = 128
POWER_ITERATIONS = 2
MAX_FITTED_IMAGES = 1000  # half a minute, and what more would change is lost in the noise


def _colour_histograms(image: Image.Image) -> Floats:
    hue, saturation, value = np.moveaxis(np.asarray(image.convert("HSV"), np.intp), -1, 0)
    bins = (hue * HUES // 256 * SATURATIONS + saturation * SATURATIONS // 256) * VALUES + value * VALUES // 256
    return _root_histograms(bins, HUES * SATURATIONS * VALUES)


def _root_histograms(bins: NDArray[np.intp], count: int) -> Floats:
    """Return (2 count,): the square roots of the shares of the bins, in all of it and in its middle."""
    parts = (bins[part].ravel() for part in WHOLE_AND_MIDDLE)
    return np.concatenate([np.sqrt(np.bincount(part, minlength=count) / part.size) for part in parts]).astype(
        np.float32
    )


def _grid_colours(image: Image.Image) -> Floats:
    lab = rgb2lab(np.asarray(image.resize((GRID_SIDE, GRID_SIDE), Image.Resampling.BOX))) / 100
    step = GRID_SIDE // GRID_CELLS
    cells = lab.reshape(GRID_CELLS, step, GRID_CELLS, step, 3)
    return np.concatenate([cells.mean((1, 3)).ravel(), cells.std((1, 3)).ravel()]).astype(np.float32)


def _gradient_histograms(image: Image.Image) -> Floats:
    components = hog(
        np.asarray(image),
        orientations=9,
        pixels_per_cell=(16, 16),
        cells_per_block=(2, 2),
        transform_sqrt=True,
        channel_axis=-1,
    )
    return np.asarray(components, np.float32)


def _binary_patterns(image: Image.Image) -> Floats:
    grey = np.asarray(image.convert("L"))
    pattern: Any = local_binary_pattern  # it has no types
    components = [(pattern(grey, points, radius, "uniform"), points + 2) for points, radius in PATTERNS]
    return np.concatenate([_root_histograms(patterns.astype(np.intp), count) for patterns, count in components])


DESCRIPTORS: tuple[Callable[[Image.Image], Floats], ...] = (
    _colour_histograms,
    _grid_colours,
    _gradient_histograms,
    _binary_patterns,
)


def _open_as_square(path: str) -> Image.Image:
    return open_image(path).resize((SIDE_PIXELS, SIDE_PIXELS), Image.Resampling.BILINEAR)


def _describe_image(path: str) -> list[Floats]:
    image = _open_as_square(path)
    return [descriptor(image) for descriptor in DESCRIPTORS]


def _descriptor_widths() -> list[int]:
    return [len(part) for part in _describe_image("")]


@dataclass(frozen=True)
class ImageDescriptors:
    """The transformer."""

    mean: Floats  # (v,)
    scale: Floats  # (v,): one number for all of a kind
    components: Floats  # (v, d)

    @property
    def dimensions(self) -> int:
        """How many columns `transform` gives."""
        return int(self.components.shape[1])

    def transform(self, paths: Sequence[str]) -> Floats:
        """Return (m, d) float32 rows of length one, or zero, of the images in these files."""
        if not len(paths):
            return np.zeros((0, self.dimensions), np.float32)
        with limit_blas_threads(1):
            descriptors = np.stack([np.concatenate(_describe_image(path)) for path in paths])
            rows = np.asarray((descriptors - self.mean) * self.scale @ self.components, np.float32)
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.float32(1e-6))
        return rows

    def save(self, folder: Path) -> None:
        """Write images.npz."""
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(folder / "images.npz", mean=self.mean, scale=self.scale, components=self.components)

    @classmethod
    def load(cls, folder: Path) -> "ImageDescriptors":
        """Read what `save` wrote."""
        with np.load(folder / "images.npz", allow_pickle=False) as arrays:
            return cls(arrays["mean"], arrays["scale"], arrays["components"])


class ImageFeatures:
    """The feature set."""

    name = "images"
    needs_fit = True

    def fit(self, paths: Sequence[str], seed: int) -> ImageDescriptors:
        """Learn spreads and directions from a sample of the images in these files."""
        rng = np.random.default_rng(seed)
        chosen = np.arange(len(paths))
        if len(paths) > MAX_FITTED_IMAGES:
            chosen = rng.choice(len(paths), MAX_FITTED_IMAGES, replace=False)
        widths = _descriptor_widths()
        descriptors = np.stack(
            [np.concatenate(_describe_image(paths[index])) for index in chosen.tolist()]
            or [np.zeros(sum(widths), np.float32)]
        )
        mean = descriptors.mean(0)
        descriptors -= mean
        scale = _length_scales(descriptors, widths)
        return ImageDescriptors(mean, scale, _principal_components(descriptors * scale, seed))

    def load(self, folder: Path) -> ImageDescriptors:
        """Read what `save` wrote."""
        return ImageDescriptors.load(folder)


def _length_scales(descriptors: Floats, widths: Sequence[int]) -> Floats:
    """Return (v,) what makes the mean squared length of each kind one."""
    ends = np.cumsum(widths)
    deviations = [
        np.sqrt((descriptors[:, end - width : end] ** 2).sum(1).mean()) for width, end in zip(widths, ends, strict=True)
    ]
    return np.repeat(1 / np.maximum(deviations, 1e-6), widths).astype(np.float32)


def _principal_components(rows: Floats, seed: int) -> Floats:
    """Return (v, DIMENSIONS); columns beyond the rank are zero, so that the width never depends on the pool."""
    result = np.zeros((rows.shape[1], DIMENSIONS), np.float32)
    rank = min(DIMENSIONS, min(rows.shape))
    with limit_blas_threads():
        _, strengths, components = randomized_svd(rows, rank, n_iter=POWER_ITERATIONS, random_state=seed % 2**32)
    components[strengths < 1e-5] = 0
    result[:, :rank] = components.T
    return result
