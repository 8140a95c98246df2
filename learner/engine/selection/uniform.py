"""Drawing by lot: uniformly, the same at every replay."""

import numpy as np
from numpy.typing import NDArray

from learner.engine.contracts.query_strategy import CANDIDATES, Pool, QueryParams, Rows
from learner.engine.selection import hashed_random
from learner.engine.selection.without_replacement import smallest


def lots(pool: Pool, params: QueryParams) -> NDArray[np.float32]:
    """Return a lot for each row, infinite where it is not available; who has the smallest is drawn first."""
    ids = np.arange(len(pool.available), dtype=np.uint64) if pool.ids is None else pool.ids
    result = hashed_random.log_exponential(ids, hashed_random.key(params.seed, params.number))
    result[~pool.available] = np.inf
    return result


def sample(pool: Pool, params: QueryParams, most: int = CANDIDATES) -> Rows:
    """Return at most so many available rows, drawn uniformly, in ascending order; O(n)."""
    return smallest(lots(pool, params), most)


def others(pool: Pool, chosen: list[int], n: int, params: QueryParams) -> Rows:
    """Return n more available rows by lot, or as many as there are."""
    remaining = lots(pool, params)
    remaining[chosen] = np.inf
    return first(remaining, max(n, 0))


def first(values: NDArray[np.float32], n: int) -> Rows:
    """Return the rows of the n smallest finite values, smallest first."""
    rows = smallest(values, n)
    return rows[values[rows].argsort(kind="stable")]
