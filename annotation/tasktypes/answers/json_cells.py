"""Cells that hold the components of an answer as a JSON list: what spans and boxes share."""

from collections.abc import Collection
from typing import Any

from annotation.errors import InvalidValue
from annotation.json_values import decode


def read_list(cell: str, refusal: InvalidValue, keys: Collection[str]) -> list[Any]:
    """Return the list in a cell, of its objects what these keys have; raises the refusal for anything else.

    An empty cell is no list: an item without components has []. What other tools keep beside them, such as
    a score or the places of tokens, is no part of the answer.
    """
    try:
        items = decode(cell)
    except ValueError:
        items = None
    if not isinstance(items, list):
        raise refusal
    return [{key: item[key] for key in item if key in keys} if isinstance(item, dict) else item for item in items]
