"""What every task type provides."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class TaskType(Protocol):
    """One kind of question that people answer about an item."""

    name: str
    title: str
    widget: str  # the ES module in static/js/widgets/ that shows the item and takes the answer
    required_content: tuple[str, ...]  # keys that an item's content must have

    def clean(self, value: Any, labels: Sequence[str]) -> dict[str, Any]:
        """Return the canonical form of an answer, or raise InvalidValue that names the part."""
        ...

    def target(self, value: Mapping[str, Any]) -> str:
        """Return what a learner is to predict for this canonical value."""
        ...

    def value(self, target: str) -> dict[str, Any]:
        """Return the canonical value of a predicted target; the inverse of `target`."""
        ...

    def from_column(self, cell: str, labels: Sequence[str]) -> dict[str, Any]:
        """Read an answer from an uploaded cell, or raise InvalidValue."""
        ...

    def distance(self, a: Mapping[str, Any], b: Mapping[str, Any]) -> float:
        """Return 0 for equal answers up to 1 for answers that share nothing."""
        ...
