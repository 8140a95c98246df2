"""Classes with few items: an equal share for each class, anchors of each class, or a search for one."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from learner.engine.arrays.chunks import for_each_chunk
from learner.engine.contracts.query_strategy import MAX_CANDIDATES, Pool, QueryParams, Rows, Selection
from learner.engine.selection.candidates import most_uncertain_rows, select_from_rows
from learner.engine.selection.draws import class_probabilities_of, draw_boltzmann, top_k
from learner.engine.selection.uniform import random_keys_of
from learner.engine.selection.without_replacement import FOLLOWED_ITEMS, smallest_rows, unit_rows
from learner.engine.uncertainty.probability_scores import top_two_margins

ANCHORS_PER_CLASS = 10  # labelled items of a class that stand for it: its latest

Floats = NDArray[np.float32]


def class_balanced(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Go round the predicted classes, the smallest margin of each: b / k items a class while it has any.

    O(nk + n), and a sort of FOLLOWED_ITEMS items a class. Class quotas inside the margin: as in small-text's class
    balancer; Ein-Dor et al., Active Learning for BERT, EMNLP 2020 on why it pays when classes are uneven.
    """
    proba = class_probabilities_of(pool)
    margins = top_two_margins(proba)
    scores = margins.copy()
    margins[~pool.available] = np.inf
    round_robin_keys = margins + np.float32(len(margins))  # behind all of them
    noise = random_keys_of(pool, params)
    predicted = _predicted_classes(proba)
    for column in range(proba.shape[1]):
        margins_in_class = np.where(predicted == column, margins, np.float32(np.inf))
        rows = smallest_rows(margins_in_class, max(FOLLOWED_ITEMS, n))
        rows = rows[np.lexsort((noise[rows], margins_in_class[rows]))]
        # of equal ranks in their classes the smaller margin comes first
        round_robin_keys[rows] = np.arange(len(rows)) + margins[rows] / 2
    selection = draw_boltzmann(pool, round_robin_keys, n, params, np.inf, "margin, low first in each predicted class")
    return replace(selection, scores=scores[selection.rows])


def rare_class(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Take low-margin items from a subpool that has equally many neighbours of each class's labelled anchors.

    The anchors of a class are its latest labelled items; nearness is the mean cosine to them, which is the cosine to
    their mean. A class without labels has no neighbours there. One pass over the features of the N items in the pool,
    O(N k d) for k classes; the subpool has about max(MAX_CANDIDATES, n) rows, of which n are returned.
    Lesci and Vlachos, AnchorAL, NAACL 2024.
    """
    margins = top_two_margins(class_probabilities_of(pool))
    rows = _rows_near_anchors(pool, max(MAX_CANDIDATES, n))
    if len(rows) < n:  # the classes share most of their neighbours
        rows = np.union1d(rows, most_uncertain_rows(pool, n))
    return select_from_rows(
        pool, rows, lambda candidates: draw_boltzmann(candidates, margins[rows], n, params, np.inf, "margin, low first")
    )


def relevance(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Take the highest probabilities of the class that is searched for first. O(n).

    Greedy search: Garnett et al., Bayesian Optimal Active Search and Surveying, ICML 2012; it is what screening of
    literature does by default (van de Schoot et al., ASReview, Nature Machine Intelligence 2021).
    """
    proba = class_probabilities_of(pool)
    target_class = rarest_class(pool) if params.target_class is None else params.target_class
    score = np.ascontiguousarray(proba[:, target_class]) if proba.shape[1] else np.zeros(len(proba), np.float32)
    return top_k(pool, score, n, params, "probability of the class searched for, high first", "search")


def rarest_class(pool: Pool) -> int:
    """Return the column of the class with the fewest labels."""
    classes = class_probabilities_of(pool).shape[1]
    labels = np.empty(0, np.intp) if pool.labelled_classes is None else pool.labelled_classes
    return int(np.bincount(labels[labels >= 0], minlength=classes).argmin())


def _predicted_classes(proba: Floats) -> NDArray[np.int16]:
    """Return (n,) the column of the most probable class of each item."""
    result = np.empty(len(proba), np.int16)

    def predict_chunk(part: slice) -> None:
        result[part] = proba[part].argmax(axis=1)

    for_each_chunk(len(proba), predict_chunk)
    return result


def _rows_near_anchors(pool: Pool, max_rows: int) -> Rows:
    """Return at most about `max_rows` available rows, an equal share for each class: the nearest to its anchors."""
    anchors = _class_anchors(pool)
    if not len(anchors):
        return most_uncertain_rows(pool, max_rows)
    similarities = np.empty((len(anchors), len(pool.available)), np.float32)

    def compare_chunk(part: slice) -> None:
        np.matmul(anchors, unit_rows(pool.features[part]).T, out=similarities[:, part])

    for_each_chunk(len(pool.available), compare_chunk)
    similarities[:, ~pool.available] = -np.inf
    rows: Rows = np.unique(
        np.concatenate([smallest_rows(-row, max_rows // len(similarities) + 1) for row in similarities])
    )
    return rows


def _class_anchors(pool: Pool) -> Floats:
    """Return the mean unit row of the anchors of each class that has labels, (classes, d)."""
    if pool.labelled_classes is None or pool.labelled_rows is None:
        return np.empty((0, pool.features.shape[1]), np.float32)
    latest = [
        pool.labelled_rows[pool.labelled_classes == label][-ANCHORS_PER_CLASS:]
        for label in np.unique(pool.labelled_classes[pool.labelled_classes >= 0])
    ]
    means = [unit_rows(pool.features[rows]).mean(axis=0) for rows in latest]
    return np.array(means, np.float32).reshape(len(means), pool.features.shape[1])
