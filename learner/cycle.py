"""One turn of the loop: fit, evaluate, score, choose. Live rounds and simulations run this very function.

Pure: arrays in, choices out. Settings, seed, number and the labels determine the result.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.estimators import Model

Rows = NDArray[np.intp]  # positions of items
Labels = NDArray[Any]  # strings


@dataclass(frozen=True)
class CycleSettings:
    """What a lead may set about a turn; JSON-serialisable with `dataclasses.asdict`."""

    strategy: str = "boltzmann"  # a key of STRATEGIES
    estimator: str = "logistic"  # a key of ESTIMATORS
    beta: float | None = None  # sharpness of the draw; None: found for the effective pool
    effective_pool: float = 5.0  # in batches
    batch_size: int = 20
    depth: int = 200  # how many entries to rank by the strategy
    random_share: float = 0.1
    test_share: float = 0.15


@dataclass(frozen=True)
class CycleInput:
    """All that a turn may know. A row is an item's position in the feature matrix."""

    features: NDArray[np.float32]  # (n, d), may be a read-only memmap
    train_rows: Rows  # everything that may train; never a test row
    train_labels: Labels
    control_rows: Rows  # those of the training rows that came from the random arm
    control_labels: Labels
    available: NDArray[np.bool_]  # (n,): may be ranked (not test, not answered, not in hand)
    random_rows: Rows  # available rows in the fixed random order of the control arm
    test_rows: Rows  # the whole frozen test sample
    open_test_rows: Rows  # those still unanswered, in the order to serve
    seed: int
    number: int  # of the round


@dataclass(frozen=True)
class Choice:
    """One entry of the queue, in the order to hand out."""

    row: int
    reason: str  # uncertain, cold, random or test
    score: float | None = None  # margin between the two most probable labels
    probability: float | None = None  # with which it was drawn, given what remained
    label: str | None = None  # what the model would say
    label_score: float | None = None  # how probable it finds that


@dataclass(frozen=True)
class CycleResult:
    """What a turn found out. `model` is None while fewer than two classes have labels."""

    choices: list[Choice]
    model: Model | None
    test_predictions: Labels | None  # for test_rows
    control_predictions: Labels | None  # the same by a model of the control rows alone
    beta: float | None  # of the draw; infinite for plain margin, None without a draw
    effective_pool: float | None  # items that the draw effectively chose from: 1 / sum of squared probabilities
    note: str  # why there is no model or no ranking; "" when all is well
    timings: dict[str, float] = field(default_factory=dict)  # seconds by step


def _go_on(step: str) -> None:
    """Never abort."""


def run_cycle(inp: CycleInput, settings: CycleSettings, checkpoint: Callable[[str], None] = _go_on) -> CycleResult:
    """Run one turn and return the queue to publish, the model and its predictions of the test sample.

    `checkpoint` is called with the name of each step before it starts (fit, control, score,
    choose); it may raise to abort.
    """
    raise NotImplementedError
