"""What the task types have in common whose answer is exactly one label. Value: {"labels": ["spam"]}."""

from collections.abc import Mapping
from typing import Any

from annotation.errors import InvalidValue
from annotation.lazy_text import LazyText as _
from annotation.tasktypes.contract import OfLabels, Part, Question
from annotation.tasktypes.label_values import read_labels


class OneLabel(OfLabels):
    """One of the project's labels for the whole item."""

    takes_columns = False
    several = False
    ranks_labels = True
    needs_content = False
    in_grids = False

    def clean(self, value: Any, question: Question) -> dict[str, Any]:
        """Check {"labels": [name]} against the project's labels.

        >>> OneLabel().clean({"labels": ["spam"]}, Question(["ham", "spam"]))
        {'labels': ['spam']}
        """
        given = read_labels(value, question)
        if len(given) != 1:
            raise InvalidValue(_("An answer has exactly one label."), {"part": "value.labels"})
        return {"labels": given}

    def target(self, value: Mapping[str, Any]) -> str:
        """Return the label."""
        return str(value["labels"][0])

    def value(self, target: str) -> dict[str, Any]:
        """Return the answer that is this label."""
        return {"labels": [target]}

    def parts(self, value: Mapping[str, Any]) -> list[Part]:
        """Return the label; it stands for the whole item."""
        return [(self.target(value), None)]

    def names(self, cell: str) -> list[str]:
        """Return the label in a cell."""
        return [cell.strip()]

    def from_column(self, cell: str, question: Question) -> dict[str, Any]:
        """Read a label."""
        return self.clean({"labels": [cell.strip()]}, question)

    def to_column(self, value: Mapping[str, Any]) -> str:
        """Return the label."""
        return self.target(value)

    def distance(self, a: Mapping[str, Any], b: Mapping[str, Any]) -> float:
        """Return 0 for the same label, else 1."""
        return float(self.target(a) != self.target(b))
