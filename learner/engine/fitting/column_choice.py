"""Which columns a model reads, where there are those made here and those of an encoder: as the random labels say.

An encoder knows more than a pool of short texts tells, and less than long ones do; only a project's own labels say
which. All labels train, in folds; those of the random arm judge, by the log loss, a proper score (Gneiting and Raftery,
Strictly proper scoring rules, JASA 2007). Each choice may sharpen its scores first, so that none is preferred for how
sure it is. Other columns take the place of those in use only when they are better by more than their standard error.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotation.tasktypes.answers import LabelSet
from learner.engine.arrays.batched_scoring import Rows
from learner.engine.arrays.sparse import Matrix
from learner.engine.contracts.estimator import Classifier, Estimator, LabelRanker, Model
from learner.engine.fitting.tuning import MAX_TUNING_ROWS, SCALE_FACTORS, TUNING_FOLDS, clearly_best, safe_log

MIN_JUDGING_LABELS = 30  # of the random arm
CLEAR_ERRORS = 1.0  # standard errors by which other columns have to be better
MIN_RIGHT_PROBABILITY = 1e-4  # that a model is taken to have given the right label, also one that it never saw
ANSWERS_OF_LABELS = LabelSet()


@dataclass(frozen=True)
class ColumnChoice:
    """Columns, and why."""

    view: str  # a key of the candidates
    random_labels: int  # that there were
    losses: Mapping[str, float]  # mean log loss of each candidate; nothing where they have not been compared


def choose_columns(
    candidates: Mapping[str, Matrix],
    labels: NDArray[np.object_],
    is_random: NDArray[np.bool_],
    current: str,
    estimator: Estimator,
    seed: int,
) -> ColumnChoice:
    """Return the best of `candidates`, the labelled rows (m, d) of each choice; `current` where there are few labels.

    Costs TUNING_FOLDS fits for each candidate.
    """
    count = int(np.count_nonzero(is_random))
    rows = _sample(is_random, seed)
    if count < MIN_JUDGING_LABELS or len(set(labels[rows].tolist())) < 2:
        return ColumnChoice(current, count, {})
    losses = {
        view: _losses(features, labels, rows, is_random, estimator, seed) for view, features in candidates.items()
    }
    best = clearly_best(losses, current, CLEAR_ERRORS)
    return ColumnChoice(best, count, {view: round(float(loss.mean()), 4) for view, loss in losses.items()})


def _sample(is_random: NDArray[np.bool_], seed: int) -> Rows:
    """Return up to MAX_TUNING_ROWS labelled rows in random order, those of the random arm among them if they fit."""
    order = np.random.default_rng(seed).permutation(len(is_random))
    return order[np.argsort(~is_random[order], kind="stable")][:MAX_TUNING_ROWS]


def _losses(
    features: Matrix,
    labels: NDArray[np.object_],
    rows: Rows,
    is_random: NDArray[np.bool_],
    estimator: Estimator,
    seed: int,
) -> NDArray[np.float64]:
    """Return the log loss of each random label by a model that had not seen it, after sharpening all alike."""
    scores: list[NDArray[np.float64]] = []
    for fold in range(TUNING_FOLDS):
        train = rows[np.arange(len(rows)) % TUNING_FOLDS != fold]
        judged = rows[fold::TUNING_FOLDS]
        judged = judged[is_random[judged]]
        if len(judged) and len(set(labels[train].tolist())) > 1:
            no_mask = np.zeros(len(train), bool)  # without random labels, an estimator keeps its defaults
            model = estimator(features[train], labels[train].astype(str), seed, no_mask)
            scores.append(_sharpened_losses(model, features[judged], labels[judged]))
    by_factor = np.concatenate(scores)
    best: NDArray[np.float64] = by_factor[:, by_factor.mean(axis=0).argmin()]
    return best


def _sharpened_losses(model: Model, features: Matrix, labels: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return (m, factors): the log loss of each label with the model's scores times each factor."""
    if isinstance(model, LabelRanker):
        return _label_set_losses(model, features, labels)
    if not isinstance(model, Classifier):
        raise TypeError("Columns are chosen for what tells classes apart.")
    logs = safe_log(model.predict_proba(features))
    columns = {name: column for column, name in enumerate(model.classes)}
    known = np.array([columns.get(str(label), -1) for label in labels])
    losses = np.empty((len(labels), len(SCALE_FACTORS)))
    for index, factor in enumerate(SCALE_FACTORS):
        scaled = np.exp(logs * factor)
        proba = scaled[np.arange(len(labels)), known] / scaled.sum(axis=1)
        losses[:, index] = -np.log(np.maximum(np.where(known < 0, 0, proba), MIN_RIGHT_PROBABILITY))
    return losses


def _label_set_losses(model: LabelRanker, features: Matrix, labels: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return the same of answers with several labels: the losses of all labels of an item together."""
    proba = np.clip(
        model.label_probabilities(features).astype(np.float64), MIN_RIGHT_PROBABILITY, 1 - MIN_RIGHT_PROBABILITY
    )
    sets = [set(ANSWERS_OF_LABELS.value(target)["labels"]) for target in labels]
    has_label = np.array([[name in names for name in model.classes] for names in sets])  # type: ignore[attr-defined]
    odds = np.log(proba / (1 - proba)) * np.where(has_label, 1, -1)
    return np.stack([np.logaddexp(0, -odds * factor).sum(axis=1) for factor in SCALE_FACTORS], axis=1)
