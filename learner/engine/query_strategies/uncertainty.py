"""The uncertainty family: draws by an energy, or the lowest energy first.

P(x) = exp(-beta * energy(x)) / Z without replacement. beta = 0 is random, beta = inf takes the least sure first.
Kirsch et al., Stochastic Batch Acquisition, TMLR 2023.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.engine.contracts.query_strategy import Picks, Pool, Terms
from learner.strategies.measures import confidences, entropies, margins
from learner.strategies.race import HEAVY, Race, smallest

MOST = 9.0  # log10 of the largest beta looked at
SURE = np.float32(1e-30)  # least uncertainty whose logarithm is taken

Floats = NDArray[np.float32]


def boltzmann(pool: Pool, n: int, terms: Terms) -> Picks:
    """Draw by the margin, P(x) ~ exp(-beta * margin), with the given beta or the one that makes the effective pool.

    O(nk). Kirsch et al., TMLR 2023; the margin as energy.
    """
    energy = margins(probabilities_of(pool))
    return by_energy(pool, energy, n, terms, terms.beta, "margin, low first")


def power(pool: Pool, n: int, terms: Terms) -> Picks:
    """Draw by a power of the uncertainty, P(x) ~ (1 - margin)^beta; beta as for Boltzmann. O(nk). Kirsch et al."""
    energy = margins(probabilities_of(pool))
    np.subtract(np.float32(1), energy, out=energy)
    return by_power(pool, energy, n, terms, "1 - margin, high first")


def softrank(pool: Pool, n: int, terms: Terms) -> Picks:
    """Draw by the rank of the margin, P(x) ~ rank^-beta; beta is 1 where none is given, as only the order counts.

    Equal margins have equal ranks. O(nk + n log n). Kirsch et al., TMLR 2023.
    """
    score = margins(probabilities_of(pool))
    rank = ranks(np.where(pool.available, score, np.float32(np.inf)))
    beta = 1.0 if terms.beta is None else terms.beta
    picks = by_energy(pool, np.log1p(rank), n, terms, beta, "margin, low first")
    return _with_scores(picks, score)


def margin(pool: Pool, n: int, terms: Terms) -> Picks:
    """Take the smallest margins first; ties by lot. O(nk). Scheffer et al., IDA 2001."""
    return by_energy(pool, margins(probabilities_of(pool)), n, terms, np.inf, "margin, low first")


def least_confidence(pool: Pool, n: int, terms: Terms) -> Picks:
    """Take the smallest probabilities of the best class first. O(nk). Lewis and Gale, SIGIR 1994.

    The same order as margin for two classes; misleads with more.
    """
    energy = confidences(probabilities_of(pool))
    return by_energy(pool, energy, n, terms, np.inf, "probability of the best class, low first")


def entropy(pool: Pool, n: int, terms: Terms) -> Picks:
    """Take the largest entropies -sum_k p log p first. O(nk). Shannon 1948; Settles 2009.

    The same order as margin for two classes; misleads with more, as classes that are out of the question count too.
    """
    score = entropies(probabilities_of(pool))
    return _with_scores(by_energy(pool, -score, n, terms, np.inf, "entropy in nats, high first"), score)


def random(pool: Pool, n: int, terms: Terms) -> Picks:
    """Draw uniformly; needs no model. O(n)."""
    energy = np.where(pool.available, np.float32(0), np.float32(np.inf))
    rows, probabilities = Race(pool, energy, 0.0, n, terms).run()
    return Picks(rows, "random", None, probabilities, 0.0, float(pool.available.sum()))


def ranks(values: Floats) -> Floats:
    """Return how many values are smaller than each, (n,); O(n log n)."""
    order = values.argsort()
    ordered = values[order]
    first = np.zeros(len(values), np.intp)  # place of the first of its equals
    first[1:] = np.where(ordered[1:] > ordered[:-1], np.arange(1, len(values)), 0)
    result = np.empty(len(values), np.float32)
    result[order] = np.maximum.accumulate(first)
    return result


def probabilities_of(pool: Pool) -> Floats:
    """Return the model's probabilities, or raise ValueError while there is none."""
    if pool.proba is None:
        raise ValueError("This strategy needs a model's probabilities.")
    return pool.proba


def by_power(pool: Pool, uncertainty: Floats, n: int, terms: Terms, measure: str) -> Picks:
    """Draw with P(x) ~ uncertainty^beta; the scores are the uncertainties."""
    energy = -np.log(np.maximum(uncertainty, SURE))
    return _with_scores(by_energy(pool, energy, n, terms, terms.beta, measure), uncertainty)


def by_energy(
    pool: Pool, energy: Floats, n: int, terms: Terms, beta: float | None, measure: str, reason: str = "uncertain"
) -> Picks:
    """Draw by an energy (n,), low first, near-duplicates apart; beta None: found, inf: no draw.

    Writes into `energy`.
    """
    if not pool.available.all():
        energy[~pool.available] = np.inf
    # lighter items than these have no say in the effective size
    low = energy[smallest(energy, max(HEAVY, int(50 * terms.effective_pool)))]
    if beta is None:
        beta = sharpness(low, terms.effective_pool)
    size = effective_size(low if beta > 0 else energy[np.isfinite(energy)], beta)
    rows, probabilities = Race(pool, energy, beta, n, terms).run()
    drawn = None if np.isinf(beta) else probabilities
    return Picks(rows, reason, energy[rows], drawn, float(beta), size, measure)


def by_score(pool: Pool, score: Floats, n: int, terms: Terms, measure: str, reason: str = "uncertain") -> Picks:
    """Take the highest scores (n,) first, near-duplicates apart; minus infinity takes no part."""
    return _with_scores(by_energy(pool, -score, n, terms, np.inf, measure, reason), score)


def _with_scores(picks: Picks, scores: Floats) -> Picks:
    return replace(picks, scores=scores[picks.rows])


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
