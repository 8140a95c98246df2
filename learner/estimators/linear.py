"""The linear model: what every estimator returns and every strategy asks."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Model:
    """Class probabilities by softmax of a linear score; nothing but numbers, so it travels as .npz and JSON."""

    weights: Floats  # (d, k)
    intercept: Floats  # (k,)
    classes: tuple[str, ...]  # k of them, sorted
    features: str = ""  # version of the features it was fitted on

    def predict_proba(self, features: NDArray[Any], rows: NDArray[np.intp] | None = None) -> Floats:
        """Return (n, k) float32 probabilities of all rows, or of the given ones."""
        raise NotImplementedError

    def predict(self, features: NDArray[Any], rows: NDArray[np.intp] | None = None) -> NDArray[np.str_]:
        """Return the most probable class of all rows, or of the given ones."""
        raise NotImplementedError

    def save(self, folder: Path) -> None:
        """Write model.npz and model.json into the folder."""
        raise NotImplementedError

    @classmethod
    def load(cls, folder: Path) -> "Model":
        """Read what `save` wrote."""
        raise NotImplementedError
