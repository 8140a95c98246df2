"""Discriminative: items that can be told from the labelled ones, so that the labelled come to look like the pool.

Gissin and Shalev-Shwartz, Discriminative Active Learning, 2019.
"""

import numpy as np

from learner.engine.contracts.query_strategy import Pool, QueryParams, Rows, Selection
from learner.engine.estimators.linear import logistic_regression
from learner.engine.selection.batches import in_batches
from learner.engine.selection.candidates import random_candidates, restrict
from learner.engine.selection.draws import top_k

MAX_LABELLED_SIDE = 1_000  # the latest
CONTRAST = 2_000  # unlabelled items to tell them from


def discriminative(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Take the largest P(unlabelled | x) first, by a logistic regression; each batch counts as labelled for the next.

    Needs no model of the labels. O(n + m d) and a fit of at most 3000 rows a batch, m <= MAX_CANDIDATES at random.
    """
    known = np.empty(0, np.intp) if pool.labelled_rows is None else pool.labelled_rows[-MAX_LABELLED_SIDE:]
    chosen: list[int] = []
    scores: list[float] = []

    def choose(free: Rows, count: int) -> Rows:
        labelled = np.concatenate([known, np.array(chosen, np.intp)])
        picks = restrict(pool, free, lambda part: _told_apart(pool, part, labelled, count, params))
        chosen.extend(picks.rows.tolist())
        scores.extend([] if picks.scores is None else picks.scores.tolist())
        return picks.rows

    rows = in_batches(pool, random_candidates(pool, n, params), n, params, choose)
    return Selection(rows, "cold", np.array(scores), score_name="probability of being unlabelled, high first")


def _told_apart(pool: Pool, part: Pool, labelled: Rows, n: int, params: QueryParams) -> Selection:
    score = np.zeros(len(part.available), np.float32)
    if len(labelled) and len(score):
        some = part.features[:: 1 + len(score) // CONTRAST]
        features = np.vstack([np.asarray(pool.features[labelled], np.float32), some])
        sides = np.repeat(["labelled", "unlabelled"], [len(labelled), len(some)])
        model = logistic_regression.fit(features, sides, params.seed)
        score = model.predict_proba(part.features)[:, model.classes.index("unlabelled")].copy()
    return top_k(part, score, n, params, "")
