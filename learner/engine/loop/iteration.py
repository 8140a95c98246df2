"""One iteration of the loop: fit, evaluate, score, choose. Live rounds and simulations run this very function.

Pure: arrays in, choices out. Settings, seed, number and the labels determine the result.
"""

import functools
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.lazy_text import LazyText as _
from annotation.tasktypes.label_ranking import MAX_TOP_LABELS
from learner.engine.arrays.sparse import dense_view
from learner.engine.contracts.estimator import (
    Classifier,
    Detector,
    LabelRanker,
    PredictedValue,
    choices_of,
    fit_after,
)
from learner.engine.contracts.iteration import (
    FittedIteration,
    IterationInput,
    IterationResult,
    IterationSettings,
    Labels,
    RankedItem,
    Rows,
)
from learner.engine.estimators import Model, estimator_named
from learner.engine.estimators.class_probabilities import RankedLabels, most_probable_classes, top_labels
from learner.engine.estimators.linear.bootstrap import fit_committee
from learner.engine.loop.interleaving import arm_shares, interleave_arms, limit_arm_rows
from learner.engine.query_strategies import STRATEGIES, Committee, Pool, QueryParams, Selection
from learner.engine.strategy_requirements import NEEDS_NO_MODEL
from learner.engine.uncertainty.pool_scores import PoolScores, score_pool
from learner.engine.uncertainty.remaining import remaining_uncertainty

COLD_START = "spread"  # the strategy while there is no model


def _never_abort(step: str) -> None:
    """Never abort."""


def run_iteration(
    inp: IterationInput, settings: IterationSettings, checkpoint: Callable[[str], None] = _never_abort
) -> IterationResult:
    """Run one iteration and return the queue to publish, the model and its predictions of the test sample.

    `checkpoint` is called with the name of each step before it starts (fit, control, score,
    choose); it may raise to abort.
    """
    fitted, steps = fit_models(inp, settings, checkpoint), _StepTimer(checkpoint)
    with steps("score"):
        scores = score_pool(fitted.model, inp.model_input) if fitted.model else None
    timed = replace(fitted, timings=fitted.timings | steps.seconds)
    return build_queue(inp, settings, timed, scores, checkpoint)


def fit_models(
    inp: IterationInput, settings: IterationSettings, checkpoint: Callable[[str], None] = _never_abort
) -> FittedIteration:
    """Run the part of an iteration before everything is scored."""
    steps = _StepTimer(checkpoint)
    with steps("fit"):
        model = _fit_model(inp, settings, inp.train_rows, inp.train_labels, inp.previous_choices)
    with steps("control"):
        # with what the model chose, so that the two differ by their labels alone
        control = _fit_model(inp, settings, inp.control_rows, inp.control_labels, choices_of(model))
        control_predictions = (
            control.predict(inp.model_input, inp.test_rows) if control else _single_class_predictions(inp)
        )
        control_detections = _test_detections(inp, control)
    return FittedIteration(model, control_predictions, steps.seconds, control_detections)


def build_queue(
    inp: IterationInput,
    settings: IterationSettings,
    fitted: FittedIteration,
    scores: PoolScores | None,
    checkpoint: Callable[[str], None] = _never_abort,
) -> IterationResult:
    """Run the part of an iteration after the model has scored everything; `scores` is None without a model."""
    model, steps = fitted.model, _StepTimer(checkpoint)
    with steps("choose"):
        open_rows = _selectable_mask(inp, settings)
        selection = _select_by_strategy(inp, settings, model, scores, open_rows)
        choices = interleave_arms(inp, settings, selection)
        test = stop = uncertainty = None
        if model is not None and scores is not None:
            test = _predict(inp, model, scores, inp.test_rows)
            stop = _predict(inp, model, scores, inp.stop_set_rows)
            uncertainty = remaining_uncertainty(scores, inp.available)
            choices = _add_suggestions(inp, choices, model, scores)
    return IterationResult(
        choices=choices,
        model=model,
        test_predictions=None if test is None else test.value,
        control_predictions=fitted.control_predictions,
        beta=selection.beta,
        effective_pool=selection.effective_pool,
        score_name=selection.score_name,
        note="" if selection.reason == "search" else _note_message(inp, model),
        timings=fitted.timings | steps.seconds,
        test_scores=None if test is None else test.score,
        pool_size=int(np.count_nonzero(open_rows)),
        stop_set_predictions=None if stop is None else stop.value,
        remaining_uncertainty=uncertainty,
        test_detections=_test_detections(inp, model),
        control_detections=fitted.control_detections,
    )


class _StepTimer:
    """Times the steps of an iteration and asks before each whether to go on."""

    def __init__(self, checkpoint: Callable[[str], None]) -> None:
        self.checkpoint = checkpoint
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, step: str) -> Iterator[None]:
        self.checkpoint(step)
        start = time.perf_counter()
        yield
        self.seconds[step] = time.perf_counter() - start


def _fit_model(
    inp: IterationInput, settings: IterationSettings, rows: Rows, labels: Labels, choices: Mapping[str, Any]
) -> Model | None:
    """Fit the project's estimator; None while it has fewer than two classes to tell apart."""
    if len(set(labels.tolist())) < 2:
        return None
    is_random_sample = np.isin(rows, inp.control_rows)  # the strategy's are the hard ones
    estimator = estimator_named(settings.estimator)
    return fit_after(estimator, choices, inp.model_input[rows], labels.astype(str), inp.seed, is_random_sample)


def _single_class_predictions(inp: IterationInput) -> Labels | None:
    """Return what the random arm alone would say while it has met one class: always that one; None without labels."""
    if not len(inp.control_labels):
        return None
    return np.full(len(inp.test_rows), str(inp.control_labels[0]), dtype=object)


def _selectable_mask(inp: IterationInput, settings: IterationSettings) -> NDArray[np.bool_]:
    """Return (n,) what the strategy may choose from: neither test nor next in the control arm."""
    available = inp.available.copy()
    available[inp.test_rows] = False
    available[limit_arm_rows(inp.random_rows, settings, arm_shares(settings)[2])] = False
    return available


def _select_by_strategy(
    inp: IterationInput,
    settings: IterationSettings,
    model: Model | None,
    scores: PoolScores | None,
    open_rows: NDArray[np.bool_],
) -> Selection:
    """Rank what the strategy may choose from."""
    column_of_class = {} if model is None else {name: index for index, name in enumerate(model.classes)}
    pool = Pool(
        dense_view(inp.features),
        open_rows,
        proba=None if scores is None else scores.proba,
        uncertainty=None if scores is None else scores.uncertainty,
        labelled_rows=np.asarray(inp.train_rows, np.intp),
        labelled_classes=np.array([column_of_class.get(str(label), -1) for label in inp.train_labels], np.intp),
        labelled_relevance=_labelled_relevance(inp, settings),
        terms=inp.terms,
        topic=inp.topic,
        committee=None if scores is None or scores.proba is None else _lazy_committee(inp),
        contents=inp.contents,
    )
    params = QueryParams(
        seed=inp.seed,
        round_number=inp.round_number,
        beta=_scheduled_beta(settings, len(inp.train_rows)),
        effective_pool=settings.effective_pool * settings.batch_size,
        batch_size=settings.batch_size,
        target_class=None if settings.target_label is None else column_of_class.get(settings.target_label),
        mixture_shares=settings.mixture_shares,
    )
    return STRATEGIES[_usable_strategy(settings, column_of_class)](pool, settings.depth, params)


def _labelled_relevance(inp: IterationInput, settings: IterationSettings) -> NDArray[np.bool_]:
    """Return of each training row whether it has the label searched for: the target, else the rarest label so far."""
    labels = inp.train_labels.astype(str)
    if settings.target_label is not None:
        return np.asarray(labels == settings.target_label)
    names, counts = np.unique(labels, return_counts=True)
    return np.asarray(labels == names[counts.argmin()]) if len(names) > 1 else np.zeros(len(labels), bool)


def _usable_strategy(settings: IterationSettings, known_classes: Collection[str]) -> str:
    """Return the strategy that can choose now: one that needs no model until there is what the project's needs."""
    searching = settings.strategy == "relevance" and settings.target_label is not None
    ready = settings.target_label in known_classes if searching else bool(known_classes)
    return settings.strategy if ready or settings.strategy in NEEDS_NO_MODEL else COLD_START


def _scheduled_beta(settings: IterationSettings, labels: int) -> float | None:
    """Return the inverse temperature at this number of labels: it moves evenly from `beta` to `beta_end`."""
    if settings.beta is None or settings.beta_end is None:
        return settings.beta
    progress = min(labels / max(settings.beta_labels, 1), 1.0)
    return settings.beta + progress * (settings.beta_end - settings.beta)


def _lazy_committee(inp: IterationInput) -> Committee:
    """Return what asks models of resampled labels; they are fitted when they are first asked."""

    @functools.cache
    def members() -> list[Classifier]:
        return fit_committee(inp.features[inp.train_rows], inp.train_labels.astype(str), inp.seed)

    return lambda rows: np.stack([member.predict_proba(inp.features, rows) for member in members()])


def _add_suggestions(
    inp: IterationInput, choices: list[RankedItem], model: Model, scores: PoolScores
) -> list[RankedItem]:
    """Add what the model would answer, and its most probable labels."""
    rows = np.array([choice.row for choice in choices], np.intp)
    answers, ranked = _predict(inp, model, scores, rows), _label_ranking(inp, model, scores, rows)
    return [
        replace(choice, label=str(label), label_score=float(score), top_labels=tuple(labels))
        for choice, label, score, labels in zip(choices, answers.value, answers.score, ranked, strict=True)
    ]


def _predict(inp: IterationInput, model: Model, scores: PoolScores, rows: Rows) -> PredictedValue:
    """Return what the model would answer about these rows; a classifier's answer follows from the scores."""
    if scores.proba is not None:
        return most_probable_classes(model.classes, scores.proba[rows])
    return model.predict_with_confidence(inp.model_input, rows)


def _label_ranking(inp: IterationInput, model: Model, scores: PoolScores, rows: Rows) -> list[RankedLabels]:
    """Return the most probable labels of these rows; none where answers are no labels of the whole item."""
    if scores.proba is not None:
        return top_labels(model.classes, scores.proba[rows], MAX_TOP_LABELS)
    if isinstance(model, LabelRanker):
        return top_labels(model.classes, model.label_probabilities(inp.model_input, rows), MAX_TOP_LABELS)
    return [[] for _ in rows]


def _test_detections(inp: IterationInput, model: Model | None) -> dict[str, Any]:
    """Return all detections in the test sample; nothing of a model that is no detector."""
    return model.detect_all(inp.model_input, inp.test_rows) if isinstance(model, Detector) else {}


def _note_message(inp: IterationInput, model: Model | None) -> str:
    if model is not None:
        return ""
    if not len(inp.train_labels):
        return _("There are no labels yet: the first items are spread over all of them.")
    return _("All labels so far are of one class: more items spread over all of them, until a second class turns up.")
