"""The probabilities of one round's pool in files of so many rows each: written by anybody, read when all are there.

    <folder>/<first row>-<row after the last>.npy

A file is whole or not there. Who computes one again writes the same numbers, so it does not matter who was first.
The folder is made when the pool is shared out and removed when the round ends: who is late finds none, and
leaves nothing behind.
"""

import math
import os
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from learner.engine.arrays.batched_scoring import CHUNK

Shard = tuple[int, int]  # first row, row after the last


def shards(items: int, rows: int) -> list[Shard]:
    """Cut a pool into as few shards of about so many rows as will do, none much longer than the others.

    They begin where a chunk begins that is scored at once: so each chunk is the one that it would be in the whole.
    """
    chunks = math.ceil(items / CHUNK)
    number = math.ceil(chunks / max(rows // CHUNK, 1))
    ends = [min(chunks * (place + 1) // number * CHUNK, items) for place in range(number)]
    return list(pairwise([0, *ends]))


class ScoreFiles:
    """The shards of one round that are scored."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def begin(self) -> None:
        """Make room for shards."""
        self.folder.mkdir(parents=True, exist_ok=True)

    def has(self, shard: Shard) -> bool:
        return self._path(shard).exists()

    def missing(self, wanted: Sequence[Shard]) -> list[Shard]:
        return [shard for shard in wanted if not self.has(shard)]

    def write(self, shard: Shard, proba: NDArray[np.float32]) -> None:
        """Keep the (rows, k) probabilities of a shard. Raises FileNotFoundError when the folder is gone."""
        path = self._path(shard)
        beside = path.with_name(f"{path.name}.{uuid4().hex}.new")
        with beside.open("wb") as file:
            np.save(file, proba, allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)

    def read(self, wanted: Sequence[Shard]) -> NDArray[np.float32]:
        """Return the (n, k) probabilities of shards that follow each other. Raises FileNotFoundError."""
        parts = [np.load(self._path(shard), mmap_mode="r", allow_pickle=False) for shard in wanted]
        whole: NDArray[np.float32] = np.concatenate(parts)
        return whole

    def _path(self, shard: Shard) -> Path:
        return self.folder / f"{shard[0]}-{shard[1]}.npy"
