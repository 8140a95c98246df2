"""Columns of a table as numbers: what kind each one is, by its cells, and the numbers of a cell.

Every column makes numbers of about the length that one category has, so that none drowns the others.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from annotation.text.decimal_numbers import has_decimal_comma, parse_number
from learner.engine.features.left_out_column import LeftOutColumn
from learner.engine.features.table_cells import MISSING, Cells, Rows, are_whole, non_missing_cells, parse_numbers

MIN_READABLE_SHARE = 0.95  # of the cells that are not missing: so many must be numbers, or dates, in such a column
FIRST_CELLS, MIN_FIRST_SHARE = 100, 0.5  # where less of the first cells can be read, the others are not tried
MIN_MODE_SHARE = 0.5  # of the numbers: a value that so many have is a state of its own (0 purchases, 999 for "never")
QUARTILE_DEVIATIONS = 1.349  # deviations between the quartiles of a normal distribution
MAX_DEVIATIONS = 3.0  # from the median at which numbers are cut off
MIN_CATEGORY_SHARE = 0.002  # of the rows: categories that are rarer are "other"
MAX_CATEGORIES = 30  # of one column
SEPARATOR = "|"  # of several values in a cell, such as genres
MIN_MULTI_VALUE_SHARE = 0.1  # of the cells that are not missing: so many must hold several values in such a column
MIN_COVERED_SHARE = 0.5  # of the cells: where frequent categories are less than that, the column is free text
MAX_COLUMN_WORDS = 40  # of a column of free text
MIN_WORD_SHARE = 0.01  # of the rows
MIN_CODES, MAX_CODES = 3, 12  # distinct whole numbers of a column that may be codes (of a region, a grade, a month)
MIN_ROWS_PER_CODE = 5  # on average: fewer tell nothing of a code
DATE_FORMATS = ("%Y/%m/%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y-%m")

_WORD = re.compile(r"\w+")


def _readable_share(read: Callable[[str], object], cells: Cells) -> float:
    """Return for what share of the cells `read` returns something; that of the first ones alone where it is small."""
    first = _share_not_none(read, cells[:FIRST_CELLS])
    return first if first < MIN_FIRST_SHARE else _share_not_none(read, cells)


def _share_not_none(read: Callable[[str], object], cells: Cells) -> float:
    return sum(read(text) is not None for text in cells) / max(len(cells), 1)


@dataclass(frozen=True)
class RobustScaler:
    """Numbers moved and stretched to median 0 and, were they normally distributed, deviation 1; NaN becomes 0.

    Median and quartiles, not mean and deviation: one absurd cell must not squeeze all the others.
    """

    median: float
    deviation: float

    def __call__(self, numbers: NDArray[np.float64]) -> Rows:
        """Return (m,) float32 of (m,) numbers, NaN among them, none beyond MAX_DEVIATIONS."""
        scaled = np.clip((numbers - self.median) / self.deviation, -MAX_DEVIATIONS, MAX_DEVIATIONS)
        return np.nan_to_num(scaled, nan=0.0).astype(np.float32)

    @classmethod
    def fit(cls, numbers: NDArray[np.float64]) -> "RobustScaler":
        """Fit to (m,) numbers, one at least."""
        low, median, high = np.quantile(numbers, [0.25, 0.5, 0.75])
        return cls(float(median), float((high - low) / QUARTILE_DEVIATIONS or numbers.std() or 1.0))


@dataclass(frozen=True)
class NumberColumn:
    """Scaled; beside it flags for the mode and for none at all, where the pool had such.

    Both are 0 on the scale, which the others made.
    """

    kind: ClassVar[str] = "number"

    name: str
    median: float
    deviation: float
    mode: float | None = None
    has_missing: bool = False
    decimal_comma: bool = False

    @property
    def width(self) -> int:
        """How many numbers come of a cell."""
        return 1 + (self.mode is not None) + self.has_missing

    def transform(self, cells: Cells) -> Rows:
        """Return (m, 1 to 3) float32."""
        numbers = parse_numbers(cells, decimal_comma=self.decimal_comma)
        flags = [numbers == self.mode] * (self.mode is not None) + [np.isnan(numbers)] * self.has_missing
        scaled = RobustScaler(self.median, self.deviation)(np.where(numbers == self.mode, np.nan, numbers))
        return np.stack([scaled, *flags], axis=1).astype(np.float32)

    @classmethod
    def fit_if_numbers(cls, name: str, cells: Cells, min_share: float = MIN_READABLE_SHARE) -> "NumberColumn | None":
        """Fit to cells, or return None where less than `min_share` of them are numbers, or none is."""
        present = non_missing_cells(cells)
        decimal_comma = has_decimal_comma(present)
        if _readable_share(partial(parse_number, decimal_comma=decimal_comma), present) < min_share:
            return None
        numbers = parse_numbers(present, decimal_comma=decimal_comma)
        numbers = numbers[~np.isnan(numbers)]
        if not len(numbers):
            return None
        values, counts = np.unique(numbers, return_counts=True)
        mode = None
        if len(values) > 2 and counts.max() >= MIN_MODE_SHARE * len(numbers):
            mode = float(values[counts.argmax()])
        scale = RobustScaler.fit(numbers if mode is None else numbers[numbers != mode])
        has_missing = len(numbers) < len(cells)
        return cls(name, scale.median, scale.deviation, mode, has_missing=has_missing, decimal_comma=decimal_comma)


@dataclass(frozen=True)
class CodeColumn:
    """Few whole numbers, which may be codes as well as amounts: scaled as numbers, and beside that one by one."""

    kind: ClassVar[str] = "code"

    name: str
    number: NumberColumn
    values: tuple[float, ...]

    @property
    def width(self) -> int:
        """How many numbers come of a cell."""
        return self.number.width + len(self.values)

    def transform(self, cells: Cells) -> Rows:
        """Return (m, 1 to 3, and one for each value) float32; an unknown number is none of the values."""
        numbers = parse_numbers(cells, decimal_comma=self.number.decimal_comma)
        return np.hstack([self.number.transform(cells), (numbers[:, None] == self.values).astype(np.float32)])

    @classmethod
    def fit_if_codes(cls, number: NumberColumn, cells: Cells) -> "CodeColumn | None":
        """Fit to the cells of a column of numbers, or return None where they are not whole, or too many."""
        numbers = parse_numbers(non_missing_cells(cells), decimal_comma=number.decimal_comma)
        values = np.unique(numbers[~np.isnan(numbers)])
        few_enough = MIN_CODES <= len(values) <= min(MAX_CODES, len(numbers) // MIN_ROWS_PER_CODE)
        return cls(number.name, number, tuple(values.tolist())) if few_enough and are_whole(values) else None


@dataclass(frozen=True)
class DateColumn:
    """When it was on a scale, and where in the year, the week and the day."""

    kind: ClassVar[str] = "date"

    name: str
    median: float
    deviation: float
    form: str  # for strptime; "" is ISO 8601

    @property
    def width(self) -> int:
        """How many numbers come of a cell."""
        return 8

    def transform(self, cells: Cells) -> Rows:
        """Return (m, 8) float32."""
        dates = [_parse_date(text, self.form) for text in cells]
        days = np.array([math.nan if date is None else _days_since_epoch(date) for date in dates], np.float64)
        missing = np.isnan(days)
        year = [0.0 if date is None else (date.timetuple().tm_yday - 1) / 365.25 for date in dates]
        week = [0.0 if date is None else date.weekday() / 7 for date in dates]
        day = [0.0 if date is None else (date.hour + date.minute / 60) / 24 for date in dates]
        angles = 2 * np.pi * np.array([year, week, day])
        circular = np.where(missing, 0.0, np.concatenate([np.sin(angles), np.cos(angles)]))
        return np.vstack([RobustScaler(self.median, self.deviation)(days), missing, circular]).T.astype(np.float32)

    @classmethod
    def fit_if_dates(cls, name: str, cells: Cells, min_share: float = MIN_READABLE_SHARE) -> "DateColumn | None":
        """Fit to cells, or return None where less than `min_share` of them are dates of one form."""
        present = non_missing_cells(cells)
        for form in ("", *DATE_FORMATS):
            if present and _readable_share(partial(_parse_date, form=form), present) >= min_share:
                dates = (_parse_date(text, form) for text in present)
                scale = RobustScaler.fit(np.array([_days_since_epoch(date) for date in dates if date], np.float64))
                return cls(name, scale.median, scale.deviation, form)
        return None


def _parse_date(text: str, form: str) -> datetime | None:
    try:
        date = datetime.strptime(text, form) if form else datetime.fromisoformat(text)  # noqa: DTZ007
    except ValueError:
        return None
    return date.replace(tzinfo=None)


def _days_since_epoch(date: datetime) -> float:
    return date.toordinal() + (date.hour * 60 + date.minute) / 1440


@dataclass(frozen=True)
class CategoryColumn:
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
        column_of_value = {value: n for n, value in enumerate(self.values)}
        columns = [column_of_value.get(text, len(column_of_value)) for text in _missing_as_empty(cells)]
        rows = np.zeros((len(cells), self.width), np.float32)
        rows[np.arange(len(cells)), columns] = 1
        return rows

    @classmethod
    def fit_if_categories(
        cls, name: str, cells: Cells, min_covered_share: float = MIN_COVERED_SHARE
    ) -> "CategoryColumn | None":
        """Fit to cells, or return None where the frequent values are less than that share of what they say."""
        counts = Counter(_missing_as_empty(cells))
        min_count = max(2, MIN_CATEGORY_SHARE * len(cells))
        values = [value for value, count in counts.most_common(MAX_CATEGORIES) if count >= min_count]
        covered = sum(counts[value] for value in values if value)
        enough = covered >= min_covered_share * len(non_missing_cells(cells))
        return cls(name, tuple(sorted(values))) if enough else None


def _missing_as_empty(cells: Cells) -> list[str]:
    """Return the cells, those that say nothing as ""."""
    return ["" if text.lower() in MISSING else text for text in cells]


@dataclass(frozen=True)
class MultiValueColumn:
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
        return _indicator_rows(self.values, map(_split_values, cells))

    @classmethod
    def fit_if_multi_value(cls, name: str, cells: Cells) -> "MultiValueColumn | None":
        """Fit to cells, or return None where they hold one value each, or hardly ever the same ones."""
        present = non_missing_cells(cells)
        if sum(SEPARATOR in text for text in present) < MIN_MULTI_VALUE_SHARE * len(present):
            return None
        counts = Counter(part for text in present for part in _split_values(text))
        min_count = max(2, MIN_CATEGORY_SHARE * len(cells))
        values = [value for value, count in counts.most_common(MAX_CATEGORIES) if count >= min_count]
        covered = sum(counts[value] for value in values)
        return cls(name, tuple(sorted(values))) if values and covered >= MIN_COVERED_SHARE * counts.total() else None


def _split_values(text: str) -> set[str]:
    return {part.strip() for part in text.split(SEPARATOR)} - {""}


def _indicator_rows(vocabulary: Sequence[str], word_sets: Iterable[set[str]]) -> Rows:
    """Return (m, k) float32: which of the k known words each of m sets holds, scaled to length one."""
    column_of_word = {word: column for column, word in enumerate(vocabulary)}
    columns_of_rows = [[column_of_word[word] for word in words if word in column_of_word] for words in word_sets]
    rows = np.zeros((len(columns_of_rows), len(column_of_word)), np.float32)
    for row, columns in enumerate(columns_of_rows):
        rows[row, columns] = 1
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.float32(1))
    return rows


@dataclass(frozen=True)
class FreeTextColumn:
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
        return _indicator_rows(self.words, map(_word_set, cells))

    @classmethod
    def fit(cls, name: str, cells: Cells) -> "FreeTextColumn":
        """Fit to cells."""
        counts = Counter(word for text in cells for word in _word_set(text))
        min_count = max(3, MIN_WORD_SHARE * len(cells))
        words = [word for word, count in counts.most_common(MAX_COLUMN_WORDS) if count >= min_count]
        return cls(name, tuple(sorted(words)))


def _word_set(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))


Column: TypeAlias = (
    NumberColumn | CodeColumn | DateColumn | MultiValueColumn | CategoryColumn | FreeTextColumn | LeftOutColumn
)
COLUMN_KINDS: dict[str, Callable[..., Column]] = {
    kind.kind: kind
    for kind in (
        *(NumberColumn, CodeColumn, DateColumn, MultiValueColumn, CategoryColumn, FreeTextColumn),
        LeftOutColumn,
    )
}


def fit_column(name: str, cells: Cells, kind: str | None = None) -> Column:
    """Return what a column becomes: by its cells, or as `kind` says, one of `column_kinds.SETTABLE_KINDS`."""
    if kind == "leave_out":
        return LeftOutColumn(name, "lead")
    if len(set(cells)) < 2 or not non_missing_cells(cells):
        return LeftOutColumn(name, "constant")
    column = _fit_by_cells(name, cells) if kind is None else _FIT_AS[kind](name, cells)
    if column is None or not (column.width or isinstance(column, LeftOutColumn)):
        return LeftOutColumn(name, "unreadable")
    return column


def _fit_by_cells(name: str, cells: Cells) -> Column:
    if ids := LeftOutColumn.fit_if_ids(name, cells):
        return ids
    if number := NumberColumn.fit_if_numbers(name, cells):
        return CodeColumn.fit_if_codes(number, cells) or number
    return (
        DateColumn.fit_if_dates(name, cells)
        or MultiValueColumn.fit_if_multi_value(name, cells)
        or CategoryColumn.fit_if_categories(name, cells)
        or FreeTextColumn.fit(name, cells)
    )


ANY_SHARE = 1e-9  # of cells that can be read: one will do where the lead says what they are
_FIT_AS: dict[str, Callable[[str, Cells], Column | None]] = {
    "number": partial(NumberColumn.fit_if_numbers, min_share=ANY_SHARE),
    "category": partial(CategoryColumn.fit_if_categories, min_covered_share=0.0),
    "text": FreeTextColumn.fit,
    "date": partial(DateColumn.fit_if_dates, min_share=ANY_SHARE),
}
