"""Exactly one label for the whole item. Value: {"labels": ["spam"]}."""

from collections.abc import Mapping
from typing import Any

from annotation.errors import InvalidValue
from annotation.lazy_text import LazyText as _
from annotation.tasktypes.answers.contract import AnswerContext, AnswerKind, Component
from annotation.tasktypes.answers.label_values import label_text, listed_labels, matching_label, read_labels


class SingleLabel(AnswerKind):
    """One of the project's labels."""

    one_label = True
    ranks_labels = True

    def clean(self, value: object, context: AnswerContext) -> dict[str, Any]:
        """Check {"labels": [name]} against the project's labels.

        >>> SingleLabel().clean({"labels": ["spam"]}, AnswerContext(["ham", "spam"]))
        {'labels': ['spam']}
        """
        labels = read_labels(value, context)
        if len(labels) != 1:
            raise InvalidValue(_("An answer has exactly one label."), {"part": "value.labels"})
        return {"labels": labels}

    def target(self, value: Mapping[str, Any]) -> str:
        """Return the label."""
        return str(value["labels"][0])

    def value(self, target: str) -> dict[str, Any]:
        """Return the answer that is this label."""
        return {"labels": [target]}

    def components(self, value: Mapping[str, Any]) -> list[Component]:
        """Return the label."""
        return [(self.target(value), None)]

    def cell_of(self, value: object) -> str:
        """Return the label of an uploaded value: a list holds one at most, an empty one says nothing.

        >>> SingleLabel().cell_of(["spam"]), SingleLabel().cell_of([]), SingleLabel().cell_of(1)
        ('spam', '', '1')
        """
        labels = listed_labels(value)
        if labels is None:
            return label_text(value)
        if len(labels) > 1:
            message = _("The row has %(count)d labels, and an item of this project has one.", count=len(labels))
            raise InvalidValue(message, {"part": "value.labels"})
        return labels[0] if labels else ""

    def labels_in_cell(self, cell: str) -> list[str]:
        """Return the label in a cell."""
        return [cell.strip()]

    def from_cell(self, cell: str, context: AnswerContext) -> dict[str, Any]:
        """Read a label."""
        return self.clean({"labels": [matching_label(cell.strip(), context.labels)]}, context)

    def to_cell(self, value: Mapping[str, Any]) -> str:
        """Return the label."""
        return self.target(value)

    def distance(self, a: Mapping[str, Any], b: Mapping[str, Any]) -> float:
        """Return 0 for the same label, else 1."""
        return float(self.target(a) != self.target(b))
