"""Static word-piece embeddings, averaged: quick, English, good with few labels; nothing to fit."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from model2vec import StaticModel

FOLDER = Path(__file__).parent / "static-en-256"
CHUNK_TEXTS = 1024


@cache
def _load_static_model() -> "StaticModel":
    from model2vec import StaticModel as Loaded  # slow to import, and not everybody needs it

    return Loaded.from_pretrained(FOLDER, force_download=False)


class StaticEmbedding:
    """The transformer: rows of length one, or zero for a text without a known word piece."""

    dimensions = 256

    def transform(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (m, 256) float32."""
        if not len(texts):
            return np.empty((0, self.dimensions), np.float32)
        # its own processes would be started at each call
        rows = _load_static_model().encode(list(texts), batch_size=CHUNK_TEXTS, use_multiprocessing=False)
        rows = np.nan_to_num(np.asarray(rows, np.float32))
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.float32(1e-6))
        return rows

    def save(self, folder: Path) -> None:
        """Write nothing: the numbers ship with the program."""


class StaticFeatures:
    """The feature set."""

    name = "static"
    needs_fit = False

    def fit(self, texts: Sequence[str], seed: int) -> StaticEmbedding:
        """Return the one transformer there is."""
        return StaticEmbedding()

    def load(self, folder: Path) -> StaticEmbedding:
        """Return the one transformer there is."""
        return StaticEmbedding()
