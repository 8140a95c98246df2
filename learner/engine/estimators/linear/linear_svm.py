"""A linear support vector machine in which rare classes weigh more; its probabilities are a softmax of its margins."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import LinearSVC

from learner.engine.arrays.blas_threads import limit_blas_threads
from learner.engine.arrays.sparse import Matrix
from learner.engine.estimators.linear.linear_model import LinearModel, from_decision_function
from learner.engine.fitting.class_weights import label_weights
from learner.engine.fitting.tuning import tune_by_cross_validation

SVM_C = 0.5
SVM_C_CHOICES = (0.1, 0.5)  # never better above, measured with 50 to 500 labels
SVM_INVERSE_TEMPERATURE = (
    2.0  # one unit of decision is worth this much in the softmax, until there are labels to calibrate it
)


def fit(
    features: Matrix, labels: NDArray[Any], seed: int, is_random_sample: NDArray[np.bool_] | None = None
) -> LinearModel:
    """Fit one machine per class (one in all for two classes)."""

    def fit_machine(rows: NDArray[np.intp], c: float) -> LinearModel:
        own_labels = labels[rows]
        fitted = LinearSVC(C=c, random_state=seed % 2**32).fit(features[rows], own_labels, label_weights(own_labels))
        return from_decision_function(fitted.coef_, fitted.intercept_, fitted.classes_).temperature_scaled(
            SVM_INVERSE_TEMPERATURE
        )

    with limit_blas_threads(1):  # too little work to share
        tuned = tune_by_cross_validation(fit_machine, features, labels, SVM_C_CHOICES, SVM_C, seed, is_random_sample)
        return fit_machine(np.arange(len(labels)), tuned.value).temperature_scaled(tuned.inverse_temperature)
