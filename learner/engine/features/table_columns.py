"""Columns of a table as numbers: what kind each one is, found from its cells, and what comes of a cell.

Every column makes numbers of about the length that one category has, so that none drowns the others.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from annotation.json_values import cell

Cells = Sequence[str]  # of one column, without blanks around
Rows = NDArray[np.float32]

MISSING = frozenset({"", "-", "?", "na", "n/a", "nan", "null", "none", "unknown"})  # in lower case
ENOUGH = 0.95  # of the cells that are there: so many must be numbers, or dates, for the column to be one of them
GLANCE, HOPE = 100, 0.5  # first cells; where less of them can be read, the others are not tried
USUAL = 0.5  # of the numbers: a value that so many have is a state of its own (0 purchases, 999 for "never")
QUARTILES = 1.349  # deviations between the quartiles of a normal distribution
REACH = 3.0  # deviations from the median at which numbers are cut off
FREQUENT = 0.002  # of the rows: categories that are rarer are "other"
CATEGORIES = 30  # of one column, at most
SEPARATOR = "|"  # of several values in a cell, such as genres
SEVERAL = 0.1  # of the cells that say something: so many must hold several values for the column to be of such cells
COVERED = 0.5  # of the cells: where frequent categories are less than that, the column is free text
WORDS = 40  # of a column of free text, at most
FREQUENT_WORD = 0.01  # of the rows
LONGEST = 5000  # characters of a cell that are looked at
DATE_FORMATS = ("%Y/%m/%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y-%m")

_GROUPED = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")
_WORD = re.compile(r"\w+")


def clean(value: Any) -> str:
    """Return what a cell says, without blanks around."""
    return cell(value).strip()[:LONGEST]


def there(cells: Cells) -> list[str]:
    """Return the cells that say something."""
    return [text for text in cells if text.lower() not in MISSING]


def _share_read(read: Callable[[str], object], cells: Cells) -> float:
    """Return for what share of the cells `read` returns something; that of the first ones alone where it is small."""
    first = _share(read, cells[:GLANCE])
    return first if first < HOPE else _share(read, cells)


def _share(read: Callable[[str], object], cells: Cells) -> float:
    return sum(read(text) is not None for text in cells) / max(len(cells), 1)


@dataclass(frozen=True)
class Scale:
    """Numbers moved and stretched to median 0 and, were they normally distributed, deviation 1; NaN becomes 0.

    Median and quartiles, not mean and deviation: one absurd cell must not squeeze all the others.
    """

    middle: float
    deviation: float

    def __call__(self, numbers: NDArray[np.float64]) -> Rows:
        """Return (m,) float32 of (m,) numbers, NaN among them, none beyond REACH."""
        scaled = np.clip((numbers - self.middle) / self.deviation, -REACH, REACH)
        return np.nan_to_num(scaled, nan=0.0).astype(np.float32)

    @classmethod
    def of(cls, numbers: NDArray[np.float64]) -> "Scale":
        """Fit to (m,) numbers, one at least."""
        low, middle, high = np.quantile(numbers, [0.25, 0.5, 0.75])
        return cls(float(middle), float((high - low) / QUARTILES or numbers.std() or 1.0))


@dataclass(frozen=True)
class Number:
    """Scaled; beside it flags for a usual value and for none at all, where the pool had such.

    Both are 0 on the scale, which the others made.
    """

    kind: ClassVar[str] = "number"

    name: str
    middle: float
    deviation: float
    usual: float | None = None
    gaps: bool = False

    @property
    def width(self) -> int:
        """How many numbers come of a cell."""
        return 1 + (self.usual is not None) + self.gaps

    def transform(self, cells: Cells) -> Rows:
        """Return (m, 1 to 3) float32."""
        numbers = _numbers(cells)
        flags = [numbers == self.usual] * (self.usual is not None) + [np.isnan(numbers)] * self.gaps
        scaled = Scale(self.middle, self.deviation)(np.where(numbers == self.usual, np.nan, numbers))
        return np.stack([scaled, *flags], axis=1).astype(np.float32)

    @classmethod
    def of(cls, name: str, cells: Cells) -> "Number | None":
        """Fit to cells, or return None where they are no numbers."""
        said = there(cells)
        if _share_read(_number, said) < ENOUGH:
            return None
        numbers = _numbers(said)
        numbers = numbers[~np.isnan(numbers)]
        values, counts = np.unique(numbers, return_counts=True)
        usual = float(values[counts.argmax()]) if len(values) > 2 and counts.max() >= USUAL * len(numbers) else None
        scale = Scale.of(numbers[numbers != usual] if usual is not None else numbers)
        return cls(name, scale.middle, scale.deviation, usual, gaps=len(numbers) < len(cells))


def _numbers(cells: Cells) -> NDArray[np.float64]:
    """Return (m,), NaN where a cell is no number."""
    return np.array([_number(text) for text in cells], np.float64)


def _number(text: str) -> float | None:
    """Return the number that a cell is, thousands grouped or not."""
    try:
        number = float(text.replace(",", "") if _GROUPED.fullmatch(text) else text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


@dataclass(frozen=True)
class Date:
    """When it was on a scale, and where in the year, the week and the day."""

    kind: ClassVar[str] = "date"

    name: str
    middle: float
    deviation: float
    form: str  # for strptime; "" is ISO 8601

    @property
    def width(self) -> int:
        """How many numbers come of a cell."""
        return 8

    def transform(self, cells: Cells) -> Rows:
        """Return (m, 8) float32."""
        moments = [_moment(text, self.form) for text in cells]
        days = np.array([math.nan if moment is None else _days(moment) for moment in moments], np.float64)
        missing = np.isnan(days)
        year = [0.0 if moment is None else (moment.timetuple().tm_yday - 1) / 365.25 for moment in moments]
        week = [0.0 if moment is None else moment.weekday() / 7 for moment in moments]
        day = [0.0 if moment is None else (moment.hour + moment.minute / 60) / 24 for moment in moments]
        turns = 2 * np.pi * np.array([year, week, day])
        around = np.where(missing, 0.0, np.concatenate([np.sin(turns), np.cos(turns)]))
        return np.vstack([Scale(self.middle, self.deviation)(days), missing, around]).T.astype(np.float32)

    @classmethod
    def of(cls, name: str, cells: Cells) -> "Date | None":
        """Fit to cells, or return None where they are no dates."""
        said = there(cells)
        for form in ("", *DATE_FORMATS):
            if _share_read(partial(_moment, form=form), said) >= ENOUGH:
                moments = (_moment(text, form) for text in said)
                scale = Scale.of(np.array([_days(moment) for moment in moments if moment], np.float64))
                return cls(name, scale.middle, scale.deviation, form)
        return None


def _moment(text: str, form: str) -> datetime | None:
    try:
        moment = datetime.strptime(text, form) if form else datetime.fromisoformat(text)  # noqa: DTZ007
    except ValueError:
        return None
    return moment.replace(tzinfo=None)


def _days(moment: datetime) -> float:
    return moment.toordinal() + (moment.hour * 60 + moment.minute) / 1440


@dataclass(frozen=True)
class Category:
    """One of the frequent values, or something else; a cell that says nothing is a value like others."""

    kind: ClassVar[str] = "category"

    name: str
    values: tuple[str, ...]

    @property
    def width(self) -> int:
        """How many numbers come of a cell."""
        return len(self.values) + 1

    def transform(self, cells: Cells) -> Rows:
        """Return (m, values + 1) float32: a single 1 a row."""
        place = {value: column for column, value in enumerate(self.values)}
        columns = [place.get(text, len(place)) for text in _unified(cells)]
        rows = np.zeros((len(cells), self.width), np.float32)
        rows[np.arange(len(cells)), columns] = 1
        return rows

    @classmethod
    def of(cls, name: str, cells: Cells) -> "Category | None":
        """Fit to cells, or return None where they hardly ever say the same."""
        found = Counter(_unified(cells))
        least = max(2, FREQUENT * len(cells))
        values = [value for value, count in found.most_common(CATEGORIES) if count >= least]
        covered = sum(found[value] for value in values if value)
        return cls(name, tuple(sorted(values))) if covered >= COVERED * len(there(cells)) else None


def _unified(cells: Cells) -> list[str]:
    """Return the cells, those that say nothing as ""."""
    return ["" if text.lower() in MISSING else text for text in cells]


@dataclass(frozen=True)
class Several:
    """Which of the frequent values a cell holds; rows of length one or zero."""

    kind: ClassVar[str] = "several"

    name: str
    values: tuple[str, ...]

    @property
    def width(self) -> int:
        """How many numbers come of a cell."""
        return len(self.values)

    def transform(self, cells: Cells) -> Rows:
        """Return (m, values) float32."""
        return _which(self.values, map(_parts, cells))

    @classmethod
    def of(cls, name: str, cells: Cells) -> "Several | None":
        """Fit to cells, or return None where they hold one value each, or hardly ever the same ones."""
        said = there(cells)
        if sum(SEPARATOR in text for text in said) < SEVERAL * len(said):
            return None
        found = Counter(part for text in said for part in _parts(text))
        least = max(2, FREQUENT * len(cells))
        values = [value for value, count in found.most_common(CATEGORIES) if count >= least]
        covered = sum(found[value] for value in values)
        return cls(name, tuple(sorted(values))) if values and covered >= COVERED * found.total() else None


def _parts(text: str) -> set[str]:
    return {part.strip() for part in text.split(SEPARATOR)} - {""}


def _which(known: Sequence[str], held: Iterable[set[str]]) -> Rows:
    """Return (m, k) float32: which of the k known words each of m sets holds, scaled to length one."""
    place = {word: column for column, word in enumerate(known)}
    found = [[place[word] for word in words if word in place] for words in held]
    rows = np.zeros((len(found), len(place)), np.float32)
    for row, columns in enumerate(found):
        rows[row, columns] = 1
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.float32(1))
    return rows


@dataclass(frozen=True)
class Words:
    """Free text: which of the column's frequent words are there; rows of length one or zero. No width without words."""

    kind: ClassVar[str] = "words"

    name: str
    words: tuple[str, ...]

    @property
    def width(self) -> int:
        """How many numbers come of a cell."""
        return len(self.words)

    def transform(self, cells: Cells) -> Rows:
        """Return (m, words) float32."""
        return _which(self.words, map(_words, cells))

    @classmethod
    def of(cls, name: str, cells: Cells) -> "Words":
        """Fit to cells."""
        found = Counter(word for text in cells for word in _words(text))
        least = max(3, FREQUENT_WORD * len(cells))
        return cls(name, tuple(sorted(word for word, count in found.most_common(WORDS) if count >= least)))


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))


Column: TypeAlias = Number | Date | Several | Category | Words
KINDS: dict[str, Callable[..., Column]] = {kind.kind: kind for kind in (Number, Date, Several, Category, Words)}


def column_of(name: str, cells: Cells) -> Column | None:
    """Return what a column is, by its cells; None where it says nothing: empty, or the same in every row."""
    if len(set(cells)) < 2 or not there(cells):
        return None
    number_or_date = Number.of(name, cells) or Date.of(name, cells)
    found = number_or_date or Several.of(name, cells) or Category.of(name, cells) or Words.of(name, cells)
    return found if found.width else None
