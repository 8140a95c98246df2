"""Scoring a large pool in one process, and in shards by several processes that share a folder.

    python -m benchmarks.shards [--items 300000] [--features 512] [--classes 10] [--workers 2]

Each worker is a process of its own that computes in one thread, as on a processor of its own; it takes the next shard
as soon as it is free, loads the model, and writes what it says. The matrix lies mapped in a temporary file. The best
of three.
"""

import argparse
import multiprocessing
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Report
from benchmarks.scale import _best, _fill
from learner.engine.arrays import blas_threads
from learner.engine.arrays.sparse import slice_rows
from learner.engine.contracts.estimator import Classifier
from learner.engine.estimators import ESTIMATORS, load_saved_model
from learner.engine.storage.shard_scores import ScoreFiles, Shard, split_rows_into_shards
from learner.engine.uncertainty.pool_scores import score_pool

ROWS = 65_536
LABELS = 500
ESTIMATORS_TRIED = ("logistic", "committee", "forest")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=300_000)
    parser.add_argument("--features", type=int, default=512)
    parser.add_argument("--classes", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    report, rng = Report(), np.random.default_rng(0)
    with tempfile.TemporaryDirectory(prefix="margin-shards-") as name:
        folder, shape = Path(name), (given.items, given.features)
        _fill(folder / "rows.f32", *shape, rng)
        report.title(f"{given.items:,} items x {given.features} features x {given.classes} classes")
        labels = rng.integers(given.classes, size=LABELS).astype(str)
        for estimator in ESTIMATORS_TRIED:
            _measure(report, folder, shape, estimator, labels, given.workers)
    return 0 if report.kept else 1


def _measure(
    report: Report, folder: Path, shape: tuple[int, int], estimator: str, labels: NDArray[np.str_], workers: int
) -> None:
    features = np.memmap(folder / "rows.f32", "<f4", "r", shape=shape)
    model = ESTIMATORS[estimator](features[: len(labels)], labels, 1)
    assert isinstance(model, Classifier)
    model.save(folder / "model")
    cut, files = split_rows_into_shards(shape[0], ROWS), ScoreFiles(folder / "scores")
    files.create_folder()
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), blas_threads.use_one_blas_thread) as pool:
        list(pool.map(abs, range(workers)))  # they have started
        apart = _best(lambda: list(pool.map(partial(_score, folder, shape), cut)))
        alone = _best(lambda: list(pool.map(partial(_score, folder, shape), [(0, shape[0])])))
    usual = _best(lambda: score_pool(model, features))
    same = np.array_equal(files.read(cut, model).array, score_pool(model, features).array)
    report.say(f"{estimator}: one process, {blas_threads.THREADS} threads", f"{usual:.2f} s")
    report.say(f"{estimator}: one process, 1 thread", f"{alone:.2f} s")
    report.say(
        f"{estimator}: {workers} processes of 1 thread, {len(cut)} shards", f"{apart:.2f} s", "bit for bit", same
    )


def _score(folder: Path, shape: tuple[int, int], shard: Shard) -> None:
    features = np.memmap(folder / "rows.f32", "<f4", "r", shape=shape)
    scored = score_pool(load_saved_model(folder / "model"), slice_rows(features, *shard))
    ScoreFiles(folder / "scores").write(shard, scored)


if __name__ == "__main__":
    sys.exit(main())
