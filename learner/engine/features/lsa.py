"""Latent semantic analysis: TF-IDF of the pool's own terms, reduced to its main directions.

Fitted on unlabelled texts, so it knows the pool's subject before anybody has answered; carries every language.
Deerwester et al., Indexing by Latent Semantic Analysis, JASIS 1990.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.utils.extmath import randomized_svd

from learner.engine.arrays.blas_threads import limit_blas_threads
from learner.engine.features import tfidf_terms
from learner.engine.features.tfidf_terms import MAX_FITTED_TEXTS, UNSPACED, Tfidf, sample_texts, script_of_texts

DIMENSIONS = 256
POWER_ITERATIONS = 2


@dataclass(frozen=True)
class Lsa:
    """The transformer."""

    tfidf: Tfidf
    components: NDArray[np.float32]  # (v, d)
    unit: bool = True  # rows have length one, or zero for a text without a known term; else as long as they come

    @property
    def dimensions(self) -> int:
        """How many columns `transform` gives."""
        return int(self.components.shape[1])

    def transform(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (m, d) float32."""
        if not len(texts) or not len(self.components):
            return np.zeros((len(texts), self.dimensions), np.float32)
        rows = np.asarray(self.tfidf.transform(texts) @ self.components, np.float32)
        if self.unit:
            rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.float32(1e-6))
        return rows

    def save(self, folder: Path) -> None:
        """Write lsa.npz and the terms."""
        self.tfidf.save(folder)
        np.savez(folder / "lsa.npz", components=self.components, unit=np.array(self.unit))

    @classmethod
    def load(cls, folder: Path) -> "Lsa":
        """Read what `save` wrote."""
        with np.load(folder / "lsa.npz", allow_pickle=False) as arrays:
            return cls(Tfidf.load(folder), arrays["components"], bool(arrays["unit"]))


class LsaFeatures:
    """The feature set."""

    needs_fit = True

    def __init__(self, name: str, analysers: Sequence[str]) -> None:
        """`analysers` are for scripts with spaces between words; texts in other scripts are cut into characters."""
        self.name, self.analysers = name, tuple(analysers)

    def fit(self, texts: Sequence[str], seed: int) -> Lsa:
        """Learn terms and directions from a sample of the texts."""
        texts = sample_texts(texts, MAX_FITTED_TEXTS, seed)
        return fit_lsa(texts, ("char",) if script_of_texts(texts) == UNSPACED else self.analysers, seed)

    def load(self, folder: Path) -> Lsa:
        """Read what `save` wrote."""
        return Lsa.load(folder)


def fit_lsa(texts: Sequence[str], analysers: Sequence[str], seed: int, dimensions: int = DIMENSIONS) -> Lsa:
    """Learn from all of the texts."""
    tfidf, rows = tfidf_terms.fit_tfidf(texts, analysers)
    return Lsa(tfidf, _principal_components(rows, dimensions, seed))


def _principal_components(rows: csr_matrix, dimensions: int, seed: int) -> NDArray[np.float32]:
    """Return (v, dimensions); columns beyond the rank are zero, so that the width never depends on the pool."""
    result = np.zeros((rows.shape[1], dimensions), np.float32)
    rank = min(dimensions, min(rows.shape))
    if rank:
        with limit_blas_threads():
            _, strengths, components = randomized_svd(rows, rank, n_iter=POWER_ITERATIONS, random_state=seed % 2**32)
        components[strengths < 1e-5] = 0
        result[:, :rank] = components.T
    return result
