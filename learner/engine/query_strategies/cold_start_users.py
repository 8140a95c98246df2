"""Ratings: new users are asked about products that many rated and few agree on, all others by uncertainty."""

import numpy as np
from numpy.typing import NDArray

from learner.engine.contracts.query_strategy import Pool, QueryParams, Rows, Selection
from learner.engine.estimators.recommendation import user_item_pairs
from learner.engine.selection.draws import draw_boltzmann, margins_of
from learner.engine.selection.uniform import random_keys_of

FIRST_QUESTIONS = 5  # ratings of a user below which the model is uncertain of everything

Floats = NDArray[np.float32]


def new_users(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Take the FIRST_QUESTIONS most popular and disputed products of each new user first, then the smallest margins.

    The first questions of all new users come before anybody's second. A pool whose contents are no pairs of users and
    products is ranked by the margin alone. O(n log n). Popularity times entropy: Rashid et al., Getting to Know You,
    IUI 2002.
    """
    margins = margins_of(pool)
    if pool.contents is not None:
        rows, question_numbers, item_values = _first_questions(pool, random_keys_of(pool, params))
        # below every margin, and a first question below a second
        margins[rows] = question_numbers - FIRST_QUESTIONS + (1 - item_values) / 2
    return draw_boltzmann(pool, margins, n, params, np.inf, "new users' first questions, then the margin; low first")


def _first_questions(pool: Pool, noise: Floats) -> tuple[Rows, Rows, Floats]:
    """Return the rows to ask new users first, each one's number among its user's questions, and its product's value."""
    labelled = np.empty(0, np.intp) if pool.labelled_rows is None else pool.labelled_rows
    users, products = user_item_pairs.user_side(pool.contents), user_item_pairs.product_side(pool.contents)  # type: ignore[arg-type]
    rating_counts = np.bincount(users.positions[labelled], minlength=len(users.names))
    item_values = popularity_times_entropy(products.positions[labelled], pool.labelled_classes, len(products.names))[
        products.positions
    ]
    rows = np.flatnonzero(pool.available & (rating_counts[users.positions] < FIRST_QUESTIONS))
    rows = rows[np.lexsort((noise[rows], -item_values[rows], users.positions[rows]))]
    users_of_rows = users.positions[rows]
    question_numbers = np.arange(len(rows)) - np.searchsorted(users_of_rows, users_of_rows)
    is_first_question = question_numbers < FIRST_QUESTIONS - rating_counts[users_of_rows]
    return rows[is_first_question], question_numbers[is_first_question], item_values[rows[is_first_question]]


def popularity_times_entropy(products: Rows, ratings: Rows | None, product_count: int) -> Floats:
    """Return (product_count,) in [0, 1]: the log of how often each was rated times the entropy of its ratings.

    `products` (m,) and `ratings` (m,) are of the known ratings: positions of products, and of
    ratings on the scale or -1.

    >>> popularity_times_entropy(np.array([0, 0, 1, 1, 2]), np.array([0, 1, 1, 1, 0]), 4).tolist()
    [1.0, 0.0, 0.0, 0.0]
    """
    codes = np.zeros(len(products), np.intp) if ratings is None else ratings + 1
    table = np.zeros((product_count, int(codes.max(initial=0)) + 1))
    np.add.at(table, (products, codes), 1)
    rating_totals = table.sum(axis=1)
    shares = table / np.maximum(rating_totals, 1)[:, None]
    scores = np.log1p(rating_totals) * (shares * np.log(1 / np.where(shares > 0, shares, 1))).sum(axis=1)
    return np.asarray(scores / max(scores.max(initial=0), 1e-9), np.float32)
