"""Sparse feature matrices where dense ones were expected: cut, stacked, and seen through a dense sketch."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, issparse, vstack

Matrix: TypeAlias = NDArray[np.float32] | csr_matrix  # (n, d): dense or sparse, in memory or mapped
SKETCH_COLUMNS = 512
SKETCH_SEED = 20020729  # the same for everybody, for ever


def first_rows(features: Matrix, n: int) -> Matrix:
    """Return the first n rows (all, when there are fewer) without copying the numbers."""
    return slice_rows(features, 0, n)


def slice_rows(features: Matrix, start: int, stop: int) -> Matrix:
    """Return the rows start..stop-1 (those there are) without copying the numbers."""
    if isinstance(features, np.ndarray):
        return features[start:stop]
    if start == 0 and stop >= features.shape[0]:
        return features
    ends = features.indptr[start : stop + 1]
    first, last = int(ends[0]), int(ends[-1])
    cut = csr_matrix((len(ends) - 1, features.shape[1]), dtype=features.dtype)
    # one by one: passed together, what is less than half of another array would be copied
    cut.data, cut.indices = features.data[first:last], features.indices[first:last]
    cut.indptr = ends - ends[0] if first else ends
    return cut


def stack_rows(parts: Sequence[Matrix]) -> Matrix:
    """Return one matrix of the parts' rows, all dense or all sparse."""
    return vstack(parts, format="csr") if issparse(parts[0]) else np.vstack(parts)


def dense_view(features: Matrix) -> NDArray[np.float32]:
    """Return the features as strategies read them: an array, or what gives arrays when rows are asked for."""
    return cast("NDArray[np.float32]", CountSketch(features)) if issparse(features) else features


@dataclass(frozen=True)
class CountSketch:
    """A sparse matrix whose rows come out dense and short, and about as near to each other as they were.

    Each term is added to one of SKETCH_COLUMNS columns with a random sign; a cosine c is kept within about
    (1 - c * c) / sqrt(SKETCH_COLUMNS). Costs O(terms) a row. Charikar, Chen, Farach-Colton, Finding Frequent Items in
    Data Streams, ICALP 2002; Weinberger et al., Feature Hashing for Large Scale Multitask Learning, ICML 2009.
    """

    matrix: csr_matrix  # (n, d)
    ndim = 2
    dtype = np.dtype(np.float32)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the sketch."""
        return int(self.matrix.shape[0]), SKETCH_COLUMNS

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice | int | Sequence[int] | NDArray[np.generic]) -> NDArray[np.float32]:
        """Return (m, SKETCH_COLUMNS) float32 of a slice, a mask or row numbers; (SKETCH_COLUMNS,) of one number."""
        if isinstance(rows, int | np.integer):
            row: NDArray[np.float32] = self[[rows]][0]
            return row
        return np.asarray((self.matrix[rows] @ _sign_matrix(self.matrix.shape[1])).toarray(), np.float32)


@cache
def _sign_matrix(terms: int) -> csr_matrix:
    """Return (terms, SKETCH_COLUMNS): one 1 or -1 a row."""
    rng = np.random.default_rng(SKETCH_SEED)
    columns, signs = rng.integers(0, SKETCH_COLUMNS, terms), rng.choice(np.array([-1, 1], np.float32), terms)
    return csr_matrix((signs, (np.arange(terms), columns)), shape=(terms, SKETCH_COLUMNS), dtype=np.float32)


def to_dense(features: Matrix) -> NDArray[np.float32]:
    """Return the features as an array: of sparse ones the sketch, for estimators that cannot read sparse ones."""
    return np.asarray(dense_view(features)[:], np.float32)
