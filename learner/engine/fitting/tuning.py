"""A hyper-parameter and a temperature from one cross-validation, where there are labels enough for it.

All rows train; only those of the random arm evaluate. Rows that a strategy chose are the hard ones, and
held-out scores of them are far too low: by them, the model that is uncertain of everything wins.
(Measured on TREC with 400 labels: C chosen by all rows cost 1.1 points of accuracy.)

The hyper-parameter leaves its measured default only for a value whose log loss is lower by more than
its standard error, so that chance does not move it from round to round. The temperature is Guo et
al.'s ("On Calibration of Modern Neural Networks", ICML 2017): one factor on all scores, which changes
no prediction. In two classes it leaves the order of margins as it is, too; a draw whose beta is
chosen for an effective pool takes it up.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from learner.engine.arrays.batched_scoring import Rows
from learner.engine.arrays.sparse import Matrix
from learner.engine.contracts.estimator import Classifier

MIN_TUNING_LABELS = 100  # from which there is a cross-validation
MIN_RANDOM_LABELS = 50  # of these, from the random arm
TUNING_FOLDS = 5  # also the labels that a class must have to take part
MAX_TUNING_ROWS = 1000  # that are cross-validated, so that its cost stays bounded
MAX_SCALE_FACTOR = 4.0  # that scores are multiplied or divided by
SCALE_FACTORS = np.geomspace(1 / MAX_SCALE_FACTOR, MAX_SCALE_FACTOR, 41)  # one step is 7 %
MIN_PROBABILITY = 1e-30  # below which a logarithm would be too large

FitAtValue = Callable[[Rows, float], Classifier]  # the rows to train on, the value of the hyper-parameter


@dataclass(frozen=True)
class TunedParameters:
    """What to fit with, and what to multiply the scores by afterwards."""

    value: float
    inverse_temperature: float = 1.0


def tune_by_cross_validation(
    fit: FitAtValue,
    features: Matrix,
    labels: NDArray[Any],
    values: Sequence[float],
    default: float,
    seed: int,
    is_random_sample: NDArray[np.bool_] | None = None,
) -> TunedParameters:
    """Choose among `values`, of which `default` is one; cost: TUNING_FOLDS fits for each value.

    Classes with fewer than TUNING_FOLDS labels take no part. With fewer than MIN_TUNING_LABELS labels of the others, or
    only one other, or fewer than MIN_RANDOM_LABELS labels to evaluate on, it is the default untempered.
    """
    rows, codes = _tuning_sample(labels, seed)
    is_evaluation_row = np.ones(len(rows), bool) if is_random_sample is None else is_random_sample[rows]
    if len(rows) < MIN_TUNING_LABELS or codes.max() < 1 or np.count_nonzero(is_evaluation_row) < MIN_RANDOM_LABELS:
        return TunedParameters(default)
    folds = list(StratifiedKFold(TUNING_FOLDS, shuffle=True, random_state=seed % 2**32).split(rows, codes))
    held_out = {value: _held_out_log_proba(fit, features, rows, folds, value)[is_evaluation_row] for value in values}
    value = _choose_value(held_out, codes[is_evaluation_row], default)
    return TunedParameters(value, fit_inverse_temperature(held_out[value], codes[is_evaluation_row]))


def fit_inverse_temperature(log_proba: NDArray[Any], codes: NDArray[np.intp]) -> float:
    """Return the factor on scores with the lowest log loss; 1 with fewer than MIN_RANDOM_LABELS rows.

    `log_proba` is (m, k), of rows that the model was not fitted on; `codes` are their true columns.
    """
    if len(codes) < MIN_RANDOM_LABELS:
        return 1.0
    return float(min(SCALE_FACTORS, key=lambda factor: float(_log_losses(log_proba * factor, codes).mean())))


def safe_log(proba: NDArray[Any]) -> NDArray[np.float64]:
    """Return log probabilities, finite ones."""
    return np.asarray(np.log(np.maximum(proba, MIN_PROBABILITY, dtype=np.float64)), np.float64)


def _tuning_sample(labels: NDArray[Any], seed: int) -> tuple[Rows, NDArray[np.intp]]:
    """Return up to MAX_TUNING_ROWS rows, of classes with TUNING_FOLDS of them, and the codes of their labels."""
    rows = np.arange(len(labels))
    if len(rows) > MAX_TUNING_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(len(rows), MAX_TUNING_ROWS, replace=False))
    names, counts = np.unique(labels[rows], return_counts=True)
    rows = rows[np.isin(labels[rows], names[counts >= TUNING_FOLDS])]
    return rows, np.unique(labels[rows], return_inverse=True)[1]


def _held_out_log_proba(
    fit: FitAtValue, features: Matrix, rows: Rows, folds: Sequence[tuple[Rows, Rows]], value: float
) -> NDArray[np.float64]:
    """Return (m, k) log probabilities of each row by the model that was fitted without its fold."""
    parts = [safe_log(fit(rows[train], value).predict_proba(features, rows[test])) for train, test in folds]
    held_out = np.empty((len(rows), parts[0].shape[1]))
    for (_, test), part in zip(folds, parts, strict=True):
        held_out[test] = part
    return held_out


def _choose_value(held_out: dict[float, NDArray[np.float64]], codes: NDArray[np.intp], default: float) -> float:
    """Return the value with the lowest loss, classes weighing alike, of those that beat the default clearly."""
    weights = 1 / np.bincount(codes)[codes].astype(float)
    losses = {
        value: weights * _log_losses(logs * fit_inverse_temperature(logs, codes), codes)
        for value, logs in held_out.items()
    }
    gains = {value: losses[default] - loss for value, loss in losses.items()}
    clear_gains = [value for value, gain in gains.items() if gain.mean() > gain.std() / np.sqrt(len(gain))]
    return max(clear_gains, key=lambda value: float(gains[value].mean()), default=default)


def _log_losses(scores: NDArray[np.float64], codes: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return each row's log loss."""
    highest = scores.max(axis=1)
    total = highest + np.log(np.exp(scores - highest[:, None]).sum(axis=1))
    loss: NDArray[np.float64] = total - scores[np.arange(len(codes)), codes]
    return loss
