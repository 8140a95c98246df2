"""Core-set: cover the pool, so that nothing is far from what is labelled.

Sener and Savarese, Active Learning for Convolutional Neural Networks: A Core-Set Approach, ICLR 2018.
"""

import numpy as np
from numpy.typing import NDArray

from learner.engine.contracts.query_strategy import Pool, QueryParams, Selection
from learner.engine.selection.candidates import random_candidates
from learner.engine.selection.greedy_diversity import select_greedily

MAX_COVERING_LABELLED = 2_000  # the latest labelled rows, around which the pool counts as covered
COMPARED_LABELLED = 256  # labelled rows compared at once

Floats = NDArray[np.float32]


def core_set(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Take the item farthest from all labelled and chosen ones: argmax_x min_l |x - l|, k-center greedy.

    Needs no model; without labels it begins with the item nearest to the mean.
    O(n + m d (L + b)) for m <= MAX_CANDIDATES random items.
    """
    rows = random_candidates(pool, n, params)
    points = np.asarray(pool.features[rows], np.float32)
    nearest = _squared_distances_to_labelled(points, pool)
    distances: list[float] = []

    def distance_keys() -> Floats:
        return (
            nearest
            if np.isfinite(nearest).all()
            else -_min_squared_distances(points, points.mean(axis=0, keepdims=True))
        )

    def on_pick(index: int) -> None:
        distances.append(float(np.sqrt(max(nearest[index], 0.0))))
        np.minimum(nearest, _min_squared_distances(points, points[index : index + 1]), out=nearest)

    indices = select_greedily(points, n, params, distance_keys, on_pick)
    score_name = "distance to the nearest labelled or chosen item, high first"
    scores = np.where(np.isfinite(distances), distances, 0.0)
    return Selection(rows[indices], "cold", scores, score_name=score_name)


def _squared_distances_to_labelled(points: Floats, pool: Pool) -> Floats:
    """Return the squared distance of each point to the nearest labelled row; infinite without any."""
    nearest = np.full(len(points), np.inf, np.float32)
    labelled = np.empty(0, np.intp) if pool.labelled_rows is None else pool.labelled_rows[-MAX_COVERING_LABELLED:]
    for start in range(0, len(labelled), COMPARED_LABELLED):
        block = np.asarray(pool.features[labelled[start : start + COMPARED_LABELLED]], np.float32)
        np.minimum(nearest, _min_squared_distances(points, block), out=nearest)
    return nearest


def _min_squared_distances(points: Floats, centres: Floats) -> Floats:
    """Return the squared distance of each point to the nearest centre."""
    lengths = np.einsum("ij,ij->i", points, points)
    result: Floats = lengths + (np.einsum("ij,ij->i", centres, centres) - 2 * (points @ centres.T)).min(axis=1)
    return result
