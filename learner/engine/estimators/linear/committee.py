"""A committee: logistic regressions, each of its own bootstrap sample of the labels."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.engine.arrays.blas_threads import limit_blas_threads
from learner.engine.arrays.sparse import Matrix
from learner.engine.contracts.estimator import NO_CHOICES
from learner.engine.estimators.linear import logistic_regression
from learner.engine.estimators.linear.bootstrap import bootstrap_rows
from learner.engine.estimators.linear.linear_model import CommitteeModel
from learner.engine.fitting.tuning import calibrated


def fit(
    features: Matrix,
    labels: NDArray[Any],
    seed: int,
    is_random_sample: NDArray[np.bool_] | None = None,
    previous: Mapping[str, Any] = NO_CHOICES,
) -> CommitteeModel:
    """Fit the members with the C and the temperature that a single logistic regression would have."""
    with limit_blas_threads(1):  # too little work to share
        c, scale = logistic_regression.default_c_and_scale(features)
        tuned = logistic_regression.tune_c(features, labels, seed, is_random_sample, previous)
        members = [
            logistic_regression.fit_softmax_regression(features[rows], labels[rows], c * tuned.value)
            for rows in bootstrap_rows(labels, seed)
        ]
    weights = np.stack([member.weights for member in members])
    intercept = np.stack([member.intercept for member in members])
    fitted = CommitteeModel(weights, intercept, members[0].classes).temperature_scaled(scale)
    return calibrated(fitted, tuned, labels).with_choices({logistic_regression.NAME: tuned.as_json()})
