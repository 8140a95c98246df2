"""Pictures to numbers without a neural network: colours, places, shapes and textures, reduced to main directions.

Four kinds of numbers, each brought to the same spread, so that none drowns the others:

- joint histograms of hue, saturation and value, of the whole picture and of its middle (Swain and Ballard, Color
  indexing, IJCV 1991), as square roots;
- mean and spread of CIELAB in a grid of 4 by 4 (Stricker and Orengo, Similarity of color images, 1995);
- histograms of oriented gradients (Dalal and Triggs, CVPR 2005);
- local binary patterns, uniform and invariant to rotation, in two sizes (Ojala, Pietikäinen and Mäenpää, PAMI 2002).

Fitted on unlabelled pictures: it needs no answers.
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

from learner.engine.arrays.blas_threads import few_threads
from learner.engine.features.image_loading import opened

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]

SIDE = 128  # pixels of the square that each picture is looked at as
MIDDLE = slice(SIDE // 4, SIDE - SIDE // 4)
WHOLE_AND_MIDDLE = ((slice(None), slice(None)), (MIDDLE, MIDDLE))
HUES, SATURATIONS, VALUES = 12, 4, 4
CELLS, GRID_SIDE = 4, 64
PATTERNS = ((8, 1), (16, 2))  # points, radius
DIMENSIONS = 128
POWER_ITERATIONS = 2
SAMPLE = 1000  # pictures it is fitted on, at most: half a minute, and what more would change is lost in the noise


def _colours(image: Image.Image) -> Floats:
    hue, saturation, value = np.moveaxis(np.asarray(image.convert("HSV"), np.intp), -1, 0)
    bins = (hue * HUES // 256 * SATURATIONS + saturation * SATURATIONS // 256) * VALUES + value * VALUES // 256
    return _histograms(bins, HUES * SATURATIONS * VALUES)


def _histograms(bins: NDArray[np.intp], count: int) -> Floats:
    """Return (2 count,): the square roots of the shares of the bins, in all of it and in its middle."""
    parts = (bins[part].ravel() for part in WHOLE_AND_MIDDLE)
    return np.concatenate([np.sqrt(np.bincount(part, minlength=count) / part.size) for part in parts]).astype(
        np.float32
    )


def _places(image: Image.Image) -> Floats:
    lab = rgb2lab(np.asarray(image.resize((GRID_SIDE, GRID_SIDE), Image.Resampling.BOX))) / 100
    step = GRID_SIDE // CELLS
    cells = lab.reshape(CELLS, step, CELLS, step, 3)
    return np.concatenate([cells.mean((1, 3)).ravel(), cells.std((1, 3)).ravel()]).astype(np.float32)


def _shapes(image: Image.Image) -> Floats:
    found = hog(
        np.asarray(image),
        orientations=9,
        pixels_per_cell=(16, 16),
        cells_per_block=(2, 2),
        transform_sqrt=True,
        channel_axis=-1,
    )
    return np.asarray(found, np.float32)


def _textures(image: Image.Image) -> Floats:
    grey = np.asarray(image.convert("L"))
    pattern: Any = local_binary_pattern  # it has no types
    found = [(pattern(grey, points, radius, "uniform"), points + 2) for points, radius in PATTERNS]
    return np.concatenate([_histograms(patterns.astype(np.intp), count) for patterns, count in found])


KINDS: tuple[Callable[[Image.Image], Floats], ...] = (_colours, _places, _shapes, _textures)


def _square(path: str) -> Image.Image:
    return opened(path).resize((SIDE, SIDE), Image.Resampling.BILINEAR)


def _look(path: str) -> list[Floats]:
    image = _square(path)
    return [kind(image) for kind in KINDS]


def _widths() -> list[int]:
    return [len(part) for part in _look("")]


@dataclass(frozen=True)
class Looks:
    """The transformer."""

    mean: Floats  # (v,)
    scale: Floats  # (v,): one number for all of a kind
    components: Floats  # (v, d)

    @property
    def dimensions(self) -> int:
        """How many columns `transform` gives."""
        return int(self.components.shape[1])

    def transform(self, paths: Sequence[str]) -> Floats:
        """Return (m, d) float32 rows of length one, or zero, of the pictures in these files."""
        if not len(paths):
            return np.zeros((0, self.dimensions), np.float32)
        with few_threads(1):
            looks = np.stack([np.concatenate(_look(path)) for path in paths])
            rows = np.asarray((looks - self.mean) * self.scale @ self.components, np.float32)
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.float32(1e-6))
        return rows

    def save(self, folder: Path) -> None:
        """Write images.npz."""
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(folder / "images.npz", mean=self.mean, scale=self.scale, components=self.components)

    @classmethod
    def load(cls, folder: Path) -> "Looks":
        """Read what `save` wrote."""
        with np.load(folder / "images.npz", allow_pickle=False) as arrays:
            return cls(arrays["mean"], arrays["scale"], arrays["components"])


class ImageFeatures:
    """The feature set."""

    name = "images"
    needs_fit = True

    def fit(self, paths: Sequence[str], seed: int) -> Looks:
        """Learn spreads and directions from a sample of the pictures in these files."""
        rng = np.random.default_rng(seed)
        chosen = rng.choice(len(paths), SAMPLE, replace=False) if len(paths) > SAMPLE else range(len(paths))
        widths = _widths()
        looks = np.stack(
            [np.concatenate(_look(paths[place])) for place in chosen] or [np.zeros(sum(widths), np.float32)]
        )
        mean = looks.mean(0)
        looks -= mean
        scale = _scales(looks, widths)
        return Looks(mean, scale, _directions(looks * scale, seed))

    def load(self, folder: Path) -> Looks:
        """Read what `save` wrote."""
        return Looks.load(folder)


def _scales(looks: Floats, widths: Sequence[int]) -> Floats:
    """Return (v,) what makes the mean squared length of each kind one."""
    ends = np.cumsum(widths)
    spreads = [
        np.sqrt((looks[:, end - width : end] ** 2).sum(1).mean()) for width, end in zip(widths, ends, strict=True)
    ]
    return np.repeat(1 / np.maximum(spreads, 1e-6), widths).astype(np.float32)


def _directions(rows: Floats, seed: int) -> Floats:
    """Return (v, DIMENSIONS); columns beyond the rank are zero, so that the width never depends on the pool."""
    result = np.zeros((rows.shape[1], DIMENSIONS), np.float32)
    wanted = min(DIMENSIONS, min(rows.shape))
    with few_threads():
        _, strengths, found = randomized_svd(rows, wanted, n_iter=POWER_ITERATIONS, random_state=seed % 2**32)
    found[strengths < 1e-5] = 0
    result[:, :wanted] = found.T
    return result
