"""A number in a range. Value: {"number": 41.5}. There are no labels, so an answer has no components.

The range is that of the project's settings (see `number_scale`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from statistics import median
from typing import Any

from annotation.errors import InvalidValue
from annotation.lazy_text import LazyText as _
from annotation.tasktypes.answers.contract import AnswerContext, AnswerKind, Component
from annotation.tasktypes.answers.number_scale import SETTINGS, NumberScale, parse_number_cell, plain_text, read_number

NUMBER_KEY = "number"
DEFAULT_SCALE = NumberScale()
EXPECTED_FORM = _('An answer has the form {"number": 41.5}.')


class Number(AnswerKind):
    """A number from the lowest to the highest of the project."""

    has_labels = False
    settings = SETTINGS
    column_names = ("number", "answer", "value", "price", "amount", "score", "rating", "数值", "价格")

    def __init__(self, scale: NumberScale = DEFAULT_SCALE) -> None:
        self.scale = scale
        self.unit = scale.unit

    def with_settings(self, settings: Mapping[str, Any]) -> "Number":
        """Return the kind with the scale of a project's settings."""
        return Number(NumberScale.from_settings(settings))

    def check(self) -> None:
        """Raise InvalidSetting where the settings do not fit together."""
        self.scale.check()

    def clean(self, value: object, context: AnswerContext) -> dict[str, Any]:
        """Check {"number": number} against the scale.

        >>> Number(NumberScale(0, 1, step=0.1)).clean({"number": 0.1 + 0.2}, AnswerContext([]))
        {'number': 0.3}
        """
        number = read_number(value, NUMBER_KEY, EXPECTED_FORM)
        if fault := self.scale.fault(number):
            raise InvalidValue(fault, {"part": f"value.{NUMBER_KEY}"})
        return {NUMBER_KEY: self.scale.nearest(number)}

    def target(self, value: Mapping[str, Any]) -> str:
        """Return the shortest text of the number."""
        return plain_text(value[NUMBER_KEY])

    def value(self, target: str) -> dict[str, Any]:
        """Return the answer that is this number, or the number of the scale that is nearest to it."""
        return {NUMBER_KEY: self.scale.nearest(float(target))}

    def components(self, value: Mapping[str, Any]) -> list[Component]:
        """Return nothing: a number names no label."""
        return []

    def labels_in_cell(self, cell: str) -> list[str]:
        """Return nothing: a number names no label."""
        return []

    def from_cell(self, cell: str, context: AnswerContext) -> dict[str, Any]:
        """Read a number."""
        return self.clean({NUMBER_KEY: parse_number_cell(cell, NUMBER_KEY, context)}, context)

    def to_cell(self, value: Mapping[str, Any]) -> str:
        """Return the number."""
        return self.target(value)

    def words(self, value: Mapping[str, Any]) -> list[str]:
        """Return the number with its unit."""
        return [f"{self.to_cell(value)} {self.unit}".strip()]

    def distance(self, a: Mapping[str, Any], b: Mapping[str, Any]) -> float:
        """Return 0 for numbers that are near each other, else how far apart they are: 1 is the whole scale."""
        return self.scale.distance(a[NUMBER_KEY], b[NUMBER_KEY])

    def consensus(self, targets: Sequence[str]) -> str | None:
        """Return the median, which need not be a number that somebody gave; None without any."""
        return plain_text(median(map(float, targets))) if targets else None

    def representative(self, targets: Sequence[str]) -> int:
        """Return the index of the first number that is nearest to the median."""
        numbers = [float(target) for target in targets]
        middle = median(numbers)
        return min(range(len(numbers)), key=lambda index: abs(numbers[index] - middle))

    def bins(self) -> list[str]:
        """Return the names of parts of the scale of equal width."""
        return self.scale.bins()

    def labels_or_bins(self, value: Mapping[str, Any]) -> list[str]:
        """Return the bin that the number lies in."""
        return [self.scale.bins()[self.scale.bin_of(float(value[NUMBER_KEY]))]]

    def widget_options(self) -> dict[str, Any]:
        """Return the scale."""
        return {"scale": asdict(self.scale)}

    def example_cells(self, labels: Sequence[str]) -> list[str]:
        """Return the ends of the scale."""
        return [f"{end:g}" for end in (self.scale.low, self.scale.high)]
