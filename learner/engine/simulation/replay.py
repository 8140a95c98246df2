"""Replay of a labelled data set through the very function that live rounds run.

The answers are known, an imaginary annotator gives them in the order of the queue, and the model is judged
on items that were never used for training: the rest of the pool, or a test set from outside.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.tasktypes import TASK_TYPES, TaskType
from learner.engine.arrays.sparse import Matrix
from learner.engine.contracts.iteration import IterationInput, IterationResult, IterationSettings, Rows
from learner.engine.estimators import Model
from learner.engine.loop.iteration import run_iteration
from learner.engine.task_profiles import TASK_PROFILES

START_KINDS = ("cycle", "random", "stratified")  # who chooses the first labels; cycle: the loop itself


Score = Callable[[Any, Any], dict[str, float]]  # targets, (n,) both: what is true, what was said; {figure: value}


def score_of(task_type: TaskType) -> Score:
    """Return what judges predictions of that task type: a function of two sequences of targets."""
    return partial(TASK_PROFILES[task_type.name].answers.point_estimates, task_type)


@dataclass(frozen=True)
class Known:
    """Items whose answers are known."""

    features: Matrix  # (n, d)
    labels: NDArray[Any]  # (n,) targets, strings
    contents: NDArray[Any] | None = None  # (n,) what the estimator reads where that is not the features

    @property
    def read(self) -> Matrix | NDArray[Any]:
        """What estimators and their models read."""
        return self.features if self.contents is None else self.contents


@dataclass(frozen=True)
class Point:
    """One point of a learning curve."""

    labels: int  # used for training
    answers: int  # given in all, the test sample's included
    n: int  # items judged by
    figures: dict[str, float]  # of the task type


@dataclass(frozen=True)
class Replay:
    """A learning curve and the last turn."""

    curve: list[Point]
    result: IterationResult
    train_rows: Rows  # in the order of labelling
    readable: Rows  # all that could be labelled for training


@dataclass(frozen=True)
class Start:
    """The labels that are there before the first turn."""

    kind: str = "cycle"  # one of START_KINDS
    labels: int = 0


def _go_on(labels: int) -> None:
    """Never abort."""


def simulate(
    pool: Known,
    settings: IterationSettings,
    seed: int,
    budget: int,
    test_size: int = 300,
    held: Known | None = None,
    start: Start | None = None,
    progress: Callable[[int], None] = _go_on,
    task_type: TaskType = TASK_TYPES["text_classification"],
) -> Replay:
    """Label up to `budget` training items in the order the loop asks for them, a batch between two turns.

    The test sample has at most a fifth of the pool's items. A point of the curve is judged on `held`, else on all
    that was never used for training, which leaves out what the strategy found hard and flatters it; by the figures of
    the task type. `progress` is called with the labels so far after each turn; it may raise to abort.
    """
    state = _State(pool, score_of(task_type), seed, min(test_size, len(pool.labels) // 5))
    state.begin(start or Start(), budget)
    curve: list[Point] = []
    number = 1
    while True:
        result = run_iteration(state.input(number), settings)
        if result.model is not None and (not curve or curve[-1].labels < len(state.train)):
            curve.append(state.judge(result.model, held))
        progress(len(state.train))
        if not state.answer(result, settings.batch_size, budget):
            return Replay(curve, result, state.train_rows, np.sort(state.order))
        number += 1


def stratified(labels: NDArray[Any], rows: Rows, count: int, seed: int) -> Rows:
    """Return `count` of the rows in which each class has its share by largest remainder, at random."""
    rows = np.random.default_rng(seed).permutation(rows)
    _, codes, sizes = np.unique(labels[rows], return_inverse=True, return_counts=True)
    exact = min(count, len(rows)) * sizes / max(len(rows), 1)
    wanted = np.floor(exact).astype(int)
    short = min(count, len(rows)) - int(wanted.sum())
    wanted[np.argsort(wanted - exact, kind="stable")[:short]] += 1
    place = np.zeros(len(rows), int)  # of a row among those of its class
    for code, size in enumerate(sizes):
        place[codes == code] = np.arange(size)
    chosen: Rows = rows[place < wanted[codes]]
    return chosen


class _State:
    """What the database would know."""

    def __init__(self, pool: Known, score: Score, seed: int, test_size: int) -> None:
        self.pool, self.labels, self.score, self.seed = pool, pool.labels, score, seed
        order = np.random.default_rng(seed).permutation(len(pool.labels))
        self.test, self.order = order[:test_size], order[test_size:]
        self.answered = np.zeros(len(pool.labels), bool)
        self.train: list[int] = []
        self.control: list[int] = []

    @property
    def train_rows(self) -> Rows:
        return np.array(self.train, np.intp)

    def input(self, number: int) -> IterationInput:
        control = np.array(self.control, np.intp)
        available = ~self.answered
        available[self.test] = False
        return IterationInput(
            features=self.pool.features,
            train_rows=self.train_rows,
            train_labels=self.labels[self.train_rows],
            control_rows=control,
            control_labels=self.labels[control],
            available=available,
            random_rows=self.order[~self.answered[self.order]],
            test_rows=self.test,
            open_test_rows=self.test[~self.answered[self.test]],
            seed=self.seed,
            round_number=number,
            contents=self.pool.contents,
        )

    def begin(self, start: Start, budget: int) -> None:
        """Give the first labels. Random ones are the beginning of the control arm's order."""
        count = min(start.labels, budget)
        if start.kind == "random":
            chosen = self.order[:count]
            self.control = [int(row) for row in chosen]
        elif start.kind == "stratified":
            chosen = stratified(self.labels, self.order, count, self.seed)
        else:
            return
        self.train = [int(row) for row in chosen]
        self.answered[chosen] = True

    def answer(self, result: IterationResult, batch: int, budget: int) -> int:
        """Answer a batch from the top of the queue; return how many items that were, none at the budget's end."""
        given = 0
        for choice in result.choices[:batch]:
            if len(self.train) >= budget:
                break
            given += 1
            self.answered[choice.row] = True
            if choice.reason == "test":
                continue
            self.train.append(choice.row)
            if choice.reason == "random":
                self.control.append(choice.row)
        return given

    def judge(self, model: Model, held: Known | None) -> Point:
        """Judge on the outside set, or on all that was never used for training."""
        if held is None:
            rest = np.ones(len(self.labels), bool)
            rest[self.train] = False
            rows = np.flatnonzero(rest)
            truth, said = self.labels[rows], model.predict(self.pool.read, rows)
        else:
            truth, said = held.labels, model.predict(held.read)
        return Point(len(self.train), int(self.answered.sum()), len(truth), self.score(truth, said))
