"""Whichever estimator a project's own random labels speak for; logistic regression until they do.

Judged like a hyper-parameter (see tuning): by held-out labels of the random arm, and another takes its place only when
it is better by more than chance explains. Candidates are fitted as they are by default, so that this costs one
cross-validation; the one that is chosen tunes itself afterwards.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.engine.arrays.sparse import Matrix
from learner.engine.contracts.estimator import Estimator, Model
from learner.engine.estimators.linear import linear_svm, logistic_regression, naive_bayes
from learner.engine.estimators.trees import gradient_boosting
from learner.engine.fitting.tuning import tune

FEW = 100  # columns up to which they are those of records: trees are for them
LINEAR: tuple[Estimator, ...] = (logistic_regression.fit, linear_svm.fit, naive_bayes.fit)


def fit(features: Matrix, labels: NDArray[Any], seed: int, fair: NDArray[np.bool_] | None = None) -> Model:
    """Fit the candidate of the lowest held-out log loss."""
    candidates = LINEAR if features.shape[1] > FEW else (*LINEAR, gradient_boosting.fit)

    def plain(rows: NDArray[np.intp], place: float) -> Model:
        nobody = np.zeros(len(rows), bool)  # without rows to judge by, an estimator keeps its defaults
        return candidates[int(place)](features[rows], labels[rows], seed, nobody)

    tuned = tune(plain, features, labels, range(len(candidates)), 0, seed, fair)
    return candidates[int(tuned.value)](features, labels, seed, fair)
