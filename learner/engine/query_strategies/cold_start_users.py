"""Ratings: who has hardly rated anything is asked about things that many know and few agree on, then by doubt."""

import numpy as np
from numpy.typing import NDArray

from learner.engine.contracts.query_strategy import Pool, QueryParams, Rows, Selection
from learner.engine.estimators.recommendation import user_item_pairs
from learner.engine.selection.draws import draw_boltzmann, margins_of
from learner.engine.selection.uniform import uniform_order

FIRST_QUESTIONS = 5  # ratings of a user below which the model's doubt is of everything

Floats = NDArray[np.float32]


def new_users(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Take the FIRST_QUESTIONS most popular and disputed things of each new user first, then the smallest margins.

    The first questions of all new users come before anybody's second. A pool whose contents are no pairs of users and
    things is ranked by the margin alone. O(n log n). Popularity times entropy: Rashid et al., Getting to Know You, IUI
    2002.
    """
    energy = margins_of(pool)
    if pool.contents is not None:
        rows, turns, value = _first_questions(pool, uniform_order(pool, params))
        energy[rows] = turns - FIRST_QUESTIONS + (1 - value) / 2  # below every margin, and a turn below the next
    return draw_boltzmann(pool, energy, n, params, np.inf, "new users' first questions, then the margin; low first")


def _first_questions(pool: Pool, noise: Floats) -> tuple[Rows, Rows, Floats]:
    """Return the rows that new users are asked first, each one's turn with its user, and its thing's value."""
    labelled = np.empty(0, np.intp) if pool.labelled_rows is None else pool.labelled_rows
    users, products = user_item_pairs.users(pool.contents), user_item_pairs.products(pool.contents)  # type: ignore[arg-type]
    have = np.bincount(users.positions[labelled], minlength=len(users.names))
    value = popular_and_disputed(products.positions[labelled], pool.labelled_classes, len(products.names))[
        products.positions
    ]
    rows = np.flatnonzero(pool.available & (have[users.positions] < FIRST_QUESTIONS))
    rows = rows[np.lexsort((noise[rows], -value[rows], users.positions[rows]))]
    own = users.positions[rows]
    turns = np.arange(len(rows)) - np.searchsorted(own, own)
    first = turns < FIRST_QUESTIONS - have[own]
    return rows[first], turns[first], value[rows[first]]


def popular_and_disputed(things: Rows, ratings: Rows | None, count: int) -> Floats:
    """Return (count,) in [0, 1]: the logarithm of how often each thing was rated times the entropy of its ratings.

    `things` (m,) and `ratings` (m,) are of the known ratings: places of things, and of ratings on the scale or -1.

    >>> popular_and_disputed(np.array([0, 0, 1, 1, 2]), np.array([0, 1, 1, 1, 0]), 4).tolist()
    [1.0, 0.0, 0.0, 0.0]
    """
    codes = np.zeros(len(things), np.intp) if ratings is None else ratings + 1
    table = np.zeros((count, int(codes.max(initial=0)) + 1))
    np.add.at(table, (things, codes), 1)
    known = table.sum(axis=1)
    shares = table / np.maximum(known, 1)[:, None]
    found = np.log1p(known) * (shares * np.log(1 / np.where(shares > 0, shares, 1))).sum(axis=1)
    return np.asarray(found / max(found.max(initial=0), 1e-9), np.float32)
