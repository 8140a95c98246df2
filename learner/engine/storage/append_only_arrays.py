"""Rows of numbers in files that only grow: dense or sparse, written past what counts, read mapped.

How much counts is passed in: `rows`, and for sparse ones `entries`, the numbers that are not zero. Bytes beyond
that were left by a writer who was killed, and are cut off by the next one.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from learner.engine.arrays.sparse import Matrix

FLOAT, INDEX, OFFSET = np.dtype("<f4"), np.dtype("<i4"), np.dtype("<i8")


class RowFiles(Protocol):
    """The files of one matrix."""

    def is_complete(self, rows: int, entries: int) -> bool:
        """Whether the files hold that much."""
        ...

    def open(self, rows: int, entries: int) -> Matrix:
        """Return (rows, d), read-only and mapped. Raises FileNotFoundError."""
        ...

    def append(self, block: Matrix, rows: int, entries: int) -> int:
        """Write the block's rows behind the first `rows` and make sure of them; return the entries there are then."""
        ...


class DenseFiles:
    """rows.f32: row after row."""

    def __init__(self, folder: Path, dimensions: int) -> None:
        self.path, self.dimensions = folder / "rows.f32", dimensions

    def is_complete(self, rows: int, entries: int) -> bool:
        return _file_size(self.path) >= rows * self.dimensions * FLOAT.itemsize

    def open(self, rows: int, entries: int) -> NDArray[np.float32]:
        if rows == 0 or self.dimensions == 0:
            return np.empty((rows, self.dimensions), np.float32)
        return np.memmap(self.path, FLOAT, "r", shape=(rows, self.dimensions))

    def append(self, block: Matrix, rows: int, entries: int) -> int:
        _append_bytes(self.path, rows * self.dimensions * FLOAT.itemsize, np.ascontiguousarray(block, FLOAT))
        return entries


class SparseFiles:
    """data.f32, indices.i32: the entries, row after row; ends.i64: how many there are up to the end of each row."""

    def __init__(self, folder: Path, dimensions: int) -> None:
        self.data, self.indices, self.ends = folder / "data.f32", folder / "indices.i32", folder / "ends.i64"
        self.dimensions = dimensions

    def is_complete(self, rows: int, entries: int) -> bool:
        expected_sizes = zip(self._paths, self._byte_sizes(rows, entries), strict=True)
        return all(_file_size(path) >= size for path, size in expected_sizes)

    def open(self, rows: int, entries: int) -> csr_matrix:
        offsets = np.zeros(rows + 1, OFFSET)
        if rows:
            offsets[1:] = np.fromfile(self.ends, OFFSET, rows)
        data, indices = _map_file(self.data, FLOAT, entries), _map_file(self.indices, INDEX, entries)
        if entries <= np.iinfo(INDEX).max:  # else scipy would make a copy of the indices in the wider type
            offsets = offsets.astype(INDEX)
        result = csr_matrix((data, indices, offsets), shape=(rows, self.dimensions), copy=False)
        result.has_sorted_indices = True
        return result

    def append(self, block: Matrix, rows: int, entries: int) -> int:
        block = csr_matrix(block, dtype=FLOAT)
        block.sort_indices()
        ends = block.indptr[1:].astype(OFFSET) + entries
        parts = (block.data, block.indices.astype(INDEX), ends)
        for path, size, part in zip(self._paths, self._byte_sizes(rows, entries), parts, strict=True):
            _append_bytes(path, size, part)
        return entries + int(block.nnz)

    @property
    def _paths(self) -> Sequence[Path]:
        return self.data, self.indices, self.ends

    @staticmethod
    def _byte_sizes(rows: int, entries: int) -> Sequence[int]:
        return entries * FLOAT.itemsize, entries * INDEX.itemsize, rows * OFFSET.itemsize


def row_files(folder: Path, dimensions: int, *, sparse: bool) -> RowFiles:
    """Return the files of a matrix in a folder."""
    return SparseFiles(folder, dimensions) if sparse else DenseFiles(folder, dimensions)


def _file_size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _map_file(path: Path, dtype: np.dtype[np.generic], count: int) -> NDArray[np.generic]:
    return np.memmap(path, dtype, "r", shape=(count,)) if count else np.empty(0, dtype)


def _append_bytes(path: Path, size: int, part: NDArray[np.generic]) -> None:
    """Cut the file off after `size` bytes, write the part there and make sure of it on the disk."""
    with path.open("ab") as file:
        file.truncate(size)  # what a killed writer left
        file.write(part.tobytes())
        file.flush()
        os.fsync(file.fileno())
