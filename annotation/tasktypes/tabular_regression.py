"""Rows of a table, a number a row. Value: {"number": 41.5}; content: {"fields": {"age": "41", ...}}.

Any number of the project's scale (see scale). There are no labels, so an answer has no parts.
"""

import math
from collections.abc import Mapping
from typing import Any

from annotation.errors import InvalidValue
from annotation.lazy_text import LazyText as _
from annotation.tasktypes.contract import Part, Question
from annotation.tasktypes.scale import MOST, Scale, only_number, written

KEY = "number"
DEFAULT = Scale()
FORM = _('An answer has the form {"number": 41.5}.')


class RecordNumbers:
    """A row of a table and a number from the lowest to the highest of the project."""

    name = "record_numbers"
    title: str = _("Numbers for records (tables)")
    widget = "record_numbers"
    required_content: tuple[str, ...] = ()
    takes_columns = True
    several = False
    ranks_labels = False
    needs_content = False
    in_grids = False

    def __init__(self, scale: Scale = DEFAULT) -> None:
        self.scale = scale

    def within(self, settings: Mapping[str, Any]) -> "RecordNumbers":
        """Return the task type with the scale of a project's settings."""
        return RecordNumbers(Scale.of(settings))

    def clean(self, value: Any, question: Question) -> dict[str, Any]:
        """Check {"number": number} against the scale.

        >>> RecordNumbers(Scale(0, 1, step=0.1)).clean({"number": 0.1 + 0.2}, Question([]))
        {'number': 0.3}
        """
        number = only_number(value, KEY, FORM)
        if fault := self.scale.fault(number):
            raise InvalidValue(fault, {"part": f"value.{KEY}"})
        return {KEY: self.scale.nearest(number)}

    def target(self, value: Mapping[str, Any]) -> str:
        """Return the shortest text of the number."""
        return written(value[KEY])

    def value(self, target: str) -> dict[str, Any]:
        """Return the answer that is this number, or the number of the scale that is nearest to it."""
        return {KEY: self.scale.nearest(float(target))}

    def parts(self, value: Mapping[str, Any]) -> list[Part]:
        """Return nothing: a number names no label."""
        return []

    def names(self, cell: str) -> list[str]:
        """Return nothing: a number names no label."""
        return []

    def from_column(self, cell: str, question: Question) -> dict[str, Any]:
        """Read a number."""
        try:
            number = float(cell)
        except ValueError:
            number = math.inf
        if not abs(number) <= MOST:
            raise InvalidValue(_("This is no number."), {"part": f"value.{KEY}"})
        return self.clean({KEY: number}, question)

    def to_column(self, value: Mapping[str, Any]) -> str:
        """Return the number."""
        return self.target(value)

    def distance(self, a: Mapping[str, Any], b: Mapping[str, Any]) -> float:
        """Return 0 for numbers that are near each other, else how far apart they are: 1 is the whole scale."""
        return self.scale.distance(a[KEY], b[KEY])
