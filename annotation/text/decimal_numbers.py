"""Numbers as people and spreadsheets write them: with a decimal point or a comma, thousands grouped or not. Pure."""

import math
import re
from collections.abc import Iterable

_PLAIN = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_GROUPED_BY_COMMAS = re.compile(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?", re.ASCII)  # 1,234.5
_GROUPED_BY_POINTS = re.compile(r"[-+]?[1-9]\d{0,2}([.\u00a0\u202f]\d{3})+(,\d+)?", re.ASCII)  # 1.234,5
_DECIMAL_COMMA = re.compile(r"[-+]?\d*,\d+([eE][-+]?\d+)?", re.ASCII)  # 12,5
# what can be read in one of the two ways only
_SURELY_COMMA = re.compile(r"[-+]?((0|\d{4,})?,\d+|\d*,(\d{1,2}|\d{4,})|[1-9]\d{0,2}(\.\d{3})+,\d+)", re.ASCII)
_SURELY_POINT = re.compile(r"[-+]?((0|\d{4,})?\.\d+|\d*\.(\d{1,2}|\d{4,})|[1-9]\d{0,2}(,\d{3})+\.\d+)", re.ASCII)
_AMBIGUOUS = re.compile(r"[-+]?[1-9]\d{0,2},\d{3}", re.ASCII)
_GROUPS = str.maketrans("", "", ".\u00a0\u202f")


def parse_number(text: str, *, decimal_comma: bool = False) -> float | None:
    """Return the finite number that a text is, None where it is none; NaN, infinity and 1_000 are none.

    A comma with three digits behind it groups thousands, unless numbers are written with a decimal comma.

    >>> [parse_number(text) for text in ("12.5", "12,5", "1,234.5", "1.234,5", "1,234", "0,125", "1_000")]
    [12.5, 12.5, 1234.5, 1234.5, 1234.0, 0.125, None]
    >>> [parse_number(text, decimal_comma=True) for text in ("1,234", "1.234", "12.5")]
    [1.234, 1234.0, 12.5]
    """
    text = text.strip()
    if decimal_comma and _GROUPED_BY_POINTS.fullmatch(text):
        plain = text.translate(_GROUPS).replace(",", ".")
    elif decimal_comma and _DECIMAL_COMMA.fullmatch(text):
        plain = text.replace(",", ".")
    elif _PLAIN.fullmatch(text):
        plain = text
    elif _GROUPED_BY_COMMAS.fullmatch(text):
        plain = text.replace(",", "")
    else:
        return None if decimal_comma else parse_number(text, decimal_comma=True)
    number = float(plain)
    return number if math.isfinite(number) else None


def is_ambiguous(text: str) -> bool:
    """Whether a text is one number with a decimal comma and another one with grouped thousands.

    >>> [is_ambiguous(text) for text in ("1,234", "1,23", "1,234,567", "0,125")]
    [True, False, False, False]
    """
    return _AMBIGUOUS.fullmatch(text.strip()) is not None


def has_decimal_comma(cells: Iterable[str]) -> bool:
    """Whether some of the cells are numbers with a decimal comma for certain, and none has a decimal point.

    >>> has_decimal_comma(["12,5", "7", "1.234"]), has_decimal_comma(["12,5", "3.14"])
    (True, False)
    """
    has_comma = False
    for cell in cells:
        text = cell.strip()
        if _SURELY_POINT.fullmatch(text):
            return False
        has_comma = has_comma or _SURELY_COMMA.fullmatch(text) is not None
    return has_comma
