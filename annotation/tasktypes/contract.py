"""What every task type provides."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

from annotation.tasktypes.scale import Scale


@dataclass(frozen=True)
class Question:
    """What an answer is an answer to."""

    labels: Sequence[str]  # names that may be given now
    content: Mapping[str, Any] | None = None  # of the item; None where it is not at hand
    settings: Mapping[str, Any] = field(default_factory=dict)  # the project's


FIELDS = "fields"  # key of the content of those that take many columns
Part = tuple[str, Hashable]  # a label, and where in the item it is


class TaskType(Protocol):
    """One kind of question that people answer about an item."""

    name: str
    title: str
    widget: str  # the ES module in static/js/widgets/ that shows the item and takes the answer
    required_content: tuple[str, ...]  # keys of an item's content that each come from a column of an upload
    takes_columns: bool  # whether the content is {"fields": {column: cell}} of as many columns as an upload has
    several: bool  # an answer has any number of parts, none included; False: it is exactly one label
    ranks_labels: bool  # its labels are about the item as a whole: for each item some are likelier than others
    needs_content: bool  # whether `clean` looks at the item's content
    in_grids: bool  # whether one look at many items tells which of them are not what a model says

    @property
    def scale(self) -> Scale | None:
        """The numbers that may be given, where an answer is any of them and there are no labels; else None."""
        ...

    def within(self, settings: Mapping[str, Any]) -> "TaskType":
        """Return the task type as a project with these settings has it."""
        ...

    def clean(self, value: Any, question: Question) -> dict[str, Any]:
        """Return the canonical form of an answer, or raise InvalidValue that names the part."""
        ...

    def target(self, value: Mapping[str, Any]) -> str:
        """Return what a learner is to predict for this canonical value: equal for equal answers."""
        ...

    def value(self, target: str) -> dict[str, Any]:
        """Return the canonical value of a predicted target; the inverse of `target`."""
        ...

    def parts(self, value: Mapping[str, Any]) -> list[Part]:
        """Return the parts of a canonical value: F1, distance and counts by label rest on them."""
        ...

    def names(self, cell: str) -> list[str]:
        """Return the labels that an uploaded cell names, known or not; empty for a cell that cannot be read."""
        ...

    def from_column(self, cell: str, question: Question) -> dict[str, Any]:
        """Read an answer from an uploaded cell, or raise InvalidValue."""
        ...

    def to_column(self, value: Mapping[str, Any]) -> str:
        """Return a canonical value as a cell; the inverse of `from_column`."""
        ...

    def distance(self, a: Mapping[str, Any], b: Mapping[str, Any]) -> float:
        """Return 0 for equal answers up to 1 for answers that share nothing."""
        ...


class OfLabels:
    """What the task types have in common whose answers name labels: they are the same in every project."""

    scale = None

    def within(self, settings: Mapping[str, Any]) -> Self:
        """Return the task type as it is."""
        return self
