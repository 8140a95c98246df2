"""Text classification, one label a text. Value: {"labels": ["spam"]}."""

from collections.abc import Mapping, Sequence
from typing import Any

from annotation.errors import InvalidValue
from annotation.words import Words as _


class TextClassification:
    name = "text_classification"
    title: str = _("Text classification")
    widget = "text_classification"
    required_content: tuple[str, ...] = ("text",)

    def clean(self, value: Any, labels: Sequence[str]) -> dict[str, Any]:
        """Check {"labels": [name]} against the project's labels.

        >>> TextClassification().clean({"labels": ["spam"]}, ["ham", "spam"])
        {'labels': ['spam']}
        """
        if not isinstance(value, Mapping) or set(value) != {"labels"}:
            raise InvalidValue(_('An answer has the form {"labels": ["name"]}.'), {"part": "value"})
        given = value["labels"]
        if not isinstance(given, list | tuple) or len(given) != 1:
            raise InvalidValue(_("An answer has exactly one label."), {"part": "value.labels"})
        if not isinstance(given[0], str) or given[0] not in labels:
            message = _(
                "%(name)r is not a label of this project; its labels are: %(labels)s.",
                name=str(given[0])[:100],
                labels=", ".join(labels),
            )
            raise InvalidValue(message, {"part": "value.labels[0]"})
        return {"labels": [given[0]]}

    def target(self, value: Mapping[str, Any]) -> str:
        return str(value["labels"][0])

    def value(self, target: str) -> dict[str, Any]:
        return {"labels": [target]}

    def from_column(self, cell: str, labels: Sequence[str]) -> dict[str, Any]:
        return self.clean({"labels": [cell.strip()]}, labels)

    def distance(self, a: Mapping[str, Any], b: Mapping[str, Any]) -> float:
        return float(self.target(a) != self.target(b))
