"""Choosing a batch as a whole: the first places of the queue are one batch, the places behind them others."""

import math
from collections.abc import Callable, Iterator

import numpy as np

from learner.engine.contracts.query_strategy import Pool, QueryParams, Rows
from learner.engine.selection.uniform import random_rest

MAX_LATER_BATCHES = 8  # after the first: what is ranked behind it is reached only when the next model is late
MAX_CLUSTERED_ITEMS = 400  # items chosen together: clustering costs the square of it

Choose = Callable[[Rows, int], Rows]  # rows still free, how many of them -> which, best first


def in_batches(
    pool: Pool, rows: Rows, n: int, params: QueryParams, choose: Choose, later_batches: int = MAX_LATER_BATCHES
) -> Rows:
    """Return n of the rows: the first batch and so many later ones by `choose`, each from those that are left.

    Behind them come the rows that are then left, in the order given; where there are not enough rows, others at random.
    """
    chosen: list[int] = []
    free = np.ones(len(rows), bool)
    place = {row: number for number, row in enumerate(rows.tolist())}
    for count in batch_sizes(min(n, len(rows)), params.batch_size, later_batches):
        picked = choose(rows[free], count)[:count].tolist()
        chosen += picked
        free[[place[row] for row in picked]] = False
    chosen += rows[free][: n - len(chosen)].tolist()
    return np.concatenate([np.array(chosen, np.intp), random_rest(pool, chosen, n - len(chosen), params)])


def batch_sizes(n: int, window: int, later_batches: int = MAX_LATER_BATCHES) -> Iterator[int]:
    """Yield the window, then the first of the at most MAX_LATER_BATCHES that make up n; a very large one as several."""
    later = max(window, math.ceil((n - window) / MAX_LATER_BATCHES))
    end = min(n, window + later_batches * later)
    start = 0
    while start < end:
        count = min(later if start else window, end - start, MAX_CLUSTERED_ITEMS)
        yield count
        start += count
