"""BADGE: gradients that are large and point different ways.

Ash et al., Deep Batch Active Learning by Diverse, Uncertain Gradient Lower Bounds, ICLR 2020.
"""

import numpy as np
from numpy.typing import NDArray

from learner.engine.contracts.query_strategy import Pool, QueryParams, Selection
from learner.engine.selection import hashed_random
from learner.engine.selection.candidates import random_candidates
from learner.engine.selection.draws import class_probabilities_of
from learner.engine.selection.greedy_diversity import select_greedily

MIN_SQUARED_DISTANCE = np.float32(1e-30)

Floats = NDArray[np.float32]


def badge(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Seed k-means++ on gradient embeddings g(x) = (p - e_best) x h(x), h the features and a constant.

    Starts with the longest; then P(x) ~ the squared distance to the nearest chosen one. The embeddings are never
    made: <g, g'> = <a, a'><h, h'>. O(n + m b (k + d)) instead of O(m b k d), m <= MAX_CANDIDATES random items.
    """
    proba = class_probabilities_of(pool)
    rows = random_candidates(pool, n, params)
    gradients = GradientEmbeddings(np.asarray(pool.features[rows], np.float32), proba[rows])
    ids = rows.astype(np.uint64) if pool.ids is None else pool.ids[rows]
    nearest = np.full(len(rows), np.inf, np.float32)
    picked_count = 0

    def draw_keys() -> Floats:
        if not picked_count:
            return gradients.squared_lengths
        noise = hashed_random.log_exponential_noise(
            ids, hashed_random.hash_to_64_bits(params.seed, params.round_number, picked_count)
        )
        result: Floats = np.log(np.maximum(nearest, MIN_SQUARED_DISTANCE)) - noise  # the highest is a draw by `nearest`
        return result

    def on_pick(index: int) -> None:
        nonlocal picked_count
        picked_count += 1
        np.minimum(nearest, gradients.squared_distances_to(index), out=nearest)

    indices = select_greedily(gradients.features, n, params, draw_keys, on_pick)
    scores = np.sqrt(gradients.squared_lengths[indices])
    return Selection(rows[indices], "uncertain", scores, score_name="length of the gradient")


class GradientEmbeddings:
    """Gradient embeddings of a softmax of linear scores, as the two factors of their outer product."""

    def __init__(self, features: Floats, proba: Floats) -> None:
        """Take (m, d) features and (m, k) probabilities."""
        self.features, self.residuals = features, proba.copy()
        if len(proba):
            self.residuals[np.arange(len(proba)), proba.argmax(axis=1)] -= 1
        self.squared_lengths: Floats = np.einsum("ij,ij->i", self.residuals, self.residuals) * (
            np.einsum("ij,ij->i", features, features) + 1
        )

    def squared_distances_to(self, index: int) -> Floats:
        """Return the squared distance of each gradient to the one at `index`."""
        inner_products = (self.residuals @ self.residuals[index]) * (self.features @ self.features[index] + 1)
        result: Floats = np.maximum(self.squared_lengths + self.squared_lengths[index] - 2 * inner_products, 0)
        return result
