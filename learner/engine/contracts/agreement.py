"""How the predictions of two models are compared, for every kind of answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from annotation.tasktypes import Component, TaskType

ItemComponents = Sequence[Sequence[Component]]  # of each item
# (m,) of the stop set: labels as strings, numbers of a scale as floats, or components
Predictions = NDArray[Any] | ItemComponents


@dataclass(frozen=True)
class Agreement:
    """How the predictions of two models are read and compared."""

    title: str  # of the metric
    decode: Callable[[TaskType, NDArray[Any]], Predictions]  # of targets (m,)
    compare: Callable[[Any, Any], float]  # of two models' Predictions of the same items, m at least 1
    changed_share: Callable[[Any, Any], float] | None = (
        None  # which share is not the same; None where that says nothing more
    )
    change_message: str = ""  # the sentence about that share: its `changed_share` in percent, `items`, `threshold`
