"""Root mean square error of a number in a table, by strategy and learner: random labels against chosen ones.

python -m benchmarks.record_numbers bank_marketing.csv.gz --label age --without duration y
python -m benchmarks.record_numbers diabetes
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_diabetes

from benchmarks.records import SHUFFLE, read
from learner.engine.arrays.blas_threads import use_one_blas_thread
from learner.engine.contracts.iteration import IterationSettings
from learner.engine.evaluation.regression_error import point_error_metrics
from learner.engine.features.table_rows import TableRowFeatures
from learner.engine.simulation.simulated_labelling import LabelledData, simulate_labelling

STRATEGIES = ["random", "margin", "boltzmann", "boltzmann_kmeans", "core_set", "spread"]
T95 = {5: 2.776, 10: 2.262, 20: 2.093}  # quantiles of Student's t for so many seeds


def table(given: argparse.Namespace) -> tuple[list[dict[str, Any]], NDArray[np.str_]]:
    """Return rows and numbers of a file, or of the data set `diabetes` that scikit-learn carries."""
    if given.data != "diabetes":
        return read(Path(given.data), given.label, given.without)
    found = load_diabetes(scaled=False)
    rows = [dict(zip(found.feature_names, map(str, row), strict=True)) for row in found.data]
    return rows, found.target.astype(str)


def main() -> None:
    use_one_blas_thread()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="a file, or the word diabetes")
    parser.add_argument("--label", default="target")
    parser.add_argument("--without", nargs="*", default=[], metavar="COLUMN")
    parser.add_argument("--strategies", nargs="*", default=STRATEGIES)
    parser.add_argument("--estimators", nargs="*", default=["numbers"])
    parser.add_argument("--budgets", nargs="*", type=int, default=[50, 100, 200, 400])
    parser.add_argument("--seeds", type=int, default=5, choices=T95)
    parser.add_argument("--pool", type=int, default=4000, help="rows to choose from")
    parser.add_argument("--held", type=int, default=10_000, help="rows to judge by")
    given = parser.parse_args()

    rows, labels = table(given)
    features = TableRowFeatures().fit(rows, 0).transform(rows)
    order = np.random.default_rng(SHUFFLE).permutation(len(labels))
    held, pool = order[: given.held], order[given.held : given.held + given.pool]
    inside = LabelledData(features[pool], labels[pool])
    outside = LabelledData(features[held], labels[held])
    truth = labels[held].astype(float)
    print(f"{len(pool)} rows to choose from, {features.shape[1]} numbers each; the mean is off by {truth.std():.2f}")
    for estimator in given.estimators:
        for budget in given.budgets:
            by_lot = np.zeros(given.seeds)
            for strategy in given.strategies:
                settings = IterationSettings(strategy=strategy, estimator=estimator)
                found = np.zeros(given.seeds)
                for seed in range(given.seeds):
                    model = simulate_labelling(inside, settings, seed, budget, held_out=outside).result.model
                    assert model is not None
                    found[seed] = point_error_metrics(truth, model.predict(outside.features).astype(float))["rmse"]
                by_lot = found if strategy == "random" else by_lot
                against = _against(found - by_lot)
                print(f"{estimator:14}{budget:5}  {strategy:18}{found.mean():8.2f}  {against}", flush=True)


def _against(more: NDArray[np.float64]) -> str:
    """Say how much more a strategy is off than random labels of the same seeds are, with the interval of 95 %."""
    half = T95[len(more)] * more.std(ddof=1) / np.sqrt(len(more))
    return f"{more.mean():+6.2f} ({more.mean() - half:+.2f} to {more.mean() + half:+.2f})"


if __name__ == "__main__":
    main()
