"""A hyper-parameter, and what makes its scores probabilities, from one cross-validation with labels enough for it.

All rows train; only those of the random arm evaluate. Rows that a strategy chose are the hard ones, and
held-out scores of them are far too low: by them, the model that is uncertain of everything wins.
(Measured on TREC with 400 labels: C chosen by all rows cost 1.1 points of accuracy.)

Values are compared by their log loss, a proper score (Gneiting and Raftery, "Strictly proper scoring rules", JASA
2007), each after its own calibration and no class weighing more than it is frequent. What was chosen before is held:
another value takes its place only when it is better, on the same folds, by more than CLEAR_STANDARD_ERRORS of the
paired difference, and nothing is compared again until there are RETUNING_GROWTH times as many labels.

The calibration is a temperature, Guo et al.'s ("On Calibration of Modern Neural Networks", ICML 2017): one factor on
all scores, which changes no prediction; and a prior correction (Saerens, Latinne and Decaestecker, "Adjusting the
outputs of a classifier to new a priori probabilities", Neural Computation 2002): class weights make rare classes as
probable as if they were more frequent, and it takes some of that back where the held-out labels clearly say so.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Generic, Protocol, Self, TypeVar

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
RETUNING_GROWTH = 1.1  # times the labels of the last comparison, from which there is another one
CLEAR_STANDARD_ERRORS = 2.0  # of a mean difference, beyond which it is clear: chance alone is so in one case of 44
# How much of the class weights stays in the scores, as a power of the class counts: all of 1 / n, all of 1 / sqrt(n),
# or half of that. With none left accuracy rose no further, and macro F1 fell by six points more (measured).
WEIGHT_POWERS = (1.0, 0.5, 0.25)

Value = TypeVar("Value", bound=Hashable)
OtherValue = TypeVar("OtherValue", bound=Hashable)
FitAtValue = Callable[[Rows, Value], Classifier]  # the rows to train on, the value of the hyper-parameter
Losses = NDArray[np.float64]  # (m,) of held-out rows
ChooseValue = Callable[[Mapping[Value, Losses], Value], Value]  # the losses of all values, the one in use


@dataclass(frozen=True)
class TunedParameters(Generic[Value]):
    """What to fit with and how to calibrate its scores, kept from fit to fit; JSON-serialisable."""

    value: Value
    inverse_temperature: float = 1.0
    removed_power: float = 0.0  # of the class counts: how much of the class weights is taken back
    labels: int = 0  # at the comparison; 0 where there has been none
    random_labels: int = 0  # of these, from the random arm: what it rests on
    replaced: Value | None = None  # the value that this one took the place of, at this very fit
    log_loss: float | None = None  # held out, in nats an answer
    replaced_log_loss: float | None = None  # that of the value before

    def renamed(self, value: OtherValue, replaced: OtherValue | None) -> "TunedParameters[OtherValue]":
        """Return the same parameters by what another chooser calls the values."""
        losses = (self.log_loss, None if replaced is None else self.replaced_log_loss)
        rests_on = (self.inverse_temperature, self.removed_power, self.labels, self.random_labels)
        return TunedParameters(value, *rests_on, replaced, *losses)

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` reads, without what is not set."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any] | None) -> Self | None:
        """Return stored parameters, fields of other versions left out; None where there are none."""
        known = {one.name for one in fields(cls)}
        kept = {name: value for name, value in (stored or {}).items() if name in known}
        return cls(**kept) if "value" in kept else None


@dataclass(frozen=True)
class ScoreCalibration:
    """What makes probabilities of scores: a factor on all, and what is added to each class."""

    inverse_temperature: float = 1.0
    removed_power: float = 0.0

    def apply(self, scores: NDArray[np.float64], log_counts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (m, k) scores of classes of which there are (k,) labels, as logarithms."""
        return scores * self.inverse_temperature + self.removed_power * log_counts


class Calibrated(Protocol):
    """A model whose scores can be scaled and shifted."""

    def temperature_scaled(self, inverse_temperature: float) -> Self: ...

    def with_class_offsets(self, offsets: NDArray[np.float32]) -> Self: ...


Model = TypeVar("Model", bound=Calibrated)


def calibrated(model: Model, tuned: TunedParameters[Any], labels: NDArray[Any]) -> Model:
    """Return the model with its scores calibrated as tuned; its classes are those of the labels, sorted."""
    scaled = model.temperature_scaled(tuned.inverse_temperature)
    if not tuned.removed_power:
        return scaled
    return scaled.with_class_offsets((tuned.removed_power * _log_counts(labels)).astype(np.float32))


def _log_counts(labels: NDArray[Any]) -> NDArray[np.float64]:
    """Return (k,) the logarithm of each class's share."""
    counts = np.unique(labels, return_counts=True)[1]
    return np.asarray(np.log(counts / counts.sum()), np.float64)


def clearly_best(
    losses: Mapping[Value, NDArray[np.float64]], current: Value, standard_errors: float = CLEAR_STANDARD_ERRORS
) -> Value:
    """Return the value of the lowest mean loss of those that are clearly better than the current one, else that one.

    `losses` are (m,) each, of the same rows; clear is a mean of the paired differences above so many of its standard
    errors.
    """
    gains = {value: losses[current] - loss for value, loss in losses.items()}
    clear = [value for value, gain in gains.items() if gain.mean() > standard_errors * gain.std() / np.sqrt(len(gain))]
    return max(clear, key=lambda value: float(gains[value].mean()), default=current)


def tune_by_cross_validation(
    fit: FitAtValue[Value],
    features: Matrix,
    labels: NDArray[Any],
    values: Sequence[Value],
    default: Value,
    seed: int,
    is_random_sample: NDArray[np.bool_] | None = None,
    *,
    weight_power: float | Callable[[Value], float] = 0.0,
    previous: TunedParameters[Value] | None = None,
    choose: ChooseValue[Value] = clearly_best,
) -> TunedParameters[Value]:
    """Choose among `values`, of which `default` is one; cost: TUNING_FOLDS fits for each value.

    `weight_power` is that of the class counts by which labels weigh in a fit, of every value or of each; `previous` is
    what an earlier fit chose, `choose` picks a value by the losses of all. Classes with fewer than TUNING_FOLDS labels
    take no part. With fewer than MIN_TUNING_LABELS labels of the others, or only one other, or fewer than
    MIN_RANDOM_LABELS labels to evaluate on, it is the default uncalibrated.
    """
    rows, codes = _tuning_sample(labels, seed)
    is_evaluation_row = np.ones(len(rows), bool) if is_random_sample is None else is_random_sample[rows]
    random_labels = int(np.count_nonzero(is_evaluation_row))
    if len(rows) < MIN_TUNING_LABELS or codes.max() < 1 or random_labels < MIN_RANDOM_LABELS:
        return TunedParameters(default)
    before = previous if previous is not None and previous.value in values else None
    if before is not None and len(labels) < RETUNING_GROWTH * before.labels:
        return before.renamed(before.value, None)
    folds = list(StratifiedKFold(TUNING_FOLDS, shuffle=True, random_state=seed % 2**32).split(rows, codes))
    judged, log_counts = codes[is_evaluation_row], _log_counts(codes)
    calibrations, losses = {}, {}
    for value in values:
        held_out = _held_out_log_proba(fit, features, rows, folds, value)[is_evaluation_row]
        power = weight_power(value) if callable(weight_power) else weight_power
        removed_power = 0.0 if before is None or value != before.value else before.removed_power
        calibrations[value] = _fit_calibration(held_out, judged, log_counts, power, removed_power)
        losses[value] = log_losses(calibrations[value].apply(held_out, log_counts), judged)
    current = default if before is None else before.value
    value = choose(losses, current)
    return TunedParameters(
        value,
        **asdict(calibrations[value]),
        labels=len(labels),
        random_labels=random_labels,
        replaced=None if value == current else current,
        log_loss=float(losses[value].mean()),
        replaced_log_loss=None if value == current else float(losses[current].mean()),
    )


def fit_inverse_temperature(
    log_proba: NDArray[Any], codes: NDArray[np.intp], offsets: NDArray[Any] | float = 0.0
) -> float:
    """Return the factor on scores with the lowest log loss; 1 with fewer than MIN_RANDOM_LABELS rows.

    `log_proba` is (m, k), of rows that the model was not fitted on; `codes` are their true columns. `offsets` (k,) are
    added to the scaled scores.
    """
    if len(codes) < MIN_RANDOM_LABELS:
        return 1.0
    return float(min(SCALE_FACTORS, key=lambda factor: float(log_losses(log_proba * factor + offsets, codes).mean())))


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
    fit: FitAtValue[Value], features: Matrix, rows: Rows, folds: Sequence[tuple[Rows, Rows]], value: Value
) -> NDArray[np.float64]:
    """Return (m, k) log probabilities of each row by the model that was fitted without its fold."""
    parts = [safe_log(fit(rows[train], value).predict_proba(features, rows[test])) for train, test in folds]
    held_out = np.empty((len(rows), parts[0].shape[1]))
    for (_, test), part in zip(folds, parts, strict=True):
        held_out[test] = part
    return held_out


def _fit_calibration(
    log_proba: NDArray[np.float64],
    codes: NDArray[np.intp],
    log_counts: NDArray[np.float64],
    weight_power: float,
    removed_power: float,
) -> ScoreCalibration:
    """Return the calibration of scores of rows that the model was not fitted on; O(m k) for each factor and power.

    As much of the class weights is taken back as before, `removed_power`, unless another power is clearly better.
    """
    powers = {max(0.0, weight_power - power) for power in WEIGHT_POWERS} | {removed_power}
    calibrations = {
        power: ScoreCalibration(fit_inverse_temperature(log_proba, codes, power * log_counts), power)
        for power in powers
    }
    losses = {power: log_losses(one.apply(log_proba, log_counts), codes) for power, one in calibrations.items()}
    return calibrations[clearly_best(losses, removed_power)]


def log_losses(scores: NDArray[np.float64], codes: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return each row's log loss."""
    highest = scores.max(axis=1)
    total = highest + np.log(np.exp(scores - highest[:, None]).sum(axis=1))
    loss: NDArray[np.float64] = total - scores[np.arange(len(codes)), codes]
    return loss
