"""Feature sets compared by random labels on a labelled CSV file, or on an archive of images with labels.csv in it.

    python -m benchmarks.features DATA.csv.gz [--items 3000] [--features text tfidf] [--estimators logistic svm]
    python -m benchmarks.features trec/train.csv.gz --column fine_label --likeliest 5
    python -m benchmarks.features IMAGES.zip --features images image_encoder:MODEL --labels 50 100 200

Prints the share of right answers on the items without a label, mean over the draws; or the share whose label is among
so many of the likeliest. And the seconds an item that the features took, once they were fitted.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.pool import distinct, thumbnails
from learner.engine.contracts.estimator import Classifier
from learner.engine.estimators import ESTIMATORS
from learner.engine.estimators.class_probabilities import top_labels
from learner.engine.features import FeatureSet, feature_set_named, transform_in_chunks

OF_TEXTS = ("text", "static", "lsa", "ngrams", "tfidf")
OF_IMAGES = ("images",)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--items", type=int, default=3000)
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--labels", type=int, nargs="+", default=[100, 500])
    parser.add_argument("--features", nargs="+", type=_named, metavar="NAME", help="names of feature sets")
    parser.add_argument("--estimators", nargs="+", choices=sorted(ESTIMATORS), default=["logistic"])
    parser.add_argument("--column", default="label", help="of the labels")
    parser.add_argument("--likeliest", type=int, default=1)
    given = parser.parse_args()
    pictures = given.data.suffix == ".zip"
    with tempfile.TemporaryDirectory() as folder:
        contents, labels = thumbnails(given.data, Path(folder)) if pictures else distinct(given.data, given.column)
        some = np.random.default_rng(0).permutation(len(contents))[: given.items]
        contents, labels = [contents[i] for i in some], labels[some]
        for name, kind in given.features or map(_named, OF_IMAGES if pictures else OF_TEXTS):
            _compare(name, kind, contents, labels, given)


def _named(name: str) -> tuple[str, FeatureSet]:
    kind = feature_set_named(name)
    if kind is None:
        raise argparse.ArgumentTypeError(f"there is no feature set {name!r}")
    return name, kind


def _compare(name: str, kind: FeatureSet, contents: list[str], labels: np.ndarray, given: argparse.Namespace) -> None:
    transformer = kind.fit(contents, 0)
    started = time.perf_counter()
    rows = transform_in_chunks(transformer, contents)
    seconds = (time.perf_counter() - started) / len(contents)
    for estimator in given.estimators:
        shares = " ".join(f"{_right(rows, labels, estimator, n, given):.3f}" for n in given.labels)
        print(f"{name:8s} {estimator:10s} {shares}   {seconds:.4f} s an item", flush=True)


def _right(rows: np.ndarray, labels: np.ndarray, estimator: str, n: int, given: argparse.Namespace) -> float:
    found = []
    for seed in range(1, given.draws + 1):
        order = np.random.default_rng(seed).permutation(len(labels))
        model = ESTIMATORS[estimator](rows[order[:n]], labels[order[:n]], 0)
        assert isinstance(model, Classifier)
        rest = order[n:]
        likeliest = top_labels(model.classes, model.predict_proba(rows, rest), given.likeliest)
        pairs = zip(labels[rest], likeliest, strict=True)
        found.append(np.mean([label in [name for name, _ in some] for label, some in pairs]))
    return float(np.mean(found))


if __name__ == "__main__":
    main()
