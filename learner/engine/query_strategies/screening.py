"""Screening: the unread items most likely to be relevant first, ranked by machines of their own."""

import numpy as np

from learner.engine.contracts.query_strategy import Pool, QueryParams, Selection
from learner.engine.query_strategies.cold_start import spread
from learner.engine.screening.ranking import KnownRecords, ScreeningColumns, rank_unread
from learner.engine.selection.uniform import random_keys_of

SCORE_NAME = "mean rank by two relevance machines as a share, high first"


def screening(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Take the highest ranks by a machine on words and one on dense columns first; see `screening.ranking`.

    Needs no model of the project: it goes by nearness to relevant items and to the topic until something irrelevant is
    known too, and spreads over the pool while neither is known. Near-duplicates are not kept apart, for all are to be
    found. Two fits on the labelled items and one pass over the pool.
    """
    relevance = pool.labelled_relevance
    has_relevant = relevance is not None and bool(relevance.any())
    if pool.labelled_rows is None or relevance is None or not (has_relevant or pool.topic is not None):
        return spread(pool, n, params)
    unread_rows = np.flatnonzero(pool.available)
    scores = rank_unread(
        ScreeningColumns(pool.features, pool.terms),
        KnownRecords(pool.labelled_rows, relevance),
        unread_rows,
        pool.topic,
        params.seed,
    )
    order = np.lexsort((random_keys_of(pool, params)[unread_rows], -scores))[:n]
    return Selection(unread_rows[order], "search", scores[order], score_name=SCORE_NAME)
