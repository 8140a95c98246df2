"""ProbCover: cover as much of the pool as can be by balls around the labelled.

Yehuda, Dekel, Hacohen, Weinshall, Active Learning Through a Covering Lens, NeurIPS 2022.
"""

import numpy as np
from numpy.typing import NDArray

from learner.engine.contracts.query_strategy import Pool, QueryParams, Selection
from learner.engine.selection import hashed_random
from learner.engine.selection.candidates import random_candidates
from learner.engine.selection.greedy_diversity import select_greedily
from learner.engine.selection.kmeans import k_means
from learner.engine.selection.uniform import random_remaining_rows
from learner.engine.selection.without_replacement import unit_rows

MAX_SAMPLE_ITEMS = 3_000  # items between which all distances are taken
MIN_PURE_SHARE = 0.95  # share of the balls that may hold items of one cluster only
DEFAULT_CLUSTERS = 10  # while nobody knows how many classes there are
MAX_COVERED_LABELLED = 500

Floats = NDArray[np.float32]


def prob_cover(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Take the item whose ball of radius delta holds the most items that no ball covers yet.

    delta is the largest radius at which MIN_PURE_SHARE of the balls hold items of one k-means cluster only, k the
    number of classes. Needs no model. O(n + m^2 d + b m^2) for m <= MAX_SAMPLE_ITEMS random items.
    """
    rows = random_candidates(pool, n, params, MAX_SAMPLE_ITEMS)
    points = unit_rows(pool.features[rows])
    squared_distances = 2 - 2 * (points @ points.T)  # of rows of length one
    squared_radius = _squared_radius(
        squared_distances,
        _pseudo_classes(points, DEFAULT_CLUSTERS if pool.proba is None else pool.proba.shape[1], params),
    )
    in_ball = squared_distances <= squared_radius
    uncovered = ~_is_covered(points, pool, squared_radius)
    counts = in_ball[:, uncovered].sum(axis=1).astype(np.float32)
    gains: list[float] = []

    def on_pick(index: int) -> None:
        gains.append(float(counts[index]))
        newly_covered = np.flatnonzero(uncovered & in_ball[index])
        uncovered[newly_covered] = False
        counts[:] -= in_ball[newly_covered].sum(axis=0)  # who is near is near both ways

    indices = select_greedily(points, n, params, lambda: counts, on_pick)
    chosen = rows[indices].tolist()
    random_rows = random_remaining_rows(pool, chosen, n - len(chosen), params)
    scores = np.array(gains + [0.0] * len(random_rows))
    return Selection(
        np.concatenate([rows[indices], random_rows]), "cold", scores, score_name="items newly covered, high first"
    )


def _pseudo_classes(points: Floats, count: int, params: QueryParams) -> NDArray[np.int32]:
    """Return a cluster for each point, in place of its class."""
    if len(points) <= 1:
        return np.zeros(len(points), np.int32)
    labels: NDArray[np.int32] = k_means(
        points, min(count, len(points)), hashed_random.hash_to_64_bits(params.seed, params.round_number)
    ).labels_
    return labels


def _squared_radius(squared_distances: Floats, clusters: NDArray[np.int32]) -> float:
    """Return the squared radius: a ball is pure as long as it ends before the nearest item of another cluster."""
    if not len(squared_distances):
        return 0.0
    distance_to_other_cluster = np.where(clusters[:, None] == clusters, np.inf, squared_distances).min(axis=1)
    finite = distance_to_other_cluster[np.isfinite(distance_to_other_cluster)]
    return float(np.quantile(finite, 1 - MIN_PURE_SHARE)) * (1 - 1e-6) if len(finite) else 0.0


def _is_covered(points: Floats, pool: Pool, squared_radius: float) -> NDArray[np.bool_]:
    """Return which points lie in the ball of a labelled row."""
    if pool.labelled_rows is None or not len(pool.labelled_rows):
        return np.zeros(len(points), bool)
    labelled = unit_rows(pool.features[pool.labelled_rows[-MAX_COVERED_LABELLED:]])
    result: NDArray[np.bool_] = (2 - 2 * (points @ labelled.T)).min(axis=1) <= squared_radius
    return result
