"""The numbers of a project whose answers are numbers: from where to where, in which steps, how near is near enough."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from annotation.errors import InvalidSetting, InvalidValue
from annotation.lazy_text import LazyText as _
from annotation.tasktypes.answers.contract import AnswerContext
from annotation.text.decimal_numbers import is_ambiguous, parse_number

SETTINGS = ("number_low", "number_high", "number_step", "number_near", "number_unit")
DEFAULT_NEAR_SHARE = 0.05  # of the width: what is near where a lead sets nothing
BINS = 10  # that answers are counted in
STEP_TOLERANCE = 1e-6  # of a step: by so much a number of a float's digits may miss it
MAX_NUMBER = 1e12  # either way: beyond it a float's text has no plain digits any more


def plain_text(number: float) -> str:
    """Return the text of a number, the shortest that is read as the same.

    >>> plain_text(4.0), plain_text(0.5)
    ('4', '0.5')
    """
    return repr(float(number) + 0.0).removesuffix(".0")  # + 0.0: there is no minus zero


def read_number(value: object, key: str, form: str) -> int | float:
    """Return the number of {key: number}; raises InvalidValue with `form`, a sentence about it, for anything else."""
    if not isinstance(value, Mapping) or set(value) != {key}:
        raise InvalidValue(form, {"part": "value"})
    number = value[key]
    if isinstance(number, bool) or not isinstance(number, int | float) or not abs(number) <= MAX_NUMBER:
        raise InvalidValue(form, {"part": f"value.{key}"})
    return number


def parse_number_cell(cell: str, key: str, context: AnswerContext) -> float:
    """Return the number in an uploaded cell, with a decimal point or comma; raises InvalidValue."""
    if not context.decimal_comma and is_ambiguous(cell):
        point, plain = cell.strip().replace(",", "."), cell.strip().replace(",", "")
        message = _("“%(cell)s” may be %(point)s or %(plain)s: write one of these.", cell=cell.strip(), point=point,
                    plain=plain)  # fmt: skip
        raise InvalidValue(message, {"part": f"value.{key}"})
    number = parse_number(cell, decimal_comma=context.decimal_comma)
    if number is None or abs(number) > MAX_NUMBER:
        message = _("“%(cell)s” is no number: write digits, such as 1234.5.", cell=cell.strip()[:50])
        raise InvalidValue(message, {"part": f"value.{key}"})
    return number


@dataclass(frozen=True)
class NumberScale:
    """Numbers from `low` to `high`, both included."""

    low: float = 0.0
    high: float = 100.0
    step: float | None = None  # from `low` on; None: any number
    near: float = 5.0  # numbers that are no farther apart say the same
    unit: str = ""

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> "NumberScale":
        """Read a project's settings; those that are not there have their defaults."""
        stored = {name.removeprefix("number_"): settings.get(name) for name in SETTINGS}
        named = {name: value for name, value in stored.items() if value is not None}
        low, high = named.get("low", cls.low), named.get("high", cls.high)
        return cls(**{"near": DEFAULT_NEAR_SHARE * (high - low), **named})

    def check(self) -> None:
        """Raise InvalidSetting where the settings do not fit together."""
        if not self.low < self.high:
            message = _("The highest number has to be above the lowest.")
            raise InvalidSetting(message, {"setting": "number_high"})
        for name, title, value in (
            ("number_step", _("Step"), self.step),
            ("number_near", _("Near enough"), self.near),
        ):
            if value is not None and value > self.high - self.low:
                message = _(
                    "“%(name)s” is larger than what lies between the lowest and the highest number.", name=title
                )
                raise InvalidSetting(message, {"setting": name})

    @property
    def width(self) -> float:
        return self.high - self.low

    def fault(self, number: float) -> str:
        """Say why a number cannot be given; empty for one that can."""
        if not self.low <= number <= self.high:
            ends = {"low": plain_text(self.low), "high": plain_text(self.high)}
            return _("%(number)s is not from %(low)s to %(high)s.", number=f"{number:g}", **ends)
        if self.step is not None and abs(self.nearest(number) - number) > STEP_TOLERANCE * self.step:
            steps = {"step": plain_text(self.step), "low": plain_text(self.low)}
            return _("%(number)s is none of the steps of %(step)s from %(low)s on.", number=f"{number:g}", **steps)
        return ""

    def nearest(self, number: float) -> float:
        """Return the number of the scale that is nearest.

        >>> NumberScale(0, 1, 0.1).nearest(0.30000000000000004), NumberScale(0, 10, 4).nearest(11)
        (0.3, 8.0)
        """
        inside = min(max(float(number), self.low), self.high)
        if self.step is None:
            return inside + 0.0  # there is no minus zero
        steps = min(round((inside - self.low) / self.step), math.floor(self.width / self.step + STEP_TOLERANCE))
        return float(Decimal(repr(self.low)) + steps * Decimal(repr(self.step)))

    def distance(self, a: float, b: float) -> float:
        """Return 0 for numbers that are near each other, else how far apart they are: 1 is the whole width."""
        apart = abs(a - b)
        return 0.0 if apart <= self.near else min(apart / self.width, 1.0)

    def bins(self) -> list[str]:
        """Return the names of the parts, of equal width, that answers are counted in.

        >>> NumberScale(0, 5).bins()[:2]
        ['0 – 0.5', '0.5 – 1']
        """
        ends = [f"{self.low + self.width * index / BINS:.6g}" for index in range(BINS + 1)]
        return [f"{low} – {high}" for low, high in pairwise(ends)]

    def bin_of(self, number: float) -> int:
        """Return the index of the bin that a number lies in; of one from before the ends were moved, the outermost."""
        return min(max(int((number - self.low) / self.width * BINS), 0), BINS - 1)
