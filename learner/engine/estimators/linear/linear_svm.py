"""A linear support vector machine in which rare classes weigh more; its probabilities are a softmax of its margins."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import LinearSVC

from learner.engine.arrays.blas_threads import limit_blas_threads
from learner.engine.arrays.sparse import Matrix
from learner.engine.contracts.estimator import NO_CHOICES
from learner.engine.estimators.linear.linear_model import LinearModel, from_decision_function
from learner.engine.fitting.class_weights import SQUARE_ROOT, label_weights
from learner.engine.fitting.tuning import TunedParameters, calibrated, tune_by_cross_validation

NAME = "svm"  # of its choices
SVM_C = 0.5
SVM_C_CHOICES = (0.1, 0.5)  # never better above, measured with 50 to 500 labels
SVM_INVERSE_TEMPERATURE = (
    2.0  # one unit of decision is worth this much in the softmax, until there are labels to calibrate it
)


def fit(
    features: Matrix,
    labels: NDArray[Any],
    seed: int,
    is_random_sample: NDArray[np.bool_] | None = None,
    previous: Mapping[str, Any] = NO_CHOICES,
) -> LinearModel:
    """Fit one machine per class (one in all for two classes)."""
    with limit_blas_threads(1):  # too little work to share
        tuned = tune_by_cross_validation(
            lambda rows, c: fit_uncalibrated(features[rows], labels[rows], seed, c),
            *(features, labels, SVM_C_CHOICES, SVM_C, seed, is_random_sample),
            weight_power=SQUARE_ROOT,
            previous=TunedParameters.from_json(previous.get(NAME)),
        )
        fitted = fit_uncalibrated(features, labels, seed, tuned.value)
        return calibrated(fitted, tuned, labels).with_choices({NAME: tuned.as_json()})


def fit_uncalibrated(features: Matrix, labels: NDArray[Any], seed: int, c: float) -> LinearModel:
    """Fit the machines at one C."""
    fitted = LinearSVC(C=c, random_state=seed % 2**32).fit(features, labels, label_weights(labels))
    model = from_decision_function(fitted.coef_, fitted.intercept_, fitted.classes_)
    return model.temperature_scaled(SVM_INVERSE_TEMPERATURE)
