"""Choosing a batch as a whole: the first places of the queue are one batch, the places behind them others."""

import math
from collections.abc import Callable, Iterator

import numpy as np

from learner.strategies.contract import Pool, Rows, Terms
from learner.strategies.lots import others

MOST_BATCHES = 8  # after the first: what is ranked behind it is reached only when the next model is late
AT_ONCE = 400  # items chosen together: clustering costs the square of it

Choose = Callable[[Rows, int], Rows]  # rows still free, how many of them -> which, best first


def in_batches(pool: Pool, rows: Rows, n: int, terms: Terms, choose: Choose) -> Rows:
    """Return n of the rows, each batch by `choose` from those that are left; what it leaves open by lot."""
    chosen: list[int] = []
    free = np.ones(len(rows), bool)
    place = {row: number for number, row in enumerate(rows.tolist())}
    for count in batch_sizes(min(n, len(rows)), terms.window):
        picked = choose(rows[free], count)[:count].tolist()
        chosen += picked
        free[[place[row] for row in picked]] = False
    return np.concatenate([np.array(chosen, np.intp), others(pool, chosen, n - len(chosen), terms)])


def batch_sizes(n: int, window: int) -> Iterator[int]:
    """Yield the window, then at most MOST_BATCHES batches that make up n; what is very large is made of several."""
    later = max(window, math.ceil((n - window) / MOST_BATCHES))
    start = 0
    while start < n:
        count = min(later if start else window, n - start, AT_ONCE)
        yield count
        start += count
