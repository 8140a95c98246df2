"""A number by regression trees, or by ridge regressions where a project's own random labels speak for them.

Labels that a strategy chose are not like the pool: a straight line that fits them best leads away from it, while trees
go by what is near. (Measured on customers' ages: evaluated on chosen labels ridge regressions took the trees' place,
and explained .23 where these did .36.) So only labels of the random arm evaluate; where others train as well ridge
regressions have to be better by more than chance explains, as another estimator has in `auto`.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.engine.arrays.sparse import Matrix
from learner.engine.estimators.regression import bagged_ridge, bagged_trees
from learner.engine.estimators.regression.bagged_ridge import RidgeModel
from learner.engine.estimators.regression.bagged_trees import NumberTreesModel
from learner.engine.fitting.tuning import MIN_RANDOM_LABELS


def fit(
    features: Matrix, labels: NDArray[Any], seed: int, is_random_sample: NDArray[np.bool_] | None = None
) -> RidgeModel | NumberTreesModel:
    """Fit both; `labels` (m,) are texts of numbers. Trees, too, while fewer than MIN_RANDOM_LABELS can evaluate."""
    is_evaluation_row = np.ones(len(labels), bool) if is_random_sample is None else is_random_sample
    linear, linear_errors = bagged_ridge.fit_with_errors(features, labels, seed, is_random_sample)
    trees, tree_errors = bagged_trees.fit_with_errors(features, labels, seed, is_random_sample)
    gains = tree_errors**2 - linear_errors**2
    gains = gains[np.isfinite(gains) & is_evaluation_row]
    if len(gains) < MIN_RANDOM_LABELS:
        return trees
    min_gain = 0.0 if is_evaluation_row.all() else gains.std() / np.sqrt(len(gains))
    return linear if gains.mean() > min_gain else trees
