"""The scores of one round's pool in files of so many rows each: written by anybody, read when all are there.

    <folder>/<first row>-<row after the last>.npy

A file holds (rows, k) probabilities or (rows,) uncertainties, and is whole or not there. Who computes one again
writes the same numbers, so it does not matter who was first. The folder is made when the pool is shared out and removed
when the round ends: who is late finds none, and leaves nothing behind.
"""

import math
import os
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from learner.engine.arrays.batched_scoring import BATCH_ROWS
from learner.engine.contracts.estimator import Classifier, Model
from learner.engine.uncertainty.pool_scores import PoolScores

Shard = tuple[int, int]  # first row, row after the last


def split_rows_into_shards(items: int, rows: int) -> list[Shard]:
    """Cut a pool into as few shards of about so many rows as will do, none much longer than the others.

    They begin where a batch of scoring begins: so each batch is the one that it would be in the whole.
    """
    batches = math.ceil(items / BATCH_ROWS)
    shard_count = math.ceil(batches / max(rows // BATCH_ROWS, 1))
    ends = [min(batches * (index + 1) // shard_count * BATCH_ROWS, items) for index in range(shard_count)]
    return list(pairwise([0, *ends]))


class ScoreFiles:
    """The shards of one round that are scored."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create_folder(self) -> None:
        """Make room for shards."""
        self.folder.mkdir(parents=True, exist_ok=True)

    def has(self, shard: Shard) -> bool:
        return self._shard_path(shard).exists()

    def missing(self, shards: Sequence[Shard]) -> list[Shard]:
        return [shard for shard in shards if not self.has(shard)]

    def write(self, shard: Shard, scores: PoolScores) -> None:
        """Keep the scores of a shard. Raises FileNotFoundError when the folder is gone."""
        path = self._shard_path(shard)
        new_path = path.with_name(f"{path.name}.{uuid4().hex}.new")
        with new_path.open("wb") as file:
            np.save(file, scores.array, allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
        new_path.replace(path)

    def read(self, shards: Sequence[Shard], model: Model) -> PoolScores:
        """Return the scores by that model of shards that follow each other. Raises FileNotFoundError."""
        parts = [np.load(self._shard_path(shard), mmap_mode="r", allow_pickle=False) for shard in shards]
        if isinstance(model, Classifier):
            return PoolScores(proba=np.concatenate(parts))
        return PoolScores(uncertainty=np.concatenate([_uncertainty_column(part) for part in parts]))

    def _shard_path(self, shard: Shard) -> Path:
        return self.folder / f"{shard[0]}-{shard[1]}.npy"


def _uncertainty_column(part: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (rows,) of a file; a worker of 0.1.0 wrote two columns, 1 - u / 2 and u / 2."""
    return part if part.ndim == 1 else part[:, 1] * 2
