"""Bounded sets of candidates: what costs more than a look at each item is done for these alone.

What is not a candidate is never chosen; there are always enough candidates for what is asked for.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from learner.engine.contracts.query_strategy import MAX_CANDIDATES, Pool, QueryParams, Rows, Selection
from learner.engine.selection.draws import draw_boltzmann, margins_of
from learner.engine.selection.uniform import random_keys_of, take_smallest
from learner.engine.selection.without_replacement import smallest_rows

CANDIDATES_PER_PICK = 10  # candidates per item of a batch, as Zhdanov has it
MAX_BATCH_CANDIDATES = 2_000  # candidates for one batch
MAX_ORDERED_CANDIDATES = 5_000  # candidates for all of them, unless more are asked for
CANDIDATES_PER_LATER_PICK = 3  # for the queue entries that are reached only when the next model is late


def most_uncertain_rows(pool: Pool, n: int) -> Rows:
    """Return the available rows with the smallest margins, ascending by row; O(nk)."""
    margins = margins_of(pool)
    margins[~pool.available] = np.inf
    return smallest_rows(margins, max(MAX_CANDIDATES, n))


def random_candidates(pool: Pool, n: int, params: QueryParams, max_rows: int | None = None) -> Rows:
    """Return available rows drawn uniformly, in the order drawn, so that ties are broken at random; O(n)."""
    return take_smallest(random_keys_of(pool, params), max(MAX_CANDIDATES, n) if max_rows is None else max_rows)


def order_by_uncertainty(pool: Pool, n: int, params: QueryParams, beta: float | None) -> Rows:
    """Return the rows that batches of the most uncertain are made of, near-duplicates apart, best first.

    CANDIDATES_PER_PICK for each item of the first batch. beta inf: the smallest margins; else a draw by the margin.
    """
    candidate_count = max(min(CANDIDATES_PER_PICK * params.batch_size, MAX_BATCH_CANDIDATES), min(n, params.batch_size))
    count = min(
        candidate_count + CANDIDATES_PER_LATER_PICK * max(n - params.batch_size, 0), max(n, MAX_ORDERED_CANDIDATES)
    )
    margins = margins_of(pool)
    return draw_boltzmann(pool, margins, count, replace(params, batch_size=candidate_count), beta, "").rows


def top_candidates(rows: Rows, count: int) -> Rows:
    """Return the first rows, best first, that `count` of them are to be chosen from."""
    return rows[: max(min(CANDIDATES_PER_PICK * count, MAX_BATCH_CANDIDATES), count)]


def select_from_rows(pool: Pool, rows: Rows, strategy: Callable[[Pool], Selection]) -> Selection:
    """Return what `strategy` picks of these rows alone; probabilities only where these are all there are."""
    selection = strategy(subset_pool(pool, rows))
    is_whole_pool = len(rows) == np.count_nonzero(pool.available)
    return replace(
        selection, rows=rows[selection.rows], probabilities=selection.probabilities if is_whole_pool else None
    )


def subset_pool(pool: Pool, rows: Rows) -> Pool:
    """Return the pool of these rows alone, as though all were available; row i of it is rows[i]."""
    return replace(
        pool,
        features=np.asarray(pool.features[rows], np.float32),
        available=np.ones(len(rows), bool),
        proba=None if pool.proba is None else pool.proba[rows],
        uncertainty=None if pool.uncertainty is None else pool.uncertainty[rows],
        ids=rows.astype(np.uint64) if pool.ids is None else pool.ids[rows],
        labelled_rows=None,
        labelled_classes=None,
        committee=None,
    )
