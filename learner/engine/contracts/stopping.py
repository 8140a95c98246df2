"""What every stopping condition is given and what it returns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from annotation.lazy_text import LazyText as _
from learner.engine.contracts.agreement import Agreement, Predictions
from learner.engine.statistics.estimates import Estimate


@dataclass(frozen=True)
class RoundRecord:
    """One round that made a model."""

    labels: int  # that it was trained on
    accuracy: Estimate | None = None  # the first figure, on the test sample; None where it is not known
    predictions: Predictions | None = None  # for the stop set; None where it is not at hand
    stop_set: str = ""  # which stop set: only predictions of the same one are compared
    mean_uncertainty: float | None = None  # of what is not labelled: 0 is sure, 1 knows nothing
    max_uncertainty: float | None = None
    error: Estimate | None = None  # mean error about the test sample, in points, where answers are numbers


@dataclass(frozen=True)
class History:
    """What happened in a project so far. Nobody writes into it."""

    agreement: Agreement = field(kw_only=True)  # how the predictions of two rounds are compared
    # whether it is known from which agreement on models have settled
    has_agreement_threshold: bool = field(default=True, kw_only=True)
    rounds: Sequence[RoundRecord] = ()  # oldest first
    answer_count: int = 0  # labels that people gave in all, those of the test sample included
    seconds: float = 0.0  # that people spent on answers, skips and flags included
    timed_labels: int = 0  # labels whose seconds are known
    unlabelled: int = 0  # pool items without a label
    pool: int = 0  # items outside of the test sample
    test_items: int = 0  # in the test sample; 0: not known
    is_relevant: NDArray[np.bool_] | None = None  # pool answers in the order given; None: nothing is searched for
    metric_title: str = _("Accuracy")  # what `accuracy` of the rounds is called

    @property
    def seconds_per_label(self) -> float | None:
        return self.seconds / self.timed_labels if self.timed_labels and self.seconds > 0 else None


@dataclass(frozen=True)
class Advice:
    """What a condition says, why, and on how much that rests."""

    stop: bool | None  # None: it cannot tell
    reason: str
    n: int = 0  # labels, models, test answers or items that it rests on
    value: float | None = None  # what is held against the threshold
    progress: float | None = None  # of the way to the threshold, from 0 to 1
    details: Mapping[str, float] = field(default_factory=dict)
    applies: bool = True  # False: it never tells anything of answers of this kind


class StoppingRule(Protocol):
    """Hold a history against a threshold. Raises nothing: what is missing stands in the reason."""

    def __call__(self, history: History, threshold: float) -> Advice: ...


@dataclass(frozen=True)
class StoppingCondition:
    """One entry of the registry.

    A limit is set by a lead and has no default; a sign shows that the models have converged; a search condition
    needs a label that is searched for.
    """

    evaluate: StoppingRule
    title: str
    kind: Literal["limit", "sign", "search"]
    threshold: float | None = None
    unset_message: str = ""  # what a limit says while nobody has set it


def rising_progress(value: float, threshold: float) -> float:
    """Return how far a rising value is on its way to the threshold.

    >>> rising_progress(30, 120)
    0.25
    """
    return 1.0 if threshold <= 0 else float(min(max(value / threshold, 0.0), 1.0))


def falling_progress(value: float, threshold: float) -> float:
    """Return how far a falling value is on its way to the threshold.

    >>> falling_progress(0.2, 0.05)
    0.25
    """
    return 1.0 if value <= threshold else float(max(threshold, 0.0) / value)


def format_percent(value: float, digits: int = 1) -> str:
    """Return a share as the number before a percent sign.

    >>> format_percent(0.9123)
    '91.2'
    """
    return f"{100 * value:.{digits}f}"
