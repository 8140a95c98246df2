"""Feature sets compared by random labels on a labelled CSV file.

    python -m benchmarks.features DATA.csv.gz [--items 3000] [--features text tfidf] [--estimators logistic svm]
    python -m benchmarks.features trec/train.csv.gz --column fine_label --likeliest 5

Prints the share of right answers on the items without a label, mean over the draws; or the share whose label is among
so many of the likeliest.
"""

import argparse
from pathlib import Path

import numpy as np

from benchmarks.pool import distinct
from learner.estimators import ESTIMATORS
from learner.features import FEATURE_SETS

LABELS = (100, 500)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--items", type=int, default=3000)
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--features", nargs="+", choices=sorted(FEATURE_SETS), default=sorted(FEATURE_SETS))
    parser.add_argument("--estimators", nargs="+", choices=sorted(ESTIMATORS), default=["logistic"])
    parser.add_argument("--column", default="label", help="of the labels")
    parser.add_argument("--likeliest", type=int, default=1)
    given = parser.parse_args()
    texts, labels = distinct(given.data, given.column)
    some = np.random.default_rng(0).permutation(len(texts))[: given.items]
    texts, labels = [texts[i] for i in some], labels[some]
    for name in given.features:
        rows = FEATURE_SETS[name].fit(texts, 0).transform(texts)
        for estimator in given.estimators:
            shares = [_right(rows, labels, estimator, n, given) for n in LABELS]
            print(f"{name:8s} {estimator:10s} " + " ".join(f"{share:.3f}" for share in shares), flush=True)


def _right(rows: np.ndarray, labels: np.ndarray, estimator: str, n: int, given: argparse.Namespace) -> float:
    found = []
    for seed in range(1, given.draws + 1):
        order = np.random.default_rng(seed).permutation(len(labels))
        model = ESTIMATORS[estimator](rows[order[:n]], labels[order[:n]], 0)
        rest = order[n:]
        likeliest = model.likeliest(rows, rest, model.predict_proba(rows, rest), given.likeliest)
        pairs = zip(labels[rest], likeliest, strict=True)
        found.append(np.mean([label in [name for name, _ in some] for label, some in pairs]))
    return float(np.mean(found))


if __name__ == "__main__":
    main()
