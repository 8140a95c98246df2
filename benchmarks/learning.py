"""Learning curves by replay: how many labels a strategy needs on a labelled CSV file.

    python -m benchmarks.learning POOL.csv.gz [--test TEST.csv.gz] [--strategy boltzmann] [--budget 400] [--seeds 5]

Prints accuracy and macro F1, mean and worst over the seeds, on items that were never used for training.
"""

import argparse
import csv
import gzip
from pathlib import Path

import numpy as np

from learner.cycle import CycleSettings
from learner.features import FEATURE_SETS
from learner.simulation import Held, Replay, simulate
from learner.strategies import STRATEGIES


def read(path: Path) -> tuple[list[str], np.ndarray]:
    """Return texts and labels without exact duplicates."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        by_text = {row["text"]: row["label"] for row in reversed(list(csv.DictReader(file)))}
    return list(by_text), np.array(list(by_text.values()))


def report(replays: list[Replay], budget: int) -> None:
    for labels in sorted({50, 100, 200, 400, budget}):
        points = [[point for point in replay.curve if point.labels <= labels] for replay in replays]
        if labels > budget or not all(points):
            continue
        accuracy, f1 = ([getattr(one[-1], name) for one in points] for name in ("accuracy", "macro_f1"))
        mean = f"accuracy {np.mean(accuracy):.3f} ({min(accuracy):.3f})  macro F1 {np.mean(f1):.3f} ({min(f1):.3f})"
        print(f"{labels:5d} labels: {mean}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pool", type=Path)
    parser.add_argument("--test", type=Path)
    parser.add_argument("--strategy", choices=sorted(STRATEGIES), default=CycleSettings.strategy)
    parser.add_argument("--effective-pool", type=float, default=CycleSettings.effective_pool)
    parser.add_argument("--budget", type=int, default=400)
    parser.add_argument("--seeds", type=int, default=5)
    given = parser.parse_args()
    texts, labels = read(given.pool)
    transformer = FEATURE_SETS["text"].fit(texts, 0)
    features = transformer.transform(texts)
    held = None
    if given.test:
        test_texts, test_labels = read(given.test)
        held = Held(transformer.transform(test_texts), test_labels)
    chosen = CycleSettings(strategy=given.strategy, effective_pool=given.effective_pool)
    report([simulate(features, labels, chosen, s, given.budget, held=held) for s in range(given.seeds)], given.budget)


if __name__ == "__main__":
    main()
