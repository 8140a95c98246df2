"""Bounded sets of candidates: what costs more than a look at each item is done for these alone.

What is not a candidate is never chosen; there are always enough candidates for what is asked for.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from learner.engine.contracts.query_strategy import CANDIDATES, Pool, QueryParams, Rows, Selection
from learner.engine.selection.draws import draw_boltzmann, margins_of
from learner.engine.selection.uniform import first, lots
from learner.engine.selection.without_replacement import smallest

PER_PICK = 10  # candidates per item of a batch, as Zhdanov has it
MOST_LIKELY = 2_000  # candidates for one batch
MOST_IN_ORDER = 5_000  # candidates for all of them, unless more are asked for
PER_LATER_PICK = 3  # for the places that are reached only when the next model is late


def least_sure(pool: Pool, n: int) -> Rows:
    """Return the available rows with the smallest margins, ascending by row; O(nk)."""
    energy = margins_of(pool)
    energy[~pool.available] = np.inf
    return smallest(energy, max(CANDIDATES, n))


def by_lot(pool: Pool, n: int, params: QueryParams, most: int | None = None) -> Rows:
    """Return available rows drawn uniformly, in the order drawn, so that ties go by lot; O(n)."""
    return first(lots(pool, params), max(CANDIDATES, n) if most is None else most)


def in_order(pool: Pool, n: int, params: QueryParams, beta: float | None) -> Rows:
    """Return the rows that batches of the most uncertain are made of, near-duplicates apart, best first.

    Enough for PER_PICK a place in the first batch. beta inf: the smallest margins; else a draw by the margin.
    """
    wide = max(min(PER_PICK * params.window, MOST_LIKELY), min(n, params.window))
    count = min(wide + PER_LATER_PICK * max(n - params.window, 0), max(n, MOST_IN_ORDER))
    energy = margins_of(pool)
    return draw_boltzmann(pool, energy, count, replace(params, window=wide), beta, "").rows


def leading(rows: Rows, count: int) -> Rows:
    """Return the first rows, best first, that `count` of them are to be chosen from."""
    return rows[: max(min(PER_PICK * count, MOST_LIKELY), count)]


def among(pool: Pool, rows: Rows, choose: Callable[[Pool], Selection]) -> Selection:
    """Return what `choose` picks of these rows alone; probabilities only where these are all there are."""
    picks = choose(part(pool, rows))
    whole = len(rows) == np.count_nonzero(pool.available)
    return replace(picks, rows=rows[picks.rows], probabilities=picks.probabilities if whole else None)


def part(pool: Pool, rows: Rows) -> Pool:
    """Return the pool of these rows alone, as though all were available; place i in it is rows[i]."""
    return replace(
        pool,
        features=np.asarray(pool.features[rows], np.float32),
        available=np.ones(len(rows), bool),
        proba=None if pool.proba is None else pool.proba[rows],
        uncertainty=None if pool.uncertainty is None else pool.uncertainty[rows],
        ids=rows.astype(np.uint64) if pool.ids is None else pool.ids[rows],
        labelled=None,
        labels=None,
        committee=None,
    )
