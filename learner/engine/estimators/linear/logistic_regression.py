"""Logistic regression in which rare classes weigh more: probabilities come with it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from learner.engine.arrays.blas_threads import limit_blas_threads
from learner.engine.arrays.sparse import Matrix
from learner.engine.contracts.estimator import NO_CHOICES
from learner.engine.estimators.linear.linear_model import LinearModel, from_decision_function
from learner.engine.fitting.class_weights import SQUARE_ROOT, label_weights
from learner.engine.fitting.regularisation import SHORT_SQUARED_LENGTH, logistic_c, mean_squared_length
from learner.engine.fitting.tuning import TunedParameters, calibrated, tune_by_cross_validation

NAME = "logistic"  # of its choices
DEFAULT_C_FACTOR = 1.0
C_FACTORS = (0.25, DEFAULT_C_FACTOR, 2.5)  # times the default: what labels of the random arm may choose
LOGISTIC_INVERSE_TEMPERATURE = (
    1.7  # what C takes from the scores of short features; until labels calibrate them (measured)
)


def fit(
    features: Matrix,
    labels: NDArray[Any],
    seed: int,
    is_random_sample: NDArray[np.bool_] | None = None,
    previous: Mapping[str, Any] = NO_CHOICES,
) -> LinearModel:
    """Fit a softmax over the classes that have labels; convex, so the seed matters to the choice of C alone."""
    with limit_blas_threads(1):  # too little work to share
        tuned = tune_c(features, labels, seed, is_random_sample, previous)
        fitted = fit_uncalibrated(features, labels, seed, tuned.value)
        return calibrated(fitted, tuned, labels).with_choices({NAME: tuned.as_json()})


def fit_uncalibrated(features: Matrix, labels: NDArray[Any], seed: int, c_factor: float) -> LinearModel:
    """Fit with so many times the C that suits the length of the rows; nothing is random."""
    c, scale = default_c_and_scale(features)
    return fit_softmax_regression(features, labels, c * c_factor).temperature_scaled(scale)


def default_c_and_scale(features: Matrix) -> tuple[float, float]:
    """Return the C that suits rows of this length, and what scores are multiplied by until labels calibrate them."""
    length = mean_squared_length(features)
    return logistic_c(length), LOGISTIC_INVERSE_TEMPERATURE if length <= SHORT_SQUARED_LENGTH else 1.0


def tune_c(
    features: Matrix,
    labels: NDArray[Any],
    seed: int,
    is_random_sample: NDArray[np.bool_] | None,
    previous: Mapping[str, Any] = NO_CHOICES,
) -> TunedParameters[float]:
    """Choose one of C_FACTORS and calibrate the scores, by cross-validation where there are labels enough."""
    return tune_by_cross_validation(
        lambda rows, factor: fit_uncalibrated(features[rows], labels[rows], seed, factor),
        *(features, labels, C_FACTORS, DEFAULT_C_FACTOR, seed, is_random_sample),
        weight_power=SQUARE_ROOT,
        previous=TunedParameters.from_json(previous.get(NAME)),
    )


def fit_softmax_regression(features: Matrix, labels: NDArray[Any], c: float) -> LinearModel:
    """Fit at one C, and leave the scores as they are."""
    fitted = LogisticRegression(C=c, max_iter=300, tol=1e-3).fit(features, labels, label_weights(labels))
    return from_decision_function(fitted.coef_, fitted.intercept_, fitted.classes_)
