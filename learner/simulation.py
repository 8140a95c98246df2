"""Replay of a labelled data set through the very function that live rounds run.

The labels are known, an imaginary annotator gives them in the order of the queue, and the model is judged
on items that were never used for training: the rest of the pool, or a test set from outside.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.cycle import CycleInput, CycleResult, CycleSettings, Rows, run_cycle
from learner.estimators import Model
from learner.features.sparse import Matrix
from learner.metrics import accuracy_of, macro_f1_of


@dataclass(frozen=True)
class Held:
    """Items from outside the pool, to judge by."""

    features: Matrix
    labels: NDArray[Any]


@dataclass(frozen=True)
class Point:
    """One point of a learning curve."""

    labels: int  # used for training
    answers: int  # given in all, the test sample's included
    n: int  # items judged by
    accuracy: float
    macro_f1: float


@dataclass(frozen=True)
class Replay:
    """A learning curve and the last turn."""

    curve: list[Point]
    result: CycleResult
    train_rows: Rows


def simulate(
    features: Matrix,
    labels: NDArray[Any],
    settings: CycleSettings,
    seed: int,
    budget: int,
    test_size: int = 300,
    held: Held | None = None,
) -> Replay:
    """Label up to `budget` training items in the order the loop asks for them, a batch between two turns.

    `features` is (n, d), `labels` (n,) strings. The test sample has at most a fifth of the items.
    """
    labels = np.asarray(labels).astype(str)
    state = _State(features, labels, seed, min(test_size, len(labels) // 5))
    curve: list[Point] = []
    number = 1
    while True:
        result = run_cycle(state.input(number), settings)
        if result.model is not None:
            curve.append(state.judge(result.model, held))
        served = state.answer(result, settings.batch_size, budget)
        if not served:
            return Replay(curve, result, state.train_rows)
        number += 1


class _State:
    """What the database would know."""

    def __init__(self, features: Matrix, labels: NDArray[Any], seed: int, test_size: int) -> None:
        self.features, self.labels, self.seed = features, labels, seed
        order = np.random.default_rng(seed).permutation(len(labels))
        self.test, self.order = order[:test_size], order[test_size:]
        self.answered = np.zeros(len(labels), bool)
        self.train: list[int] = []
        self.control: list[int] = []

    @property
    def train_rows(self) -> Rows:
        return np.array(self.train, np.intp)

    def input(self, number: int) -> CycleInput:
        control = np.array(self.control, np.intp)
        available = ~self.answered
        available[self.test] = False
        return CycleInput(
            features=self.features,
            train_rows=self.train_rows,
            train_labels=self.labels[self.train_rows],
            control_rows=control,
            control_labels=self.labels[control],
            available=available,
            random_rows=self.order[~self.answered[self.order]],
            test_rows=self.test,
            open_test_rows=self.test[~self.answered[self.test]],
            seed=self.seed,
            number=number,
        )

    def answer(self, result: CycleResult, batch: int, budget: int) -> int:
        """Answer a batch from the top of the queue; return how many training items were among them."""
        served = 0
        for choice in result.choices[:batch]:
            if choice.reason != "test" and len(self.train) >= budget:
                break
            self.answered[choice.row] = True
            if choice.reason == "test":
                continue
            served += 1
            self.train.append(choice.row)
            if choice.reason == "random":
                self.control.append(choice.row)
        return served

    def judge(self, model: Model, held: Held | None) -> Point:
        """Judge on the outside set, or on all that was never used for training."""
        if held is None:
            rest = np.ones(len(self.labels), bool)
            rest[self.train] = False
            rows = np.flatnonzero(rest)
            truth, said = self.labels[rows], model.predict(self.features, rows)
        else:
            truth, said = held.labels, model.predict(held.features)
        return Point(
            labels=len(self.train),
            answers=int(self.answered.sum()),
            n=len(truth),
            accuracy=accuracy_of(truth, said),
            macro_f1=macro_f1_of(truth, said),
        )
