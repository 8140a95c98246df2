"""Items that are pairs of a user and a thing, as arrays: who, which, and what attributes both have."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.tasktypes.ratings import OF_USER, THING, USER
from learner.engine.features.table_columns import SEPARATOR

MOST = 300  # attributes of a side, the commonest
FEWEST = 3  # things that share an attribute: one alone says no more than its name

Content = Mapping[str, Any]  # {"user": u, "thing": t, column: cell, ...}


@dataclass(frozen=True)
class Side:
    """One side of all pairs, the users or the things."""

    names: tuple[str, ...]  # in the order of their first pair
    places: NDArray[np.intp]  # (n,) of each pair its place among the names
    contents: Sequence[Content]  # of each name one, which has its attributes


def users(contents: Sequence[Content]) -> Side:
    """Return the users of pairs."""
    return _side(contents, USER)


def things(contents: Sequence[Content]) -> Side:
    """Return the things of pairs."""
    return _side(contents, THING)


def _side(contents: Sequence[Content], key: str) -> Side:
    known: dict[str, int] = {}
    first: list[Content] = []
    places = np.empty(len(contents), np.intp)
    for n, content in enumerate(contents):
        place = known.setdefault(str(content.get(key, "")), len(known))
        if place == len(first):
            first.append(content)
        places[n] = place
    return Side(tuple(known), places, first)


def user_attributes(content: Content) -> set[str]:
    """Return `column=value` of each value of the columns that tell about the user."""
    return _values((name, cell) for name, cell in content.items() if name.startswith(OF_USER))


def thing_attributes(content: Content) -> set[str]:
    """Return `column=value` of each value of the other columns.

    >>> sorted(thing_attributes({"user": "7", "thing": "31", "genres": "Drama|War", "user.job": "nurse"}))
    ['genres=Drama', 'genres=War']
    """
    own = (USER, THING)
    return _values((name, cell) for name, cell in content.items() if name not in own and not name.startswith(OF_USER))


def _values(cells: Iterable[tuple[str, Any]]) -> set[str]:
    return {
        f"{name}={value.strip()}"
        for name, cell in cells
        if cell is not None
        for value in str(cell).split(SEPARATOR)
        if value.strip()
    }


def vocabulary(attributes: Sequence[set[str]]) -> tuple[str, ...]:
    """Return the attributes that FEWEST or more have and not all do, the commonest MOST."""
    counts = Counter(one for found in attributes for one in found)
    shared = [one for one, count in counts.items() if FEWEST <= count < len(attributes)]
    return tuple(sorted(shared, key=lambda one: (-counts[one], one))[:MOST])


def indicators(attributes: Sequence[set[str]], known: Sequence[str]) -> NDArray[np.float64]:
    """Return (m, 1 + p): a one, then whether each has each known attribute, so scaled that no row is longer than 2."""
    places = {one: n for n, one in enumerate(known, 1)}
    table = np.zeros((len(attributes), 1 + len(known)))
    table[:, 0] = 1
    for row, found in enumerate(attributes):
        has = [places[one] for one in found if one in places]
        table[row, has] = 1 / np.sqrt(max(len(has), 1))
    return table
