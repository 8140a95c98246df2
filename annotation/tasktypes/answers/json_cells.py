"""Cells that hold a list: labels, spans or boxes, as JSON or as Python writes lists into a table."""

import ast
from collections.abc import Collection
from typing import Any

from annotation.errors import InvalidValue
from annotation.json_values import is_storable, parse_json

MAX_LITERAL_CHARACTERS = 100_000  # of a cell that is read as Python writes it


def parse_list_cell(text: str) -> object:
    """Return the list or object in a cell, None where it holds neither.

    >>> parse_list_cell('["a"]'), parse_list_cell("['a', 'b']"), parse_list_cell("[sic]")
    (['a'], ['a', 'b'], None)
    """
    text = text.strip()
    if not text.startswith(("[", "{")):
        return None
    try:
        value = parse_json(text)
    except ValueError:
        value = _parse_python_literal(text)
    return value if isinstance(value, list | dict) and is_storable(value) else None


def _parse_python_literal(text: str) -> object:
    if len(text) > MAX_LITERAL_CHARACTERS:
        return None
    try:
        return ast.literal_eval(text)  # reads constants and runs nothing
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return None


def read_list(cell: str, refusal: InvalidValue, keys: Collection[str]) -> list[Any]:
    """Return the list in a cell, of its objects what these keys have; raises the refusal for anything else.

    An empty cell is no list: an item without components has []. What other tools keep beside them, such as
    a score or the places of tokens, is no part of the answer.
    """
    items = parse_list_cell(cell)
    if not isinstance(items, list):
        raise refusal
    return [{key: item[key] for key in item if key in keys} if isinstance(item, dict) else item for item in items]
