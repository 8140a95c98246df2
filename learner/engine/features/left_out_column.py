"""Columns that no model learns from: ids, what says nothing, and what a lead leaves out."""

import re
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from annotation.text.decimal_numbers import parse_number
from learner.engine.features.table_cells import Cells, Rows, are_whole, non_missing_cells, parse_numbers

LEFT_OUT_REASONS = ("id", "constant", "unreadable", "lead")  # as `column_kinds` describes them
MIN_ID_ROWS = 50  # of a column whose cells are all distinct, from which that is no accident
MIN_HASH_CHARACTERS = 8  # of an id in hexadecimal digits

_HASH = re.compile(
    rf"[0-9a-f]{{{MIN_HASH_CHARACTERS},}}|[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}", re.IGNORECASE
)
_ID_NAME = re.compile(r"(?i:(^|[\W_])(id|uuid|guid)$)|[a-z]I[Dd]$")


@dataclass(frozen=True)
class LeftOutColumn:
    """A column that no model learns from, and why."""

    kind: ClassVar[str] = "left_out"

    name: str
    reason: str  # one of LEFT_OUT_REASONS

    @property
    def width(self) -> int:
        """No numbers come of a cell."""
        return 0

    def transform(self, cells: Cells) -> Rows:
        """Return (m, 0) float32."""
        return np.empty((len(cells), 0), np.float32)

    @classmethod
    def fit_if_ids(cls, name: str, cells: Cells) -> "LeftOutColumn | None":
        """Return it where cells number or name the rows: all there, all distinct, and ascending or like hashes.

        Whole numbers in another order count where the column's name says that they are ids.
        """
        if len(cells) < MIN_ID_ROWS or len(set(cells)) < len(cells) or len(non_missing_cells(cells)) < len(cells):
            return None
        first = cells[0]
        if _HASH.fullmatch(first) and any(not text.isdigit() for text in cells) and all(map(_HASH.fullmatch, cells)):
            return cls(name, "id")
        if parse_number(first, decimal_comma=False) is None:
            return None
        numbers = parse_numbers(cells, decimal_comma=False)
        if np.isnan(numbers).any() or not are_whole(numbers):
            return None
        return cls(name, "id") if (np.diff(numbers) > 0).all() or _ID_NAME.search(name) else None
