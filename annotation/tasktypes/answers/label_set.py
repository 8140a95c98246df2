"""Any of the labels for the whole item, none included. Value: {"labels": ["cheese", "sauce"]}, sorted."""

import json
import re
from collections.abc import Mapping
from typing import Any

from annotation.errors import InvalidValue
from annotation.lazy_text import LazyText as _
from annotation.tasktypes.answers.components import Components
from annotation.tasktypes.answers.contract import AnswerContext, Component
from annotation.tasktypes.answers.label_values import label_text, listed_labels, matching_label, read_labels

SEPARATOR = "|"  # of labels in a cell; a cell that begins with [ is a JSON list
OTHER_SEPARATORS = re.compile(r"[,;#]")  # with which other tools export several labels


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

    def cell_of(self, value: object) -> str:
        """Return the labels of an uploaded value as a cell; an empty list says that none fits.

        >>> LabelSet().cell_of([1, 2]), LabelSet().cell_of([]), LabelSet().cell_of(None)
        ('["1", "2"]', '[]', '')
        """
        labels = listed_labels(value)
        return label_text(value) if labels is None else json.dumps(labels, ensure_ascii=False)

    def labels_in_cell(self, cell: str) -> list[str]:
        """Return the labels of a cell, each once: a JSON list, or names separated by |; an empty list is `[]`.

        Nothing where the cell may be one label or several.
        """
        try:
            labels = _labels_in(cell)
        except InvalidValue:
            return []
        return [] if len(labels) == 1 and _possible_labels(labels[0]) and not _is_listed(cell) else labels

    def from_cell(self, cell: str, context: AnswerContext) -> dict[str, Any]:
        """Read labels."""
        labels = [matching_label(name, context.labels) for name in _labels_in(cell)]
        if len(labels) == 1 and labels[0] not in context.labels and not _is_listed(cell):
            parts = [matching_label(part, context.labels) for part in _possible_labels(labels[0])]
            if parts and set(parts) <= set(context.labels):
                labels = list(dict.fromkeys(parts))
            elif parts:
                message = _("“%(cell)s” may be one label or several. Write several as a|b.", cell=labels[0][:100])
                raise InvalidValue(message, {"part": "value.labels"})
        return self.clean({"labels": labels}, context)

    def to_cell(self, value: Mapping[str, Any]) -> str:
        """Return the labels separated by |; as a JSON list where that could not be read again."""
        names = [str(name) for name in value["labels"]]
        plain = SEPARATOR.join(names)
        return plain if names and self.labels_in_cell(plain) == names else self.target(value)


def _is_listed(cell: str) -> bool:
    return cell.strip().startswith(("[", "{"))


def _labels_in(cell: str) -> list[str]:
    """Return the labels of a cell, each once; raises InvalidValue for a list that cannot be read."""
    labels = listed_labels(cell)
    if labels is not None:
        return labels
    if _is_listed(cell):
        raise InvalidValue(_("This is no JSON list of labels."), {"part": "value.labels"})
    return list(dict.fromkeys(name.strip() for name in cell.split(SEPARATOR) if name.strip()))


def _possible_labels(name: str) -> list[str]:
    """Return the parts of what may be several labels with another separator; none where it is one for certain."""
    parts = [part.strip() for part in OTHER_SEPARATORS.split(name)]
    return parts if len(parts) > 1 and all(parts) else []
