"""Cells that hold the parts of an answer as a JSON list: what spans and boxes share."""

import json
from typing import Any

from annotation.errors import InvalidValue


def read_list(cell: str, refusal: InvalidValue) -> list[Any]:
    """Return the list in a cell; raises the refusal for anything else.

    An empty cell is no list: an item without parts has [].
    """
    try:
        given = json.loads(cell)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, list):
        raise refusal
    return given
