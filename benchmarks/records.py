"""Average precision of the rarer class in a table, by strategy and learner: random labels against chosen ones.

python -m benchmarks.records bank_marketing.csv.gz --label y --without duration
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.formats import FORMATS, Record, cell_text, detect_text_format, open_unpacked_text
from learner.engine.arrays.blas_threads import use_one_blas_thread
from learner.engine.contracts.estimator import Classifier
from learner.engine.contracts.iteration import IterationSettings
from learner.engine.evaluation.precision_recall import average_precision
from learner.engine.features.table_rows import TableRowFeatures
from learner.engine.simulation.simulated_labelling import LabelledData, simulate_labelling

SHUFFLE = 1234  # of the rows, before they are parted


def read(path: Path, label: str, without: list[str]) -> tuple[list[dict[str, Any]], NDArray[np.str_]]:
    """Return the rows of a table and their labels."""
    with path.open("rb") as file:
        options = detect_text_format(file).options
        file.seek(0)
        found = FORMATS[options.format].read(open_unpacked_text(file, options), options)
        rows = [row.fields for row in found if isinstance(row, Record)]
    labels = np.array([cell_text(row.pop(label)) for row in rows])
    kept = [{name: value for name, value in row.items() if name not in without} for row in rows]
    return kept, labels


def main() -> None:
    use_one_blas_thread()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--label", required=True)
    parser.add_argument("--without", nargs="*", default=[], metavar="COLUMN")
    parser.add_argument("--strategies", nargs="*", default=["random", "margin", "boltzmann_kmeans"])
    parser.add_argument("--estimators", nargs="*", default=["logistic"])
    parser.add_argument("--budgets", nargs="*", type=int, default=[500, 1000])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--held", type=int, default=10_000, help="rows to judge by")
    given = parser.parse_args()

    rows, labels = read(given.data, given.label, given.without)
    names, counts = np.unique(labels, return_counts=True)
    rare = str(names[counts.argmin()])
    features = TableRowFeatures().fit(rows, 0).transform(rows)
    order = np.random.default_rng(SHUFFLE).permutation(len(labels))
    held, pool = order[: given.held], order[given.held :]
    inside = LabelledData(features[pool], labels[pool])
    outside = LabelledData(features[held], labels[held])
    print(f"{len(rows)} rows, {features.shape[1]} numbers each; {rare}: {np.mean(labels == rare):.3f}")
    for estimator in given.estimators:
        for strategy in given.strategies:
            for budget in given.budgets:
                settings = IterationSettings(strategy=strategy, estimator=estimator)
                found = []
                for seed in range(given.seeds):
                    model = simulate_labelling(inside, settings, seed, budget, held_out=outside).result.model
                    if isinstance(model, Classifier) and rare in model.classes:
                        proba = model.predict_proba(outside.features)[:, model.classes.index(rare)]
                        found.append(average_precision(proba, outside.labels == rare))
                mean, spread = np.mean(found), np.std(found)
                print(
                    f"{estimator:12}{strategy:20}{budget:6}  {mean:.4f} +- {spread:.4f} ({len(found)} seeds)",
                    flush=True,
                )


if __name__ == "__main__":
    main()
