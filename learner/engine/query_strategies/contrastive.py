"""Contrastive: items that the model judges unlike their labelled neighbours.

Margatina et al., Active Learning by Acquiring Contrastive Examples, EMNLP 2021.
"""

import numpy as np
from numpy.typing import NDArray

from learner.engine.contracts.query_strategy import Pool, QueryParams, Selection
from learner.engine.selection.candidates import random_candidates, select_from_rows
from learner.engine.selection.draws import class_probabilities_of, top_k
from learner.engine.selection.without_replacement import unit_rows
from learner.engine.uncertainty.probability_scores import MIN_LOG_PROBABILITY

LABELLED_NEIGHBOURS = 10
MAX_COMPARED_LABELLED = 1_000  # the latest
COMPARED_CANDIDATES = 1_000  # candidates compared at once

Floats = NDArray[np.float32]


def contrastive(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Take the largest mean_l KL(p_l || p_x) first, l the labelled nearest neighbours of x by cosine.

    O(n + m L d) for m <= MAX_CANDIDATES random items, L <= MAX_COMPARED_LABELLED.
    """
    proba = class_probabilities_of(pool)
    rows = random_candidates(pool, n, params)
    labelled = np.empty(0, np.intp) if pool.labelled_rows is None else pool.labelled_rows[-MAX_COMPARED_LABELLED:]
    anchors, labelled_proba = unit_rows(pool.features[labelled]), proba[labelled]

    def rank_candidates(candidates: Pool) -> Selection:
        score = np.zeros(len(rows), np.float32)
        for start in range(0, len(rows) if len(labelled) else 0, COMPARED_CANDIDATES):
            block = slice(start, start + COMPARED_CANDIDATES)
            score[block] = _mean_divergence(
                unit_rows(candidates.features[block]), proba[rows[block]], anchors, labelled_proba
            )
        return top_k(candidates, score, n, params, "divergence from labelled neighbours in nats, high first")

    return select_from_rows(pool, rows, rank_candidates)


def _mean_divergence(points: Floats, proba: Floats, anchors: Floats, labelled_proba: Floats) -> Floats:
    """Return mean_l KL(p_l || p_x) over the nearest anchors; sum_k p_l log p_l - (mean_l p_l) . log p_x."""
    neighbour_count = min(LABELLED_NEIGHBOURS, len(anchors))
    neighbours = np.argpartition(-(points @ anchors.T), neighbour_count - 1, axis=1)[:, :neighbour_count]
    negative_entropies = (labelled_proba * np.log(np.maximum(labelled_proba, MIN_LOG_PROBABILITY))).sum(axis=1)
    cross_entropies = (labelled_proba[neighbours].mean(axis=1) * np.log(np.maximum(proba, MIN_LOG_PROBABILITY))).sum(
        axis=1
    )
    result: Floats = negative_entropies[neighbours].mean(axis=1) - cross_entropies
    return np.maximum(result, 0)
