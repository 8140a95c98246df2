"""Discriminative: items that can be told from the labelled ones, so that the labelled come to look like the pool.

Gissin and Shalev-Shwartz, Discriminative Active Learning, 2019.
"""

import numpy as np

from learner.engine.contracts.query_strategy import Pool, QueryParams, Rows, Selection
from learner.engine.estimators.linear import logistic_regression
from learner.engine.selection.batches import select_in_batches
from learner.engine.selection.candidates import random_candidates, select_from_rows
from learner.engine.selection.draws import top_k

MAX_LABELLED_SIDE = 1_000  # the latest
MAX_UNLABELLED_SIDE = 2_000  # unlabelled items to tell them from


def discriminative(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Take the largest P(unlabelled | x) first, by a logistic regression; each batch counts as labelled for the next.

    Needs no model of the labels. O(n + m d) and a fit of at most 3000 rows a batch, m <= MAX_CANDIDATES at random.
    """
    labelled_before = np.empty(0, np.intp) if pool.labelled_rows is None else pool.labelled_rows[-MAX_LABELLED_SIDE:]
    chosen: list[int] = []
    scores: list[float] = []

    def choose_batch(free_rows: Rows, count: int) -> Rows:
        labelled = np.concatenate([labelled_before, np.array(chosen, np.intp)])
        selection = select_from_rows(
            pool, free_rows, lambda candidates: _most_distinguishable(pool, candidates, labelled, count, params)
        )
        chosen.extend(selection.rows.tolist())
        scores.extend([] if selection.scores is None else selection.scores.tolist())
        return selection.rows

    rows = select_in_batches(pool, random_candidates(pool, n, params), n, params, choose_batch)
    return Selection(rows, "cold", np.array(scores), score_name="probability of being unlabelled, high first")


def _most_distinguishable(pool: Pool, candidates: Pool, labelled: Rows, n: int, params: QueryParams) -> Selection:
    """Rank the candidates by how surely a logistic regression tells them from the labelled rows of the pool."""
    score = np.zeros(len(candidates.available), np.float32)
    if len(labelled) and len(score):
        unlabelled_sample = candidates.features[:: 1 + len(score) // MAX_UNLABELLED_SIDE]
        features = np.vstack([np.asarray(pool.features[labelled], np.float32), unlabelled_sample])
        origins = np.repeat(["labelled", "unlabelled"], [len(labelled), len(unlabelled_sample)])
        model = logistic_regression.fit(features, origins, params.seed)
        score = model.predict_proba(candidates.features)[:, model.classes.index("unlabelled")].copy()
    return top_k(candidates, score, n, params, "")
