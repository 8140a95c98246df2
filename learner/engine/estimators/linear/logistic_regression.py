"""Logistic regression in which rare classes weigh more: probabilities come with it."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, issparse
from sklearn.linear_model import LogisticRegression

from learner.engine.arrays.blas_threads import few_threads
from learner.engine.arrays.sparse import Matrix
from learner.engine.estimators.linear.linear_model import LinearModel, from_decision
from learner.engine.fitting.class_weights import label_weights
from learner.engine.fitting.tuning import Tuned, tune

C = 2.0  # of short features, of length sqrt(2); 1 to 3 is best with few labels, measured by manage.py simulate
LEAST_C, MOST_C = 0.25, 2.5  # times the usual one: what labels of the random arm may choose instead
SHARPNESS = 1.7  # what C takes from the scores of short features, until there are labels to calibrate them (measured)
SHORT = 4.0  # mean squared length up to which features are short: those of text, not those of records
LONG_C = 2.0  # of long ones, over their mean squared length: what is as good for records of any number of columns


def fit(features: Matrix, labels: NDArray[Any], seed: int, fair: NDArray[np.bool_] | None = None) -> LinearModel:
    """Fit a softmax over the classes that have labels; convex, so the seed matters to the choice of C alone."""
    with few_threads(1):  # too little work to share
        tuned = choose(features, labels, seed, fair)
        return softmax_regression(features, labels, tuned.value).sharpened(tuned.sharpness)


def choose(features: Matrix, labels: NDArray[Any], seed: int, fair: NDArray[np.bool_] | None) -> Tuned:
    """Choose C and what the scores are multiplied by, by cross-validation where there are labels enough."""
    size = _mean_square(features)
    c, usual = (C, SHARPNESS) if size <= SHORT else (LONG_C / size, 1.0)
    tuned = tune(
        lambda rows, c: softmax_regression(features[rows], labels[rows], c).sharpened(usual),
        *(features, labels, (c * LEAST_C, c, c * MOST_C), c, seed, fair),
    )
    return replace(tuned, sharpness=tuned.sharpness * usual)


def _mean_square(features: Matrix) -> float:
    squares = csr_matrix(features).power(2) if issparse(features) else np.square(features)
    return float(squares.sum(axis=1).mean())


def softmax_regression(features: Matrix, labels: NDArray[Any], c: float) -> LinearModel:
    """Fit at one C, and leave the scores as they are."""
    fitted = LogisticRegression(C=c, max_iter=300, tol=1e-3).fit(features, labels, label_weights(labels))
    return from_decision(fitted.coef_, fitted.intercept_, fitted.classes_)
