"""Whichever estimator a project's own random labels speak for; logistic regression until they do.

Chosen like a hyper-parameter (see tuning): by held-out labels of the random arm, and another takes its place only when
it is better by more than chance explains. Candidates are fitted as they are by default, so that this costs one
cross-validation; the one that is chosen tunes itself afterwards.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.engine.arrays.sparse import Matrix
from learner.engine.contracts.estimator import Classifier
from learner.engine.estimators.linear import linear_svm, logistic_regression, naive_bayes
from learner.engine.estimators.trees import gradient_boosting
from learner.engine.fitting.tuning import tune_by_cross_validation

MAX_TABLE_COLUMNS = 100  # up to which features are those of table rows: trees are for them
LINEAR: tuple[Callable[..., Classifier], ...] = (logistic_regression.fit, linear_svm.fit, naive_bayes.fit)


def fit(
    features: Matrix, labels: NDArray[Any], seed: int, is_random_sample: NDArray[np.bool_] | None = None
) -> Classifier:
    """Fit the candidate of the lowest held-out log loss."""
    candidates = LINEAR if features.shape[1] > MAX_TABLE_COLUMNS else (*LINEAR, gradient_boosting.fit)

    def fit_candidate(rows: NDArray[np.intp], index: float) -> Classifier:
        no_mask = np.zeros(len(rows), bool)  # without random labels, an estimator keeps its defaults
        return candidates[int(index)](features[rows], labels[rows], seed, no_mask)

    tuned = tune_by_cross_validation(fit_candidate, features, labels, range(len(candidates)), 0, seed, is_random_sample)
    return candidates[int(tuned.value)](features, labels, seed, is_random_sample)
