"""Weighted k-means over uncertain items: one near each centre, so that a batch is uncertain and not all alike.

Zhdanov, Diverse Mini-Batch Active Learning, 2019.
"""

from dataclasses import replace

import numpy as np

from learner.engine.contracts.query_strategy import Pool, QueryParams, Rows, Selection
from learner.engine.query_strategies.cold_start import spread
from learner.engine.selection import hashed_random
from learner.engine.selection.batches import select_in_batches
from learner.engine.selection.candidates import CANDIDATES_PER_PICK, order_by_uncertainty, top_candidates
from learner.engine.selection.draws import margins_of
from learner.engine.selection.kmeans import distances_to_centre, k_means
from learner.engine.selection.without_replacement import unit_rows

# batches behind the first that are clustered too: with its 20 items these are 66, more than the batch that is answered
# before the next model comes and the ten items that each of four people have in hand by then
CLUSTERED_BATCHES = 2
# above which a batch is spread. Of 75 intents with 100 labels .610 were right instead of .540, with an encoder .774
# instead of .698 (two seeds); with few classes it is never reached
MAX_UNSEEN_SHARE = 0.1
MIN_WEIGHT = np.float32(1e-3)  # of items that the model is sure of: k-means wants some


def weighted_kmeans(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Take the 10 b smallest margins, cluster them into b by k-means with weights 1 - margin, pick by the centres.

    Behind CLUSTERED_BATCHES more of these come the smallest margins that are left. O(nk + 10 b * b * d). Zhdanov 2019.
    """
    return _select_by_clusters(pool, n, params, np.inf)


def boltzmann_kmeans(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Draw 10 b by the margin, P(x) ~ exp(-beta * margin), then cluster as in weighted_kmeans.

    While the labels themselves say that many items are of classes without a label, spread over the pool instead: a
    model is sure of nothing that it should be unsure of there.
    With beta None the draw's effective pool is 10 times the one that is set. Behind CLUSTERED_BATCHES more comes
    what is left, as drawn. No probability is stored: that of a centre is not known. O(nk + 10 b * b * d).
    """
    if pool.labelled_classes is not None and unseen_share(pool.labelled_classes) > MAX_UNSEEN_SHARE:
        return spread(pool, n, params)
    return _select_by_clusters(pool, n, params, params.beta)


def unseen_share(labelled_classes: Rows) -> float:
    """Return how many items are likely to be of a class that nobody has seen: the share of labels that are the only
    one of their class (Good, The population frequencies of species, Biometrika 1953).

    >>> unseen_share(np.array([0, 0, 1, 2]))
    0.5
    """
    counts = np.bincount(labelled_classes[labelled_classes >= 0])
    return float(np.count_nonzero(counts == 1) / max(len(labelled_classes), 1))


def _select_by_clusters(pool: Pool, n: int, params: QueryParams, beta: float | None) -> Selection:
    """Choose each batch by weighted k-means, out of candidates drawn by the margin with `beta`."""
    wide_params = replace(params, effective_pool=CANDIDATES_PER_PICK * params.effective_pool)

    def choose_batch(free_rows: Rows, count: int) -> Rows:
        """Return `count` rows: of each cluster of uncertain items the nearest to its centre, least certain first."""
        rows = top_candidates(free_rows, count)
        margins = margins_of(pool, rows)
        points = unit_rows(pool.features[rows])
        weights = np.maximum(1 - margins, MIN_WEIGHT)
        seed = hashed_random.hash_to_64_bits(params.seed, params.round_number, len(free_rows))
        fitted = k_means(points, min(count, len(rows)), seed, weights)
        distance = distances_to_centre(points, fitted.labels_, fitted.cluster_centers_)
        nearest = np.lexsort((margins, distance, fitted.labels_))
        _, first = np.unique(fitted.labels_[nearest], return_index=True)
        picked = nearest[first]
        picked = picked[margins[picked].argsort(kind="stable")]
        unpicked = np.setdiff1d(np.arange(len(rows)), picked)  # fewer distinct items than were asked for: the next best
        ordered: Rows = rows[np.concatenate([picked, unpicked])]
        return ordered

    rows = select_in_batches(
        pool, order_by_uncertainty(pool, n, wide_params, beta), n, params, choose_batch, CLUSTERED_BATCHES
    )
    return Selection(rows, "uncertain", margins_of(pool, rows), score_name="margin, low first within a batch")
