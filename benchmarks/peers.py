"""One round beside other active-learning libraries: fit, score the pool, choose a batch, on the same features.

    python -m benchmarks.peers [--items 20000] [--features 512] [--classes 4] [--labels 500]
    python -m benchmarks.peers --items 1000000 --labels 500

All fit scikit-learn's logistic regression on the same labels; Margin's round does more: it also scores a test sample,
fits the control arm, keeps near-duplicates apart and ranks a queue of 200, of which a batch is 20.
"""

import argparse
import resource
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Report
from learner.engine.arrays.blas_threads import limit_blas_threads
from learner.engine.contracts.iteration import IterationInput, IterationSettings
from learner.engine.loop.iteration import run_iteration

BATCH, TEST, CONTROL = 20, 300, 50


@dataclass(frozen=True)
class Data:
    """A pool in blobs; the first `labelled` rows have labels."""

    features: NDArray[np.float32]
    labels: NDArray[np.intp]
    labelled: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--features", type=int, default=512)
    parser.add_argument("--classes", type=int, default=4)
    parser.add_argument("--labels", type=int, default=500)
    given = parser.parse_args()
    size = (given.items, given.features, given.classes, given.labels)
    report = Report()
    report.title(f"One round by margin: {given.items:,} items x {given.features} features, {given.classes} classes")
    ours = 0.0
    for name, work in ROUNDS.items():
        seconds, more = _alone(work, size)
        ours = ours or seconds
        report.say(name, f"{seconds:.2f} s; {seconds / ours:.1f} x; {more:,.0f} MB more")


def _alone(work: Callable[[Data], None], size: tuple[int, int, int, int]) -> tuple[float, float]:
    """Measure in a process of its own, so that each meets the same memory."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(_measure, work, size).result()


def _measure(work: Callable[[Data], None], size: tuple[int, int, int, int]) -> tuple[float, float]:
    """Return the seconds of the better of two runs, and by how many MB the process grew."""
    warnings.simplefilter("ignore")
    data = _data(*size)
    before, best = _most_mb(), np.inf
    for _ in range(2):
        started = time.perf_counter()
        work(data)
        best = min(best, time.perf_counter() - started)
    return best, _most_mb() - before


def _most_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _data(n: int, d: int, k: int, labelled: int) -> Data:
    rng = np.random.default_rng(0)
    labels = rng.integers(k, size=n)
    features = np.empty((n, d), np.float32)
    for start in range(0, n, 10_000):
        part = slice(start, start + 10_000)
        rows = rng.standard_normal(features[part].shape, np.float32) + 2 * np.eye(k, d, dtype=np.float32)[labels[part]]
        features[part] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return Data(features, labels, labelled)


def margin_round(data: Data) -> None:
    """A turn of Margin's loop."""
    n, rows = len(data.features), np.arange(data.labelled)
    available = np.ones(n, bool)
    available[: data.labelled + TEST] = False
    names = data.labels[rows].astype(str).astype(object)
    test = np.arange(data.labelled, data.labelled + TEST)
    inp = IterationInput(
        features=data.features,
        train_rows=rows,
        train_labels=names,
        control_rows=rows[:CONTROL],
        control_labels=names[:CONTROL],
        available=available,
        random_rows=np.arange(data.labelled + TEST, min(n, data.labelled + TEST + 1000)),
        test_rows=test,
        open_test_rows=test,
        seed=1,
        round_number=1,
    )
    run_iteration(inp, IterationSettings(strategy="margin", batch_size=BATCH))


def activeml_round(data: Data) -> None:
    """scikit-activeml 1.0: fit and query."""
    from skactiveml.classifier import SklearnClassifier
    from skactiveml.pool import UncertaintySampling
    from sklearn.linear_model import LogisticRegression

    known = np.full(len(data.labels), np.nan)
    known[: data.labelled] = data.labels[: data.labelled]
    with limit_blas_threads():
        model = SklearnClassifier(LogisticRegression(), classes=np.unique(data.labels))
        UncertaintySampling(method="margin_sampling").query(data.features, known, model, batch_size=BATCH)


def small_text_round(data: Data) -> None:
    """small-text 1.4: fit and query by breaking ties."""
    from sklearn.linear_model import LogisticRegression
    from small_text import BreakingTies, SklearnClassifierFactory, SklearnDataset

    k, everything = len(np.unique(data.labels)), np.arange(len(data.labels))
    with limit_blas_threads():
        pool = SklearnDataset(data.features, data.labels)
        model = SklearnClassifierFactory(LogisticRegression(), k).new()
        model.fit(pool[: data.labelled])
        BreakingTies().query(
            *(model, pool, everything[data.labelled :], everything[: data.labelled]),
            *(data.labels[: data.labelled],),
            n=BATCH,
        )


ROUNDS: dict[str, Callable[[Data], None]] = {
    "Margin": margin_round,
    "scikit-activeml": activeml_round,
    "small-text": small_text_round,
}


if __name__ == "__main__":
    main()
