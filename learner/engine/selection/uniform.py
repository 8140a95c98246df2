"""Uniform draws, the same at every replay."""

import numpy as np
from numpy.typing import NDArray

from learner.engine.contracts.query_strategy import MAX_CANDIDATES, Pool, QueryParams, Rows
from learner.engine.selection import hashed_random
from learner.engine.selection.without_replacement import smallest_rows


def random_keys_of(pool: Pool, params: QueryParams) -> NDArray[np.float32]:
    """Return a random key for each row, infinite where it is not available; the smallest is drawn first."""
    ids = np.arange(len(pool.available), dtype=np.uint64) if pool.ids is None else pool.ids
    result = hashed_random.log_exponential_noise(ids, hashed_random.hash_to_64_bits(params.seed, params.round_number))
    result[~pool.available] = np.inf
    return result


def sample_rows(pool: Pool, params: QueryParams, max_rows: int = MAX_CANDIDATES) -> Rows:
    """Return at most so many available rows, drawn uniformly, in ascending order; O(n)."""
    return smallest_rows(random_keys_of(pool, params), max_rows)


def random_remaining_rows(pool: Pool, chosen: list[int], n: int, params: QueryParams) -> Rows:
    """Return n more available rows at random, or as many as there are."""
    remaining = random_keys_of(pool, params)
    remaining[chosen] = np.inf
    return take_smallest(remaining, max(n, 0))


def take_smallest(values: NDArray[np.float32], n: int) -> Rows:
    """Return the rows of the n smallest finite values, smallest first."""
    rows = smallest_rows(values, n)
    return rows[values[rows].argsort(kind="stable")]
