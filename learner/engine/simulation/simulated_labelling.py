"""Replay of a labelled data set through the very function that live rounds run.

The answers are known, an imaginary annotator gives them in the order of the queue, and the model is judged
on items that were never used for training: the rest of the pool, or a test set from outside.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.tasktypes import TASK_TYPES, TaskType
from learner.engine.answer_evaluations import evaluation_of_task_type
from learner.engine.arrays.sparse import Matrix
from learner.engine.contracts.estimator import choices_of
from learner.engine.contracts.iteration import IterationInput, IterationResult, IterationSettings, Rows
from learner.engine.estimators import Model
from learner.engine.loop.iteration import run_iteration

INITIAL_SELECTIONS = ("cycle", "random", "stratified")  # who chooses the first labels; cycle: the loop itself


ScoreFunction = Callable[[Any, Any], dict[str, float]]  # true and predicted targets, (n,) both -> {metric: value}


def score_function(task_type: TaskType) -> ScoreFunction:
    """Return what judges predictions of that task type: a function of two sequences of targets."""
    return partial(evaluation_of_task_type(task_type.name).point_estimates, task_type)


@dataclass(frozen=True)
class LabelledData:
    """Items whose answers are known."""

    features: Matrix  # (n, d)
    labels: NDArray[Any]  # (n,) targets, strings
    contents: NDArray[Any] | None = None  # (n,) what the estimator reads where that is not the features

    @property
    def model_input(self) -> Matrix | NDArray[Any]:
        """What estimators and their models read."""
        return self.features if self.contents is None else self.contents


@dataclass(frozen=True)
class CurvePoint:
    """One point of a learning curve."""

    labels: int  # used for training
    answers: int  # given in all, the test sample's included
    n: int  # items judged by
    figures: dict[str, float]  # of the task type


@dataclass(frozen=True)
class SimulationResult:
    """A learning curve and the last iteration."""

    curve: list[CurvePoint]
    result: IterationResult
    train_rows: Rows  # in the order of labelling
    trainable_rows: Rows  # all that could be labelled for training


@dataclass(frozen=True)
class InitialLabels:
    """The labels that are there before the first iteration."""

    selection: str = "cycle"  # one of INITIAL_SELECTIONS
    count: int = 0


def _ignore_progress(labels: int) -> None:
    """Never abort."""


def simulate_labelling(
    pool: LabelledData,
    settings: IterationSettings,
    seed: int,
    budget: int,
    test_size: int = 300,
    held_out: LabelledData | None = None,
    initial_labels: InitialLabels | None = None,
    progress: Callable[[int], None] = _ignore_progress,
    task_type: TaskType = TASK_TYPES["text_classification"],
) -> SimulationResult:
    """Label up to `budget` training items in the order the loop asks for them, a batch between two iterations.

    The test sample has at most a fifth of the pool's items. A point of the curve is judged on `held_out`, else on all
    that was never used for training, which leaves out what the strategy found hard and flatters it; by the figures of
    the task type. `progress` is called with the labels so far after each iteration; it may raise to abort.
    """
    state = SimulatedProject(pool, score_function(task_type), seed, min(test_size, len(pool.labels) // 5))
    state.give_initial_labels(initial_labels or InitialLabels(), budget)
    curve: list[CurvePoint] = []
    number = 1
    while True:
        result = run_iteration(state.iteration_input(number), settings)
        state.choices = choices_of(result.model)
        if result.model is not None and (not curve or curve[-1].labels < len(state.labelled_so_far)):
            curve.append(state.evaluated_curve_point(result.model, held_out))
        progress(len(state.labelled_so_far))
        if not state.answer_batch(result, settings.batch_size, budget):
            return SimulationResult(curve, result, state.train_rows, np.sort(state.random_order))
        number += 1


def stratified_sample(labels: NDArray[Any], rows: Rows, count: int, seed: int) -> Rows:
    """Return `count` of the rows in which each class has its share by largest remainder, at random."""
    rows = np.random.default_rng(seed).permutation(rows)
    _, codes, sizes = np.unique(labels[rows], return_inverse=True, return_counts=True)
    exact_counts = min(count, len(rows)) * sizes / max(len(rows), 1)
    class_counts = np.floor(exact_counts).astype(int)
    missing_count = min(count, len(rows)) - int(class_counts.sum())
    class_counts[np.argsort(class_counts - exact_counts, kind="stable")[:missing_count]] += 1
    index_in_class = np.zeros(len(rows), int)  # of a row among those of its class
    for code, size in enumerate(sizes):
        index_in_class[codes == code] = np.arange(size)
    chosen: Rows = rows[index_in_class < class_counts[codes]]
    return chosen


class SimulatedProject:
    """What the database would know."""

    def __init__(self, pool: LabelledData, score: ScoreFunction, seed: int, test_size: int) -> None:
        self.pool, self.labels, self.score, self.seed = pool, pool.labels, score, seed
        random_order = np.random.default_rng(seed).permutation(len(pool.labels))
        self.test_rows, self.random_order = random_order[:test_size], random_order[test_size:]
        self.answered = np.zeros(len(pool.labels), bool)
        self.labelled_so_far: list[int] = []
        self.control_so_far: list[int] = []
        self.choices: Mapping[str, Any] = {}  # of the last model

    @property
    def train_rows(self) -> Rows:
        return np.array(self.labelled_so_far, np.intp)

    def iteration_input(self, number: int) -> IterationInput:
        control_rows = np.array(self.control_so_far, np.intp)
        available = ~self.answered
        available[self.test_rows] = False
        return IterationInput(
            features=self.pool.features,
            train_rows=self.train_rows,
            train_labels=self.labels[self.train_rows],
            control_rows=control_rows,
            control_labels=self.labels[control_rows],
            available=available,
            random_rows=self.random_order[~self.answered[self.random_order]],
            test_rows=self.test_rows,
            open_test_rows=self.test_rows[~self.answered[self.test_rows]],
            seed=self.seed,
            round_number=number,
            contents=self.pool.contents,
            previous_choices=self.choices,
        )

    def give_initial_labels(self, initial_labels: InitialLabels, budget: int) -> None:
        """Give the first labels. Random ones are the beginning of the control arm's order."""
        count = min(initial_labels.count, budget)
        if initial_labels.selection == "random":
            chosen = self.random_order[:count]
            self.control_so_far = [int(row) for row in chosen]
        elif initial_labels.selection == "stratified":
            chosen = stratified_sample(self.labels, self.random_order, count, self.seed)
        else:
            return
        self.labelled_so_far = [int(row) for row in chosen]
        self.answered[chosen] = True

    def answer_batch(self, result: IterationResult, batch_size: int, budget: int) -> int:
        """Answer a batch from the top of the queue; return how many items that were, none at the budget's end."""
        answer_count = 0
        for choice in result.choices[:batch_size]:
            if len(self.labelled_so_far) >= budget:
                break
            answer_count += 1
            self.answered[choice.row] = True
            if choice.reason == "test":
                continue
            self.labelled_so_far.append(choice.row)
            if choice.reason == "random":
                self.control_so_far.append(choice.row)
        return answer_count

    def evaluated_curve_point(self, model: Model, held_out: LabelledData | None) -> CurvePoint:
        """Judge on the outside set, or on all that was never used for training."""
        if held_out is None:
            unlabelled = np.ones(len(self.labels), bool)
            unlabelled[self.labelled_so_far] = False
            rows = np.flatnonzero(unlabelled)
            truth, predicted = self.labels[rows], model.predict(self.pool.model_input, rows)
        else:
            truth, predicted = held_out.labels, model.predict(held_out.model_input)
        return CurvePoint(len(self.labelled_so_far), int(self.answered.sum()), len(truth), self.score(truth, predicted))
