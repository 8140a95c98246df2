"""Logistic regression with balanced classes: probabilities come with it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from learner.estimators.linear import LinearModel, from_decision
from learner.estimators.scoring import few_threads
from learner.estimators.tuning import Tuned, tune
from learner.matrices import Matrix

C = 1.0  # features have length sqrt(2); 1 to 3 is best with few labels, measured by manage.py simulate
CHOICES = (0.3, 1.0, 3.0)


def fit(features: Matrix, labels: NDArray[Any], seed: int, fair: NDArray[np.bool_] | None = None) -> LinearModel:
    """Fit a softmax over the classes that have labels; convex, so the seed matters to the choice of C alone."""
    with few_threads(1):  # too little work to share
        tuned = choose(features, labels, seed, fair)
        return softmax_regression(features, labels, tuned.value).sharpened(tuned.sharpness)


def choose(features: Matrix, labels: NDArray[Any], seed: int, fair: NDArray[np.bool_] | None) -> Tuned:
    """Choose C and the temperature by cross-validation."""
    return tune(
        lambda rows, c: softmax_regression(features[rows], labels[rows], c), features, labels, CHOICES, C, seed, fair
    )


def softmax_regression(features: Matrix, labels: NDArray[Any], c: float) -> LinearModel:
    """Fit at one C."""
    fitted = LogisticRegression(C=c, class_weight="balanced", max_iter=300, tol=1e-3).fit(features, labels)
    return from_decision(fitted.coef_, fitted.intercept_, fitted.classes_)
