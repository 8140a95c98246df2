"""What one iteration of the loop takes and returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from learner.engine.arrays.sparse import Matrix
from learner.engine.contracts.estimator import Model
from learner.engine.contracts.query_strategy import Topic

Rows = NDArray[np.intp]  # positions of items
Labels = NDArray[Any]  # strings


@dataclass(frozen=True)
class IterationSettings:
    """What a lead may set about an iteration; JSON-serialisable with `dataclasses.asdict`."""

    strategy: str = "boltzmann_kmeans"  # a key of STRATEGIES
    estimator: str = "logistic"  # the name of an estimator
    beta: float | None = None  # inverse temperature of the draw; None: found for the effective pool
    beta_end: float | None = None  # where a schedule that begins at `beta` ends; None: beta stays
    beta_labels: int = 500  # how many labels that takes
    effective_pool: float = 2.0  # in batches
    target_label: str | None = None  # of `screening` and `relevance`; None: the class with the fewest labels
    topic: str = ""  # a sentence about what `screening` searches for, in the words of the items
    mixture_shares: dict[str, float] = field(default_factory=dict)  # of `mixture`: strategy -> share
    batch_size: int = 20
    depth: int = 200  # how many entries to rank by the strategy
    random_share: float = 0.1
    test_share: float = 0.15


@dataclass(frozen=True)
class IterationInput:
    """All that an iteration may know. A row is an item's position in the feature matrix."""

    features: Matrix  # (n, d), may be a read-only memmap
    train_rows: Rows  # everything that may train; never a test row
    train_labels: Labels
    control_rows: Rows  # those of the training rows that came from the random arm
    control_labels: Labels
    available: NDArray[np.bool_]  # (n,): may be ranked (not test, not answered, not in hand)
    random_rows: Rows  # available rows in the fixed random order of the control arm
    test_rows: Rows  # the whole frozen test sample
    open_test_rows: Rows  # those still unanswered, in the order to serve
    seed: int
    round_number: int  # of the round
    stop_set_rows: Rows = field(
        default_factory=lambda: np.empty(0, np.intp)
    )  # whose predictions are compared from round to round
    contents: NDArray[Any] | None = None  # (n,) what the estimator reads where that is not the features
    terms: csr_matrix | None = None  # (n, t): the weights of each text's terms; only for strategies that read them
    topic: Topic | None = None  # what is searched for, in a sentence
    previous_choices: Mapping[str, Any] = field(default_factory=dict)  # of the model of the iteration before

    @property
    def model_input(self) -> Matrix:
        """What the estimator and its models read: (n, d) features, or (n,) contents."""
        return self.features if self.contents is None else self.contents


@dataclass(frozen=True)
class RankedItem:
    """One entry of the queue, in the order to hand out."""

    row: int
    reason: str  # uncertain, cold, search, random or test
    score: float | None = None  # what the strategy went by; the result's `score_name` says what that is
    probability: float | None = None  # with which it was drawn, given what remained
    label: str | None = None  # what the model would say
    label_score: float | None = None  # how sure it is of that, see `PredictedValue.score`
    top_labels: tuple[tuple[str, float], ...] = ()  # its likeliest labels with their probabilities


@dataclass(frozen=True)
class IterationResult:
    """What an iteration found out. `model` is None while fewer than two classes have labels."""

    choices: list[RankedItem]
    model: Model | None
    test_predictions: Labels | None  # for test_rows
    control_predictions: Labels | None  # the same by a model of the control rows alone; None while there are none
    beta: float | None  # of the draw; infinite for plain margin, None without a draw
    effective_pool: float | None  # items that the draw effectively chose from: 1 / sum of squared probabilities
    score_name: str  # what the scores of the choices are, and which of them come first; "" without scores
    note: str  # why there is no model or no ranking; "" when all is well
    timings: dict[str, float] = field(default_factory=dict)  # seconds by step
    test_scores: NDArray[np.float32] | None = None  # for test_rows: see `PredictedValue.score`
    pool_size: int = 0  # items that the strategy chose from
    stop_set_predictions: Labels | None = None  # for stop_rows
    remaining_uncertainty: tuple[float, float] | None = None  # mean and largest of what is available, 0 to 1
    test_detections: dict[str, Any] = field(default_factory=dict)  # for test_rows, by a Detector: all of them
    control_detections: dict[str, Any] = field(default_factory=dict)  # the same by a model of the control rows alone


@dataclass(frozen=True)
class FittedIteration:
    """What an iteration knows before it has scored anything."""

    model: Model | None
    control_predictions: Labels | None
    timings: dict[str, float] = field(default_factory=dict)
    control_detections: dict[str, Any] = field(default_factory=dict)
