"""Density-weighted uncertainty: items that are uncertain and like many others, not outliers.

Settles and Craven, An Analysis of Active Learning Strategies for Sequence Labeling Tasks, EMNLP 2008.
"""

import numpy as np

from learner.engine.contracts.query_strategy import Pool, QueryParams, Selection
from learner.engine.selection.candidates import most_uncertain_rows, random_candidates, select_from_rows
from learner.engine.selection.draws import margins_of, top_k
from learner.engine.selection.without_replacement import unit_rows


def density_weighted(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Take the largest (1 - margin(x)) * mean_u cos(x, u) first, u the pool.

    The mean cosine is the cosine to the mean of the unit rows, so it costs one product an item. The pool is
    represented by MAX_CANDIDATES random items, and the m <= MAX_CANDIDATES smallest margins compete. O(nk + m d).
    """
    rows = most_uncertain_rows(pool, n)
    pool_sample = random_candidates(pool, n, params)
    centre = unit_rows(pool.features[pool_sample]).sum(axis=0) / max(len(pool_sample), 1)

    def rank_candidates(candidates: Pool) -> Selection:
        density = np.maximum(unit_rows(candidates.features) @ centre, 0)
        return top_k(
            candidates, (1 - margins_of(candidates)) * density, n, params, "(1 - margin) * density, high first"
        )

    return select_from_rows(pool, rows, rank_candidates)
