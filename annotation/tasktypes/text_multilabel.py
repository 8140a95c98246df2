"""Text classification, any number of labels a text. Value: {"labels": ["cheese", "sauce"]}, sorted."""

import json
from collections.abc import Mapping
from typing import Any

from annotation.errors import InvalidValue
from annotation.lazy_text import LazyText as _
from annotation.tasktypes.contract import OfLabels, Part, Question
from annotation.tasktypes.label_values import read_labels
from annotation.tasktypes.part_overlap import f1_distance

SEPARATOR = "|"  # of labels in a cell; a cell that begins with [ is a JSON list


class MultiLabel(OfLabels):
    """A text and any of the labels, none included."""

    name = "text_multilabel"
    title: str = _("Text classification, several labels")
    widget = "text_multilabel"
    required_content: tuple[str, ...] = ("text",)
    takes_columns = False
    several = True
    ranks_labels = True
    needs_content = False
    in_grids = False

    def clean(self, value: Any, question: Question) -> dict[str, Any]:
        """Check {"labels": [names]}, each at most once.

        >>> MultiLabel().clean({"labels": ["b", "a"]}, Question(["a", "b", "c"]))
        {'labels': ['a', 'b']}
        """
        given = read_labels(value, question)
        for place, name in enumerate(given):
            if name in given[:place]:
                raise InvalidValue(_("%(name)r is there twice.", name=name), {"part": f"value.labels[{place}]"})
        return {"labels": sorted(given)}

    def target(self, value: Mapping[str, Any]) -> str:
        """Return the labels as a JSON list."""
        return json.dumps(sorted(value["labels"]), ensure_ascii=False)

    def value(self, target: str) -> dict[str, Any]:
        """Return the answer that has these labels."""
        return {"labels": json.loads(target)}

    def parts(self, value: Mapping[str, Any]) -> list[Part]:
        """Return the labels; each stands for the whole item."""
        return [(str(name), None) for name in value["labels"]]

    def names(self, cell: str) -> list[str]:
        """Return the labels of a cell, each once: a JSON list, or names separated by |; an empty list is `[]`."""
        text = cell.strip()
        if text.startswith("["):
            try:
                given = json.loads(text)
            except ValueError:
                return []
            names = [name.strip() for name in given if isinstance(name, str)]
        else:
            names = [name.strip() for name in text.split(SEPARATOR)]
        return list(dict.fromkeys(name for name in names if name))

    def from_column(self, cell: str, question: Question) -> dict[str, Any]:
        """Read labels."""
        text = cell.strip()
        if text.startswith("["):
            try:
                given = json.loads(text)
            except ValueError:
                raise InvalidValue(_("This is no JSON list of labels."), {"part": "value.labels"}) from None
            return self.clean({"labels": given}, question)
        return self.clean({"labels": self.names(text)}, question)

    def to_column(self, value: Mapping[str, Any]) -> str:
        """Return the labels separated by |; as a JSON list where that could not be read again."""
        names = [str(name) for name in value["labels"]]
        plain = SEPARATOR.join(names)
        return plain if names and self.names(plain) == names else self.target(value)

    def distance(self, a: Mapping[str, Any], b: Mapping[str, Any]) -> float:
        """Return one minus the F1 of the two sets."""
        return f1_distance(self.parts(a), self.parts(b))
