"""Logistic loss by averaged stochastic gradient descent, rare classes weighing more.

What it finds depends on the order of the rows, so a round always fits from nothing, in the order
that the seed gives: a replay then comes to the same model. Where no replay
is wanted, a `previous` model can be passed on: its weights are the start, which takes fewer passes.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import SGDClassifier

from learner.engine.arrays.blas_threads import limit_blas_threads
from learner.engine.arrays.sparse import Matrix
from learner.engine.estimators.linear.linear_model import LinearModel, from_decision_function
from learner.engine.fitting.class_weights import SQUARE_ROOT, label_weights
from learner.engine.fitting.tuning import calibrated, tune_by_cross_validation

SGD_ALPHA = 1e-3  # of the penalty on squared weights
SGD_ALPHA_CHOICES = (1e-3, 3e-3)
MAX_PASSES = 50  # it stops when the loss no longer falls
WARM_START_PASSES = 5  # from a previous model


def fit(
    features: Matrix,
    labels: NDArray[Any],
    seed: int,
    is_random_sample: NDArray[np.bool_] | None = None,
    previous: LinearModel | None = None,
) -> LinearModel:
    """Fit one logistic function per class (one in all for two classes); their scores go into one softmax.

    A `previous` model of other classes or of another width is of no use and is passed over.
    """
    classes = tuple(np.unique(labels).tolist())
    is_usable = previous is not None and previous.classes == classes and len(previous.weights) == features.shape[1]
    with limit_blas_threads(1):  # too little work to share
        if previous is not None and is_usable:
            return _fit_sgd(features, labels, SGD_ALPHA, seed, previous)
        tuned = tune_by_cross_validation(
            lambda rows, alpha: _fit_sgd(features[rows], labels[rows], alpha, seed),
            *(features, labels, SGD_ALPHA_CHOICES, SGD_ALPHA, seed, is_random_sample),
            weight_power=SQUARE_ROOT,
        )
        return calibrated(_fit_sgd(features, labels, tuned.value, seed), tuned, labels)


def _fit_sgd(
    features: Matrix, labels: NDArray[Any], alpha: float, seed: int, start: LinearModel | None = None
) -> LinearModel:
    """Fit with penalty `alpha`, from the weights of `start` where there is one; scores are left as they are."""
    weights = label_weights(labels)
    fitted = SGDClassifier(
        loss="log_loss",
        alpha=alpha,
        max_iter=MAX_PASSES if start is None else WARM_START_PASSES,
        tol=1e-3 if start is None else None,
        average=True,
        random_state=seed % 2**32,
    )
    if start is None:
        fitted.fit(features, labels, sample_weight=weights)
    else:
        coef, intercept = start.weights.T.astype(np.float64), start.intercept.astype(np.float64)
        if len(coef) == 2:  # one score, as scikit-learn has it
            coef, intercept = coef[1:] - coef[:1], intercept[1:] - intercept[:1]
        fitted.fit(features, labels, coef_init=coef, intercept_init=intercept, sample_weight=weights)
    return from_decision_function(fitted.coef_, fitted.intercept_, fitted.classes_)
