"""One iteration of the loop: fit, evaluate, score, choose. Live rounds and simulations run this very function.

Pure: arrays in, choices out. Settings, seed, number and the labels determine the result.
"""

import functools
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.lazy_text import LazyText as _
from annotation.tasktypes.label_ranking import MOST
from learner.engine.arrays.sparse import comparable
from learner.engine.contracts.estimator import Finder
from learner.engine.contracts.iteration import (
    FittedIteration,
    IterationInput,
    IterationResult,
    IterationSettings,
    Labels,
    RankedItem,
    Rows,
)
from learner.engine.estimators import Model, estimator
from learner.engine.estimators.linear.bootstrap import bootstrap
from learner.engine.loop.interleaving import arm_rows, arm_shares, interleave
from learner.engine.query_strategies import STRATEGIES, WITHOUT_MODEL, Committee, Pool, QueryParams, Selection
from learner.engine.uncertainty.remaining import left_uncertain

COLD_START = "spread"  # the strategy while there is no model


def _continue(step: str) -> None:
    """Never abort."""


def run_iteration(
    inp: IterationInput, settings: IterationSettings, checkpoint: Callable[[str], None] = _continue
) -> IterationResult:
    """Run one iteration and return the queue to publish, the model and its predictions of the test sample.

    `checkpoint` is called with the name of each step before it starts (fit, control, score,
    choose); it may raise to abort.
    """
    learnt, steps = learn(inp, settings, checkpoint), _Steps(checkpoint)
    with steps("score"):
        proba = learnt.model.predict_proba(inp.read) if learnt.model else None
    timed = replace(learnt, timings=learnt.timings | steps.seconds)
    return choose(inp, settings, timed, proba, checkpoint)


def learn(
    inp: IterationInput, settings: IterationSettings, checkpoint: Callable[[str], None] = _continue
) -> FittedIteration:
    """Run the part of an iteration before everything is scored."""
    steps = _Steps(checkpoint)
    with steps("fit"):
        model = _fit(inp, settings, inp.train_rows, inp.train_labels)
    with steps("control"):
        control = _fit(inp, settings, inp.control_rows, inp.control_labels)
        control_predictions = control.predict(inp.read, inp.test_rows) if control else _only_class(inp)
        control_found = _found(inp, control)
    return FittedIteration(model, control_predictions, steps.seconds, control_found)


def choose(
    inp: IterationInput,
    settings: IterationSettings,
    learnt: FittedIteration,
    proba: NDArray[np.float32] | None,
    checkpoint: Callable[[str], None] = _continue,
) -> IterationResult:
    """Run the part of an iteration after the model has scored everything: `proba` is (n, k), None without a model."""
    model, steps = learnt.model, _Steps(checkpoint)
    with steps("choose"):
        test_predictions, test_scores = _predictions(inp, model, proba, inp.test_rows)
        stop_predictions = _predictions(inp, model, proba, inp.stop_rows)[0]
        uncertainty = None if proba is None else left_uncertain(proba, inp.available)
        open_rows = _open(inp, settings)
        picks = _pick(inp, settings, model, proba, open_rows)
        choices = interleave(inp, settings, picks)
        if model is not None and proba is not None:
            choices = _with_suggestions(inp, choices, model, proba)
    return IterationResult(
        choices=choices,
        model=model,
        test_predictions=test_predictions,
        control_predictions=learnt.control_predictions,
        beta=picks.beta,
        effective_pool=picks.effective_pool,
        measure=picks.measure,
        note=_note(inp, model),
        timings=learnt.timings | steps.seconds,
        test_scores=test_scores,
        pool=int(np.count_nonzero(open_rows)),
        stop_predictions=stop_predictions,
        uncertainty=uncertainty,
        test_found=_found(inp, model),
        control_found=learnt.control_found,
    )


class _Steps:
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


def _fit(inp: IterationInput, settings: IterationSettings, rows: Rows, labels: Labels) -> Model | None:
    """Fit the project's estimator; None while it has fewer than two classes to tell apart."""
    if len(set(labels.tolist())) < 2:
        return None
    fair = np.isin(rows, inp.control_rows)  # only these are a random sample; the strategy's are the hard ones
    return estimator(settings.estimator)(inp.read[rows], labels.astype(str), inp.seed, fair)


def _only_class(inp: IterationInput) -> Labels | None:
    """Return what the random arm alone would say while it has met one class: always that one; None without labels."""
    if not len(inp.control_labels):
        return None
    return np.full(len(inp.test_rows), str(inp.control_labels[0]), dtype=object)


def _open(inp: IterationInput, settings: IterationSettings) -> NDArray[np.bool_]:
    """Return (n,) what the strategy may choose from: neither test nor next in the control arm."""
    available = inp.available.copy()
    available[inp.test_rows] = False
    available[arm_rows(inp.random_rows, settings, arm_shares(settings)[2])] = False
    return available


def _pick(
    inp: IterationInput,
    settings: IterationSettings,
    model: Model | None,
    proba: NDArray[np.float32] | None,
    open_rows: NDArray[np.bool_],
) -> Selection:
    """Rank what the strategy may choose from."""
    column = {} if model is None else {name: place for place, name in enumerate(model.classes)}
    pool = Pool(
        comparable(inp.features),
        open_rows,
        proba,
        labelled=np.asarray(inp.train_rows, np.intp),
        labels=np.array([column.get(str(label), -1) for label in inp.train_labels], np.intp),
        committee=None if model is None else _committee(inp),
        contents=inp.contents,
    )
    params = QueryParams(
        seed=inp.seed,
        number=inp.number,
        beta=_beta(settings, len(inp.train_rows)),
        effective_pool=settings.effective_pool * settings.batch_size,
        window=settings.batch_size,
        target=None if settings.target is None else column.get(settings.target),
        shares=settings.shares,
    )
    return STRATEGIES[_strategy(settings, column)](pool, settings.depth, params)


def _strategy(settings: IterationSettings, known: Collection[str]) -> str:
    """Return the strategy that can choose now: one that needs no model until there is what the project's needs."""
    searching = settings.strategy == "relevance" and settings.target is not None
    ready = settings.target in known if searching else bool(known)
    return settings.strategy if ready or settings.strategy in WITHOUT_MODEL else COLD_START


def _beta(settings: IterationSettings, labels: int) -> float | None:
    """Return the sharpness at this number of labels: it moves evenly from `beta` to `beta_end`."""
    if settings.beta is None or settings.beta_end is None:
        return settings.beta
    way = min(labels / max(settings.beta_labels, 1), 1.0)
    return settings.beta + way * (settings.beta_end - settings.beta)


def _committee(inp: IterationInput) -> Committee:
    """Return what asks models of resampled labels; they are fitted when they are first asked."""

    @functools.cache
    def members() -> list[Model]:
        return bootstrap(inp.features[inp.train_rows], inp.train_labels.astype(str), inp.seed)

    return lambda rows: np.stack([member.predict_proba(inp.features, rows) for member in members()])


def _with_suggestions(
    inp: IterationInput, choices: list[RankedItem], model: Model, proba: NDArray[np.float32]
) -> list[RankedItem]:
    """Add what the model would say."""
    said, scores = model.said(inp.read, rows := np.array([choice.row for choice in choices], np.intp), proba[rows])
    likely = model.likeliest(inp.read, rows, proba[rows], MOST)
    return [
        replace(choice, label=str(label), label_score=float(score), likely=tuple(some))
        for choice, label, score, some in zip(choices, said, scores, likely, strict=True)
    ]


def _predictions(
    inp: IterationInput, model: Model | None, proba: NDArray[np.float32] | None, rows: Rows
) -> tuple[Labels | None, NDArray[np.float32] | None]:
    """Return what the model would say of these rows and how sure it is; nothing while there is none."""
    return (None, None) if model is None or proba is None else model.said(inp.read, rows, proba[rows])


def _found(inp: IterationInput, model: Model | None) -> dict[str, Any]:
    """Return what the model finds in the test sample, sure of it or not; nothing of a model that does not tell."""
    return model.finds(inp.read, inp.test_rows) if isinstance(model, Finder) else {}


def _note(inp: IterationInput, model: Model | None) -> str:
    if model is not None:
        return ""
    if not len(inp.train_labels):
        return _("There are no labels yet: the first items are spread over all of them.")
    return _("All labels so far are of one class: more items spread over all of them, until a second class turns up.")
