"""Values of records as text: what a cell of a table can hold, and what JSON can."""

import json
import math
from collections.abc import Iterable
from typing import Any, NoReturn

MAX_DEPTH = 50  # lists and objects inside each other; what is kept is walked by recursion, in several libraries
TOO_DEEP = "it is nested too deeply"
MAX_INTEGER_DIGITS = 300  # a float holds 308


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite_float(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"{digits} is too large a number")
    return number


def _bounded_integer(digits: str) -> int:
    if len(digits) > MAX_INTEGER_DIGITS:
        raise ValueError(f"{digits[:20]}… is too large a number")
    return int(digits)


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite_float, parse_int=_bounded_integer)
ENCODER = json.JSONEncoder(ensure_ascii=False)
# Equal values have equal text.
CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def cell_text(value: object) -> str:
    """Return a value as the text of a cell: nothing for None, JSON for what is not plain text.

    >>> [cell_text("a"), cell_text(None), cell_text(True), cell_text(0.5), cell_text({"a": 1})]
    ['a', '', 'true', '0.5', '{"a": 1}']
    """
    if isinstance(value, str):
        return value
    return "" if value is None else ENCODER.encode(value)


def parse_json(text: str) -> Any:  # noqa: ANN401
    """Return the value of a JSON text; raises ValueError that says what is wrong, too deep nesting included."""
    try:
        value = _DECODER.decode(text)
    except RecursionError:
        raise ValueError(TOO_DEEP) from None
    if _is_too_deep(value):
        raise ValueError(TOO_DEEP)
    return value


def parse_json_at(text: str, start: int) -> tuple[Any, int]:
    """Return the JSON value that begins at a position of a text, and its end; raises ValueError as `parse_json`."""
    try:
        value, end = _DECODER.raw_decode(text, start)
    except RecursionError:
        raise ValueError(TOO_DEEP) from None
    if _is_too_deep(value):
        raise ValueError(TOO_DEEP)
    return value, end


def _is_too_deep(value: object) -> bool:
    """Tell whether more than MAX_DEPTH lists and objects lie inside each other.

    >>> _is_too_deep([[1]]), _is_too_deep(json.loads("[" * 51 + "]" * 51))
    (False, True)
    """
    level = [value]
    for _depth in range(MAX_DEPTH):
        level = [inner for outer in level if isinstance(outer, list | dict) for inner in _nested_values(outer)]
        if not any(isinstance(one, list | dict) for one in level):
            return False
    return True


def is_storable(value: object) -> bool:
    """Tell that no text anywhere inside has a NUL or half of a surrogate pair, which no database takes.

    >>> is_storable({"a": ["b"]}), is_storable({"a": ["\\0"]}), is_storable({"\\ud800": 1})
    (True, False, False)
    """
    if isinstance(value, str):
        return "\0" not in value and value.encode("utf-8", "replace").decode() == value
    if isinstance(value, dict):
        return all(map(is_storable, value)) and all(map(is_storable, value.values()))
    return all(map(is_storable, value)) if isinstance(value, list) else True


def _nested_values(outer: list[object] | dict[str, object]) -> Iterable[object]:
    return outer.values() if isinstance(outer, dict) else outer
