"""Items that are pairs of a user and a product, as arrays: who, which, and what attributes both have."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.tasktypes.ratings import PRODUCT, USER, USER_PREFIX
from learner.engine.features.table_columns import SEPARATOR

MAX_ATTRIBUTES = 300  # of a side, the commonest
MIN_SHARING = 3  # names that share an attribute: one alone says no more than its name

Content = Mapping[str, Any]  # {USER: u, PRODUCT: p, column: cell, ...}


@dataclass(frozen=True)
class Side:
    """One side of all pairs, the users or the products."""

    names: tuple[str, ...]  # in the order of their first pair
    positions: NDArray[np.intp]  # (n,) of each pair its position among the names
    contents: Sequence[Content]  # one for each name, which has its attributes


def user_side(contents: Sequence[Content]) -> Side:
    """Return the users of pairs."""
    return _pair_side(contents, USER)


def product_side(contents: Sequence[Content]) -> Side:
    """Return the products of pairs."""
    return _pair_side(contents, PRODUCT)


def _pair_side(contents: Sequence[Content], key: str) -> Side:
    """Return the distinct names under a key of the contents, in the order of their first pair."""
    names: dict[str, int] = {}
    first: list[Content] = []
    positions = np.empty(len(contents), np.intp)
    for n, content in enumerate(contents):
        position = names.setdefault(str(content.get(key, "")), len(names))
        if position == len(first):
            first.append(content)
        positions[n] = position
    return Side(tuple(names), positions, first)


def user_attributes(content: Content) -> set[str]:
    """Return `column=value` of each value of the columns that tell about the user."""
    return _attribute_values((name, cell) for name, cell in content.items() if name.startswith(USER_PREFIX))


def product_attributes(content: Content) -> set[str]:
    """Return `column=value` of each value of the other columns.

    >>> sorted(product_attributes({"user": "7", "thing": "31", "genres": "Drama|War", "user.job": "nurse"}))
    ['genres=Drama', 'genres=War']
    """
    attributes_of_name = (USER, PRODUCT)
    return _attribute_values(
        (name, cell)
        for name, cell in content.items()
        if name not in attributes_of_name and not name.startswith(USER_PREFIX)
    )


def _attribute_values(cells: Iterable[tuple[str, Any]]) -> set[str]:
    return {
        f"{name}={value.strip()}"
        for name, cell in cells
        if cell is not None
        for value in str(cell).split(SEPARATOR)
        if value.strip()
    }


def shared_attributes(attributes: Sequence[set[str]]) -> tuple[str, ...]:
    """Return the attributes that MIN_SHARING or more have and not all do, the commonest MAX_ATTRIBUTES."""
    counts = Counter(attribute for attributes_of_name in attributes for attribute in attributes_of_name)
    shared = [attribute for attribute, count in counts.items() if MIN_SHARING <= count < len(attributes)]
    return tuple(sorted(shared, key=lambda attribute: (-counts[attribute], attribute))[:MAX_ATTRIBUTES])


def attribute_indicators(attributes: Sequence[set[str]], vocabulary: Sequence[str]) -> NDArray[np.float64]:
    """Return (m, 1 + p): a one, then whether each has each attribute of the vocabulary; no row is longer than 2."""
    columns = {attribute: n for n, attribute in enumerate(vocabulary, 1)}
    table = np.zeros((len(attributes), 1 + len(vocabulary)))
    table[:, 0] = 1
    for row, attributes_of_name in enumerate(attributes):
        columns_of_name = [columns[attribute] for attribute in attributes_of_name if attribute in columns]
        table[row, columns_of_name] = 1 / np.sqrt(max(len(columns_of_name), 1))
    return table
