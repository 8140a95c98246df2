"""Whichever estimator a project's own random labels speak for; logistic regression until they do.

Chosen like a hyper-parameter (see tuning), in the same cross-validation: every candidate at each of its values, judged
by the log loss of held-out labels of the random arm. The estimator in use first takes the best of its own values;
another takes its place only when it is better still, beyond what chance explains in so many comparisons.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.engine.arrays.blas_threads import limit_blas_threads
from learner.engine.arrays.sparse import Matrix
from learner.engine.contracts.estimator import NO_CHOICES
from learner.engine.estimators.linear import linear_svm, logistic_regression, naive_bayes
from learner.engine.estimators.linear.linear_model import LinearModel
from learner.engine.estimators.trees import gradient_boosting
from learner.engine.estimators.trees.tree_ensemble import TreesModel
from learner.engine.fitting.class_weights import SQUARE_ROOT
from learner.engine.fitting.tuning import Losses, TunedParameters, clearly_best, tune_by_cross_validation

NAME = "auto"  # of its choices
MAX_TABLE_COLUMNS = 100  # up to which features are those of table rows: trees are for them
SWITCH_STANDARD_ERRORS = 2.5  # of the paired difference, from which an estimator takes another's place
RETURN_STANDARD_ERRORS = 1.0  # from which logistic regression has its place back: it is never far from the best

Model = LinearModel | TreesModel
Setting = tuple[str, float]  # an estimator and its hyper-parameter


@dataclass(frozen=True)
class Candidate:
    """An estimator as it is compared."""

    fit: Callable[..., Model]
    fit_uncalibrated: Callable[[Matrix, NDArray[Any], int, float], Model]
    values: tuple[float, ...]  # of its hyper-parameter
    default: float
    weight_power: float = SQUARE_ROOT  # of the class counts by which labels weigh


DEFAULT = logistic_regression.NAME
CANDIDATES: dict[str, Candidate] = {
    logistic_regression.NAME: Candidate(
        logistic_regression.fit,
        logistic_regression.fit_uncalibrated,
        logistic_regression.C_FACTORS,
        logistic_regression.DEFAULT_C_FACTOR,
    ),
    linear_svm.NAME: Candidate(linear_svm.fit, linear_svm.fit_uncalibrated, linear_svm.SVM_C_CHOICES, linear_svm.SVM_C),
    naive_bayes.NAME: Candidate(
        naive_bayes.fit,
        naive_bayes.fit_uncalibrated,
        (naive_bayes.SMOOTHING_COUNT,),
        naive_bayes.SMOOTHING_COUNT,
        naive_bayes.WEIGHT_POWER,
    ),
    gradient_boosting.NAME: Candidate(
        gradient_boosting.fit,
        gradient_boosting.fit_uncalibrated,
        (gradient_boosting.LEARNING_RATE,),
        gradient_boosting.LEARNING_RATE,
    ),
}


def fit(
    features: Matrix,
    labels: NDArray[Any],
    seed: int,
    is_random_sample: NDArray[np.bool_] | None = None,
    previous: Mapping[str, Any] = NO_CHOICES,
) -> Model:
    """Fit the candidate in use before, or one whose held-out log loss is clearly lower."""
    chosen, own = _choose(features, labels, seed, is_random_sample, previous)
    model = CANDIDATES[chosen.value].fit(features, labels, seed, is_random_sample, {chosen.value: own.as_json()})
    return model.with_choices({**model.choices, NAME: chosen.as_json()})


def _choose(
    features: Matrix,
    labels: NDArray[Any],
    seed: int,
    is_random_sample: NDArray[np.bool_] | None,
    previous: Mapping[str, Any],
) -> tuple[TunedParameters[str], TunedParameters[float]]:
    """Return the estimator, and its own hyper-parameter and calibration, all from one cross-validation."""
    is_table = features.shape[1] <= MAX_TABLE_COLUMNS
    names = [name for name in CANDIDATES if is_table or name != gradient_boosting.NAME]
    settings = [(name, value) for name in names for value in CANDIDATES[name].values]
    with limit_blas_threads(1):
        tuned: TunedParameters[Setting] = tune_by_cross_validation(
            lambda rows, one: CANDIDATES[one[0]].fit_uncalibrated(features[rows], labels[rows], seed, one[1]),
            *(features, labels, settings, (DEFAULT, CANDIDATES[DEFAULT].default), seed, is_random_sample),
            weight_power=lambda one: CANDIDATES[one[0]].weight_power,
            previous=_previous_setting(previous),
            choose=_choose_setting,
        )
    name, value = tuned.value
    before = name if tuned.replaced is None else tuned.replaced[0]
    return tuned.renamed(name, None if before == name else before), tuned.renamed(value, None)


def _previous_setting(previous: Mapping[str, Any]) -> TunedParameters[Setting] | None:
    """Return what an earlier fit chose as one setting; None where that is not known."""
    chosen = TunedParameters[str].from_json(previous.get(NAME))
    own = None if chosen is None else TunedParameters[float].from_json(previous.get(chosen.value))
    return None if chosen is None or own is None else own.renamed((chosen.value, own.value), None)


def _choose_setting(losses: Mapping[Setting, Losses], current: Setting) -> Setting:
    """Return the best of the current estimator's own settings, or that of another which is clearly better still."""
    own = clearly_best({one: loss for one, loss in losses.items() if one[0] == current[0]}, current)
    others = {one: loss for one, loss in losses.items() if one[0] != current[0]}
    home = {one: loss for one, loss in others.items() if one[0] == DEFAULT}
    back = clearly_best({own: losses[own], **home}, own, RETURN_STANDARD_ERRORS)
    return back if back != own else clearly_best({own: losses[own], **others}, own, SWITCH_STANDARD_ERRORS)
