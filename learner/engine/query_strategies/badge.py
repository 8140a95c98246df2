"""BADGE: gradients that are large and point different ways.

Ash et al., Deep Batch Active Learning by Diverse, Uncertain Gradient Lower Bounds, ICLR 2020.
"""

import numpy as np
from numpy.typing import NDArray

from learner.engine.contracts.query_strategy import Pool, QueryParams, Selection
from learner.engine.selection import hashed_random
from learner.engine.selection.candidates import random_candidates
from learner.engine.selection.draws import probabilities_of
from learner.engine.selection.greedy_diversity import greedily

MIN_SQUARED_DISTANCE = np.float32(1e-30)

Floats = NDArray[np.float32]


def badge(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Seed k-means++ on gradient embeddings g(x) = (p - e_best) x h(x), h the features and a constant.

    Starts with the longest; then P(x) ~ the squared distance to the nearest chosen one. The embeddings are never
    made: <g, g'> = <a, a'><h, h'>. O(n + m b (k + d)) instead of O(m b k d), m <= MAX_CANDIDATES random items.
    """
    proba = probabilities_of(pool)
    rows = random_candidates(pool, n, params)
    gradients = Gradients(np.asarray(pool.features[rows], np.float32), proba[rows])
    ids = rows.astype(np.uint64) if pool.ids is None else pool.ids[rows]
    nearest = np.full(len(rows), np.inf, np.float32)
    drawn = 0

    def value() -> Floats:
        if not drawn:
            return gradients.squared
        noise = hashed_random.log_exponential(ids, hashed_random.key(params.seed, params.round_number, drawn))
        result: Floats = np.log(np.maximum(nearest, MIN_SQUARED_DISTANCE)) - noise  # the highest is a draw by `nearest`
        return result

    def pick(place: int) -> None:
        nonlocal drawn
        drawn += 1
        np.minimum(nearest, gradients.squared_distances(place), out=nearest)

    places = greedily(gradients.features, n, params, value, pick)
    scores = np.sqrt(gradients.squared[places])
    return Selection(rows[places], "uncertain", scores, score_name="length of the gradient")


class Gradients:
    """Gradient embeddings of a softmax of linear scores, as the two factors of their outer product."""

    def __init__(self, features: Floats, proba: Floats) -> None:
        """Take (m, d) features and (m, k) probabilities."""
        self.features, self.residual = features, proba.copy()
        if len(proba):
            self.residual[np.arange(len(proba)), proba.argmax(axis=1)] -= 1
        self.squared: Floats = np.einsum("ij,ij->i", self.residual, self.residual) * (
            np.einsum("ij,ij->i", features, features) + 1
        )

    def squared_distances(self, place: int) -> Floats:
        """Return the squared distance of each gradient to the one at `place`."""
        inner = (self.residual @ self.residual[place]) * (self.features @ self.features[place] + 1)
        result: Floats = np.maximum(self.squared + self.squared[place] - 2 * inner, 0)
        return result
