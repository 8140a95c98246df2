"""Cells of a table's columns as texts and as numbers."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from annotation.json_values import cell_text
from annotation.text.decimal_numbers import parse_number

Cells = Sequence[str]  # of one column, without blanks around
Rows = NDArray[np.float32]

MISSING = frozenset({"", "-", "?", "na", "n/a", "nan", "null", "none", "unknown"})  # in lower case
MAX_CELL_CHARACTERS = 5000  # that are read


def clean_cell(value: object) -> str:
    """Return what a cell says, without blanks around."""
    return cell_text(value).strip()[:MAX_CELL_CHARACTERS]


def non_missing_cells(cells: Cells) -> list[str]:
    """Return the cells that say something."""
    return [text for text in cells if text.lower() not in MISSING]


def parse_numbers(cells: Cells, *, decimal_comma: bool) -> NDArray[np.float64]:
    """Return (m,), NaN where a cell is no number."""
    return np.array([parse_number(text, decimal_comma=decimal_comma) for text in cells], np.float64)


def are_whole(numbers: NDArray[np.float64]) -> bool:
    return bool((numbers == np.round(numbers)).all())
