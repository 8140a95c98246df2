"""Random, Boltzmann and margin: one draw at three sharpnesses.

P(x) = exp(-beta * margin(x)) / Z without replacement. beta = 0 is random, beta = inf plain margin.
Kirsch et al., Stochastic Batch Acquisition, TMLR 2023.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.strategies.contract import Picks, Pool, Terms
from learner.strategies.race import HEAVY, Race, smallest

CHUNK = 16384  # rows whose columns stay in the cache
MOST = 9.0  # log10 of the largest beta looked at


def margins(proba: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the probability of the best class minus that of the second best, (n,) in [0, 1]."""
    n = len(proba)
    result = np.empty(n, np.float32)
    for start in range(0, n, CHUNK):
        columns = np.ascontiguousarray(proba[start : start + CHUNK].T, np.float32)
        best, second, lower = columns[0].copy(), np.zeros_like(columns[0]), np.empty_like(columns[0])
        for column in columns[1:]:
            np.minimum(best, column, out=lower)
            np.maximum(second, lower, out=second)
            np.maximum(best, column, out=best)
        np.subtract(best, second, out=result[start : start + CHUNK])
    return result


def boltzmann(pool: Pool, n: int, terms: Terms) -> Picks:
    """Draw by the margin, with the given beta or the one that makes the effective pool."""
    return _by_margin(pool, n, terms, terms.beta)


def margin(pool: Pool, n: int, terms: Terms) -> Picks:
    """Take the smallest margins first; ties by lot."""
    return _by_margin(pool, n, terms, np.inf)


def random(pool: Pool, n: int, terms: Terms) -> Picks:
    """Draw uniformly; needs no model."""
    energy = np.where(pool.available, np.float32(0), np.float32(np.inf))
    rows, probabilities = Race(pool, energy, 0.0, n, terms).run()
    return Picks(rows, "random", None, probabilities, 0.0, float(pool.available.sum()))


def _by_margin(pool: Pool, n: int, terms: Terms, beta: float | None) -> Picks:
    if pool.proba is None:
        raise ValueError("Uncertainty needs a model's probabilities.")
    energy = margins(pool.proba)
    if not pool.available.all():
        energy[~pool.available] = np.inf
    # lighter items than these have no say in the effective size
    low = energy[smallest(energy, max(HEAVY, int(50 * terms.effective_pool)))]
    if beta is None:
        beta = sharpness(low, terms.effective_pool)
    size = effective_size(low if beta > 0 else energy[np.isfinite(energy)], beta)
    rows, probabilities = Race(pool, energy, beta, n, terms).run()
    drawn = None if np.isinf(beta) else probabilities
    return Picks(rows, "uncertain", energy[rows], drawn, float(beta), size)


def effective_size(energy: NDArray[Any], beta: float) -> float:
    """Return 1 / sum p^2 for p proportional to exp(-beta * energy): how many items it really chooses from."""
    if not len(energy):
        return 0.0
    above = energy.astype(np.float64) - energy.min()
    weights = (above == 0).astype(float) if np.isinf(beta) else np.exp(-beta * above)
    return float(weights.sum() ** 2 / (weights**2).sum())


def sharpness(energy: NDArray[Any], target: float) -> float:
    """Return the beta whose effective size is the target; 0 when there are no more items than that."""
    if len(energy) <= target:
        return 0.0
    low, high = -6.0, MOST  # the effective size falls as beta grows
    for _ in range(40):
        middle = (low + high) / 2
        if effective_size(energy, 10**middle) > target:
            low = middle
        else:
            high = middle
    return float(10**high)
