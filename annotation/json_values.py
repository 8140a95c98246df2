"""Values of records as text: what a cell of a table can hold, and what JSON can."""

import json
import math
from typing import NoReturn


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"{digits} is too large a number")
    return number


DECODER = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite)
ENCODER = json.JSONEncoder(ensure_ascii=False)
# Equal values have equal text.
CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def cell(value: object) -> str:
    """Return a value as the text of a cell: nothing for None, JSON for what is not plain text.

    >>> [cell("a"), cell(None), cell(True), cell(0.5), cell({"a": 1})]
    ['a', '', 'true', '0.5', '{"a": 1}']
    """
    if isinstance(value, str):
        return value
    return "" if value is None else ENCODER.encode(value)
