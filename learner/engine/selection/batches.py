"""Choosing a batch as a whole: the first items of the queue are one batch, those behind them others."""

import math
from collections.abc import Callable, Iterator

import numpy as np

from learner.engine.contracts.query_strategy import Pool, QueryParams, Rows
from learner.engine.selection.uniform import random_remaining_rows

MAX_LATER_BATCHES = 8  # after the first: what is ranked behind it is reached only when the next model is late
MAX_CLUSTERED_ITEMS = 400  # items chosen together: clustering costs the square of it

ChooseFunction = Callable[[Rows, int], Rows]  # rows still free, how many of them -> which, best first


def select_in_batches(
    pool: Pool,
    rows: Rows,
    n: int,
    params: QueryParams,
    choose: ChooseFunction,
    max_later_batches: int = MAX_LATER_BATCHES,
) -> Rows:
    """Return n of the rows: the first batch and so many later ones by `choose`, each from those that are left.

    Behind them come the rows that are then left, in the order given; where there are not enough rows, others at random.
    """
    chosen: list[int] = []
    is_free = np.ones(len(rows), bool)
    position = {row: index for index, row in enumerate(rows.tolist())}
    for count in batch_sizes(min(n, len(rows)), params.batch_size, max_later_batches):
        picked_rows = choose(rows[is_free], count)[:count].tolist()
        chosen += picked_rows
        is_free[[position[row] for row in picked_rows]] = False
    chosen += rows[is_free][: n - len(chosen)].tolist()
    return np.concatenate([np.array(chosen, np.intp), random_remaining_rows(pool, chosen, n - len(chosen), params)])


def batch_sizes(n: int, first_size: int, max_later_batches: int = MAX_LATER_BATCHES) -> Iterator[int]:
    """Yield the size of the first batch, then those of up to `max_later_batches` later ones.

    Later ones are as large as the first, or larger where MAX_LATER_BATCHES of them are to make up n. A batch of more
    than MAX_CLUSTERED_ITEMS comes as several.

    >>> list(batch_sizes(100, 20, 2)), list(batch_sizes(1000, 20, 2))
    ([20, 20, 20], [20, 123, 123])
    """
    later = max(first_size, math.ceil((n - first_size) / MAX_LATER_BATCHES))
    end = min(n, first_size + max_later_batches * later)
    start = 0
    while start < end:
        count = min(later if start else first_size, end - start, MAX_CLUSTERED_ITEMS)
        yield count
        start += count
