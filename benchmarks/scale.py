"""Scoring and ranking a pool of a million items, over one pass through its feature matrix.

    python -m benchmarks.scale [--items 1000000] [--features 512] [--classes 10]

The matrix lies mapped in a temporary file, as the store keeps it, and is read once before the clock starts. A pass
sums its rows in the same chunks, one thread; the best of three of everything.
"""

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.report import Report
from learner.engine.arrays.batched_scoring import BATCH_ROWS
from learner.engine.estimators.linear.linear_model import LinearModel
from learner.engine.query_strategies import STRATEGIES, Pool, QueryParams

MOST_PASSES = 3.0
PICKED = ("margin", "boltzmann", "entropy", "boltzmann_kmeans", "weighted_kmeans", "core_set", "badge", "spread")
COUNT = 200


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--features", type=int, default=512)
    parser.add_argument("--classes", type=int, default=10)
    given = parser.parse_args()
    report = Report()
    with tempfile.TemporaryDirectory(prefix="margin-scale-") as folder:
        _measure(report, Path(folder) / "rows.f32", given.items, given.features, given.classes)
    return 0 if report.kept else 1


def _measure(report: Report, path: Path, n: int, d: int, k: int) -> None:
    rng = np.random.default_rng(0)
    _fill(path, n, d, rng)
    features = np.memmap(path, "<f4", "r", shape=(n, d))
    model = LinearModel(
        rng.normal(size=(d, k)).astype(np.float32), np.zeros(k, np.float32), tuple(str(name) for name in range(k))
    )
    report.title(f"{n:,} items x {d} features x {k} classes")
    one_pass = _best(lambda: [features[start : start + BATCH_ROWS].sum(axis=0) for start in range(0, n, BATCH_ROWS)])
    report.say("One pass over the matrix", f"{one_pass:.2f} s")
    watch = _Watch()
    watch.start()
    score = _best(lambda: model.predict_proba(features))
    proba = model.predict_proba(features)
    pool = Pool(features, np.ones(n, bool), proba, labelled_rows=np.arange(100), labelled_classes=np.arange(100) % k)
    for name in PICKED:
        seconds = _best(lambda name=name: STRATEGIES[name](pool, COUNT, QueryParams(seed=1, round_number=1)))  # type: ignore[misc]
        whole = (score + seconds) / one_pass
        limited = name in ("margin", "boltzmann", "entropy")
        verdict = (f"at most {MOST_PASSES:g} passes", whole <= MOST_PASSES) if limited else ("", None)
        report.say(f"Scoring {score:.2f} s, {name} {seconds:.2f} s", f"{whole:.1f} passes", *verdict)
    report.say(
        "Memory beyond the mapped matrix, over the matrix", f"{(watch.most - watch.first) / (n * d * 4e-6):.2f} : 1"
    )


def _fill(path: Path, n: int, d: int, rng: np.random.Generator) -> None:
    """Write rows of length one around a hundred centres."""
    centres = rng.normal(size=(100, d)).astype(np.float32)
    with path.open("wb") as file:
        for start in range(0, n, BATCH_ROWS):
            rows = centres[rng.integers(100, size=min(BATCH_ROWS, n - start))]
            rows = rows + rng.standard_normal(rows.shape, np.float32)
            file.write((rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype("<f4").tobytes())


def _best(run: Callable[[], Any]) -> float:
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - started)
    return min(seconds)


class _Watch(threading.Thread):
    """Notes the most memory that is our own; pages of mapped files are not."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most = self.first = _own_mb()

    def run(self) -> None:
        while True:
            self.most = max(self.most, _own_mb())
            time.sleep(0.01)


def _own_mb() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("This system does not say how much memory is a process's own.")


if __name__ == "__main__":
    sys.exit(main())
