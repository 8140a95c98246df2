"""Logistic regression in which rare classes weigh more: probabilities come with it."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from learner.engine.arrays.blas_threads import limit_blas_threads
from learner.engine.arrays.sparse import Matrix
from learner.engine.estimators.linear.linear_model import LinearModel, from_decision_function
from learner.engine.fitting.class_weights import label_weights
from learner.engine.fitting.regularisation import SHORT_SQUARED_LENGTH, logistic_c, mean_squared_length
from learner.engine.fitting.tuning import TunedParameters, tune_by_cross_validation

MIN_C_FACTOR, MAX_C_FACTOR = 0.25, 2.5  # times the default: what labels of the random arm may choose instead
LOGISTIC_INVERSE_TEMPERATURE = (
    1.7  # what C takes from the scores of short features; until labels calibrate them (measured)
)


def fit(
    features: Matrix, labels: NDArray[Any], seed: int, is_random_sample: NDArray[np.bool_] | None = None
) -> LinearModel:
    """Fit a softmax over the classes that have labels; convex, so the seed matters to the choice of C alone."""
    with limit_blas_threads(1):  # too little work to share
        tuned = tune_c(features, labels, seed, is_random_sample)
        return fit_softmax_regression(features, labels, tuned.value).temperature_scaled(tuned.inverse_temperature)


def tune_c(
    features: Matrix, labels: NDArray[Any], seed: int, is_random_sample: NDArray[np.bool_] | None
) -> TunedParameters:
    """Choose C and what the scores are multiplied by, by cross-validation where there are labels enough."""
    length = mean_squared_length(features)
    default, scale = logistic_c(length), LOGISTIC_INVERSE_TEMPERATURE if length <= SHORT_SQUARED_LENGTH else 1.0
    tuned = tune_by_cross_validation(
        lambda rows, c: fit_softmax_regression(features[rows], labels[rows], c).temperature_scaled(scale),
        *(features, labels, (default * MIN_C_FACTOR, default, default * MAX_C_FACTOR), default, seed, is_random_sample),
    )
    return replace(tuned, inverse_temperature=tuned.inverse_temperature * scale)


def fit_softmax_regression(features: Matrix, labels: NDArray[Any], c: float) -> LinearModel:
    """Fit at one C, and leave the scores as they are."""
    fitted = LogisticRegression(C=c, max_iter=300, tol=1e-3).fit(features, labels, label_weights(labels))
    return from_decision_function(fitted.coef_, fitted.intercept_, fitted.classes_)
