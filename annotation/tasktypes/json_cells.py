"""Cells that hold the parts of an answer as a JSON list: what spans and boxes share."""

import json
from collections.abc import Collection
from typing import Any

from annotation.errors import InvalidValue


def read_list(cell: str, refusal: InvalidValue, keys: Collection[str]) -> list[Any]:
    """Return the list in a cell, of its objects what these keys have; raises the refusal for anything else.

    An empty cell is no list: an item without parts has []. What other tools keep beside the parts, such as
    a score or the places of tokens, is no part of the answer.
    """
    try:
        given = json.loads(cell)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, list):
        raise refusal
    return [{key: one[key] for key in one if key in keys} if isinstance(one, dict) else one for one in given]
