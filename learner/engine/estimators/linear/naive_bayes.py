"""Complement naive Bayes (Rennie et al., "Tackling the Poor Assumptions of Naive Bayes", ICML 2003).

It counts, and features may be negative; so each is split into how far it lies above zero and how far
below, which makes two counts of it. A score is linear in those two, x+ A + x- B; with x+ = (|x| + x) / 2
and x- = (|x| - x) / 2 it is x (A - B) / 2 + |x| (A + B) / 2, so that no split matrix is made to score.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack, issparse
from sklearn.naive_bayes import ComplementNB
from sklearn.utils.class_weight import compute_sample_weight

from learner.engine.arrays.blas_threads import limit_blas_threads
from learner.engine.arrays.sparse import Matrix
from learner.engine.contracts.estimator import NO_CHOICES
from learner.engine.estimators.linear.linear_model import LinearModel
from learner.engine.fitting.tuning import TunedParameters, calibrated, tune_by_cross_validation

NAME = "bayes"  # of its choices
SMOOTHING_COUNT = 0.1  # the counts are of features of length sqrt(2), so a whole count would drown them
BAYES_INVERSE_TEMPERATURE = 2.0  # until there are labels to calibrate it
WEIGHT_POWER = 1.0  # of the class counts: classes weigh alike


def fit(
    features: Matrix,
    labels: NDArray[Any],
    seed: int,
    is_random_sample: NDArray[np.bool_] | None = None,
    previous: Mapping[str, Any] = NO_CHOICES,
) -> LinearModel:
    """Fit a class by what the others' items have; classes weigh alike, unless held-out labels speak against it."""
    with limit_blas_threads(1):  # too little work to share
        tuned = tune_by_cross_validation(
            lambda rows, alpha: fit_uncalibrated(features[rows], labels[rows], seed, alpha),
            *(features, labels, (SMOOTHING_COUNT,), SMOOTHING_COUNT, seed, is_random_sample),
            weight_power=WEIGHT_POWER,
            previous=TunedParameters.from_json(previous.get(NAME)),
        )
        fitted = fit_uncalibrated(features, labels, seed, tuned.value)
        return calibrated(fitted, tuned, labels).with_choices({NAME: tuned.as_json()})


def fit_uncalibrated(features: Matrix, labels: NDArray[Any], seed: int, alpha: float) -> LinearModel:
    """Fit with a smoothing count of `alpha`; nothing is random."""
    positive_and_negative: Any
    if issparse(features):
        positive_and_negative = hstack(
            [csr_matrix(features).maximum(0), csr_matrix(-features).maximum(0)], format="csr"
        )
    else:
        positive_and_negative = np.hstack([np.maximum(features, 0), np.maximum(-features, 0)])
    fitted = ComplementNB(alpha=alpha).fit(positive_and_negative, labels, compute_sample_weight("balanced", labels))
    above, below = np.split(np.asarray(fitted.feature_log_prob_.T, np.float32), 2)
    classes = tuple(str(name) for name in fitted.classes_)
    weights, absolute_weights = (
        BAYES_INVERSE_TEMPERATURE * (above - below) / 2,
        BAYES_INVERSE_TEMPERATURE * (above + below) / 2,
    )
    return LinearModel(
        weights.astype(np.float32),
        np.zeros(len(classes), np.float32),
        classes,
        absolute_weights=absolute_weights.astype(np.float32),
    )
