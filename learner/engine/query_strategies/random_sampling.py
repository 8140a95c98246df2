"""Random sampling: the baseline, which needs no model."""

import numpy as np

from learner.engine.contracts.query_strategy import Pool, QueryParams, Selection
from learner.engine.selection.without_replacement import ExponentialRace


def random_sampling(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Draw uniformly; needs no model. O(n)."""
    energy = np.where(pool.available, np.float32(0), np.float32(np.inf))
    rows, probabilities = ExponentialRace(pool, energy, 0.0, n, params).draw_rows()
    return Selection(rows, "random", None, probabilities, 0.0, float(pool.available.sum()))
