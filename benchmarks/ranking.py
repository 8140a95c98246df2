"""What choosing costs: ranking a large pool by each strategy, as a ratio to one pass over the probabilities.

python benchmarks/ranking.py                          # the uncertainty family, 1,000,000 x 10, as promised
python benchmarks/ranking.py --strategies all         # every strategy, features of 64 columns
python benchmarks/ranking.py --rows 100000 --features 256 --strategies margin,badge
"""

import argparse
import sys
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.report import Report
from learner.engine.query_strategies import STRATEGIES, Pool, QueryParams

PROMISED = ("margin", "least_confidence", "entropy", "boltzmann")
SECONDS = 0.08
ROWS, CLASSES, PICKED, LABELLED = 1_000_000, 10, 100, 200
BATCH = 20
SLOW = 10.0  # seconds a diverse strategy may take on a million items


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--features", type=int, default=64, help="columns of the feature matrix")
    parser.add_argument("--strategies", default=",".join(PROMISED), help="names with commas between, or all")
    given = parser.parse_args()
    names = [*STRATEGIES] if given.strategies == "all" else given.strategies.split(",")
    report = Report()
    measure(report, pool(given.rows, given.features), names)
    return 0 if report.kept else 1


def measure(report: Report, items: Pool, names: list[str]) -> None:
    """Print seconds, passes over the probabilities and memory of each strategy."""
    assert items.proba is not None
    proba = items.proba
    once = best_of(5, lambda: proba.max())
    rows, classes = proba.shape
    report.title(f"{rows:,} x {classes} probabilities, {PICKED} picked; one pass over them is {once * 1000:.1f} ms")
    for name in names:
        work = partial(choose, name, items)
        seconds = best_of(5 if name in PROMISED else 1, work)
        more = peak_of(work) / proba.nbytes
        promise = SECONDS * rows / ROWS if name in PROMISED else SLOW
        what = f"{name}: {seconds / once:.0f} passes, {more:.1f} times the probabilities in memory"
        report.say(what, f"{seconds:.3f} s", f"at most {promise:g} s", seconds <= promise)


def choose(name: str, items: Pool) -> None:
    picks = STRATEGIES[name](items, PICKED, QueryParams(1, 1, batch_size=BATCH, effective_pool=2 * BATCH))
    assert len(picks.rows) == PICKED


def pool(rows: int, columns: int) -> Pool:
    """Return a pool of so many rows in so many clusters as there are classes, and what a model would say of them."""
    rng = np.random.default_rng(0)
    proba = rng.random((rows, CLASSES), dtype=np.float32)
    proba **= 4
    proba /= proba.sum(axis=1, keepdims=True)
    features = rng.standard_normal((rows, columns), dtype=np.float32)
    features[:, :CLASSES] += 3 * proba[:, :columns]
    available, labelled = np.ones(rows, bool), np.arange(LABELLED)
    available[labelled] = False
    labels = proba[labelled].argmax(axis=1)
    return Pool(
        features,
        available,
        proba,
        labelled_rows=labelled,
        labelled_classes=labels,
        committee=lambda at: committee(proba[at]),
    )


def committee(proba: NDArray[np.float32], members: int = 8) -> NDArray[np.float32]:
    sharper: NDArray[np.float32] = np.stack([proba ** (1 + member / members) for member in range(members)])
    sharper /= sharper.sum(axis=2, keepdims=True)
    return sharper


def best_of(times: int, work: Callable[[], object]) -> float:
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


def peak_of(work: Callable[[], object]) -> float:
    """Return the most bytes that the work held at once beyond what there was."""
    tracemalloc.start()
    work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


if __name__ == "__main__":
    sys.exit(main())
