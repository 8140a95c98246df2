"""Any of the labels for the whole item, none included. Value: {"labels": ["cheese", "sauce"]}, sorted."""

import json
from collections.abc import Mapping
from typing import Any

from annotation.errors import InvalidValue
from annotation.json_values import decode
from annotation.lazy_text import LazyText as _
from annotation.tasktypes.answers.components import Components
from annotation.tasktypes.answers.contract import AnswerContext, Component
from annotation.tasktypes.answers.label_values import read_labels

SEPARATOR = "|"  # of labels in a cell; a cell that begins with [ is a JSON list


class LabelSet(Components):
    """Each of the labels is there or not."""

    ranks_labels = True

    def clean(self, value: object, context: AnswerContext) -> dict[str, Any]:
        """Check {"labels": [names]}, each at most once.

        >>> LabelSet().clean({"labels": ["b", "a"]}, AnswerContext(["a", "b", "c"]))
        {'labels': ['a', 'b']}
        """
        labels = read_labels(value, context)
        seen: set[str] = set()
        for index, name in enumerate(labels):
            if name in seen:
                raise InvalidValue(_("%(name)r is there twice.", name=name), {"part": f"value.labels[{index}]"})
            seen.add(name)
        return {"labels": sorted(labels)}

    def target(self, value: Mapping[str, Any]) -> str:
        """Return the labels as a JSON list."""
        return json.dumps(sorted(value["labels"]), ensure_ascii=False)

    def value(self, target: str) -> dict[str, Any]:
        """Return the answer that has these labels."""
        return {"labels": json.loads(target)}

    def components(self, value: Mapping[str, Any]) -> list[Component]:
        """Return the labels; each stands for the whole item."""
        return [(str(name), None) for name in value["labels"]]

    def names(self, cell: str) -> list[str]:
        """Return the labels of a cell, each once: a JSON list, or names separated by |; an empty list is `[]`."""
        text = cell.strip()
        if text.startswith("["):
            try:
                items = decode(text)
            except ValueError:
                return []
            names = [name.strip() for name in items if isinstance(name, str)]
        else:
            names = [name.strip() for name in text.split(SEPARATOR)]
        return list(dict.fromkeys(name for name in names if name))

    def from_column(self, cell: str, context: AnswerContext) -> dict[str, Any]:
        """Read labels."""
        text = cell.strip()
        if text.startswith("["):
            try:
                labels = decode(text)
            except ValueError:
                raise InvalidValue(_("This is no JSON list of labels."), {"part": "value.labels"}) from None
            return self.clean({"labels": labels}, context)
        return self.clean({"labels": self.names(text)}, context)

    def to_column(self, value: Mapping[str, Any]) -> str:
        """Return the labels separated by |; as a JSON list where that could not be read again."""
        names = [str(name) for name in value["labels"]]
        plain = SEPARATOR.join(names)
        return plain if names and self.names(plain) == names else self.target(value)
