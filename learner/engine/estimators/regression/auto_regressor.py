"""A number by regression trees, or by ridge regressions where a project's own random labels speak for them.

Labels that a strategy chose are not like the pool: a straight line that fits them best leads away from it, while trees
go by what is near. (Measured on customers' ages: judged by chosen labels ridge regressions took the trees' place, and
explained .23 where these did .36.) So only labels of the random arm judge; where others train as well ridge regressions
have to be better by more than chance explains, as another estimator has in `auto`.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.engine.arrays.sparse import Matrix
from learner.engine.estimators.regression import bagged_ridge, bagged_trees
from learner.engine.estimators.regression.bagged_ridge import RidgeModel
from learner.engine.estimators.regression.bagged_trees import NumberTreesModel
from learner.engine.fitting.tuning import FAIR


def fit(
    features: Matrix, labels: NDArray[Any], seed: int, fair: NDArray[np.bool_] | None = None
) -> RidgeModel | NumberTreesModel:
    """Fit both; `labels` (m,) are texts of numbers. Trees, too, while fewer than FAIR labels can judge."""
    judges = np.ones(len(labels), bool) if fair is None else fair
    linear, of_linear = bagged_ridge.learn(features, labels, seed, fair)
    trees, of_trees = bagged_trees.learn(features, labels, seed, fair)
    less = of_trees**2 - of_linear**2
    less = less[np.isfinite(less) & judges]
    if len(less) < FAIR:
        return trees
    chance = 0.0 if judges.all() else less.std() / np.sqrt(len(less))
    return linear if less.mean() > chance else trees
