"""Draws from energies and scores: Boltzmann and power sampling, and the highest scores first.

P(x) = exp(-beta * energy(x)) / Z without replacement; Kirsch et al., Stochastic Batch Acquisition, TMLR 2023.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.engine.contracts.query_strategy import Pool, QueryParams, Rows, Selection
from learner.engine.selection.without_replacement import FOLLOWED_ITEMS, ExponentialRace, smallest_rows
from learner.engine.uncertainty.probability_scores import top_two_margins

MAX_LOG10_BETA = 9.0  # log10 of the largest beta looked at
MIN_UNCERTAINTY = np.float32(1e-30)  # least uncertainty whose logarithm is taken
Floats = NDArray[np.float32]


def rank_values(values: Floats) -> Floats:
    """Return how many values are smaller than each, (n,); O(n log n)."""
    order = values.argsort()
    ordered = values[order]
    first = np.zeros(len(values), np.intp)  # index of the first of its equals
    first[1:] = np.where(ordered[1:] > ordered[:-1], np.arange(1, len(values)), 0)
    result = np.empty(len(values), np.float32)
    result[order] = np.maximum.accumulate(first)
    return result


def class_probabilities_of(pool: Pool) -> Floats:
    """Return the model's class probabilities; raise ValueError where there are none."""
    if pool.proba is None:
        raise ValueError("This strategy needs a model with class probabilities.")
    return pool.proba


def margins_of(pool: Pool, rows: Rows | None = None) -> Floats:
    """Return how clear all items, or these, are to the model, in [0, 1]: the lowest come first in most strategies.

    That is the margin between the two most probable classes or, of a model without class probabilities, one minus its
    uncertainty. Raises ValueError while there is no model.
    """
    if pool.proba is not None:
        return top_two_margins(pool.proba if rows is None else pool.proba[rows])
    if pool.uncertainty is None:
        raise ValueError("This strategy needs a model.")
    half: Floats = (pool.uncertainty if rows is None else pool.uncertainty[rows]) / np.float32(2)
    return np.asarray((1 - half) - half)  # in two steps: it rounds as in the rounds of 0.1.0, which can be replayed


def draw_power(pool: Pool, uncertainty: Floats, n: int, params: QueryParams, measure: str) -> Selection:
    """Draw with P(x) ~ uncertainty^beta; the scores are the uncertainties."""
    energy = -np.log(np.maximum(uncertainty, MIN_UNCERTAINTY))
    return replace_scores(draw_boltzmann(pool, energy, n, params, params.beta, measure), uncertainty)


def draw_boltzmann(
    pool: Pool, energy: Floats, n: int, params: QueryParams, beta: float | None, measure: str, reason: str = "uncertain"
) -> Selection:
    """Draw by an energy (n,), low first, near-duplicates apart; beta None: found, inf: no draw.

    Writes into `energy`.
    """
    if not pool.available.all():
        energy[~pool.available] = np.inf
    # lighter items than these have no say in the effective size
    lowest_energies = energy[smallest_rows(energy, max(FOLLOWED_ITEMS, int(50 * params.effective_pool)))]
    if beta is None:
        beta = beta_for_effective_size(lowest_energies, params.effective_pool)
    size = effective_size(lowest_energies if beta > 0 else energy[np.isfinite(energy)], beta)
    rows, probabilities = ExponentialRace(pool, energy, beta, n, params).draw_rows()
    drawn = None if np.isinf(beta) else probabilities
    return Selection(rows, reason, energy[rows], drawn, float(beta), size, measure)


def top_k(pool: Pool, score: Floats, n: int, params: QueryParams, measure: str, reason: str = "uncertain") -> Selection:
    """Take the highest scores (n,) first, near-duplicates apart; minus infinity takes no part."""
    return replace_scores(draw_boltzmann(pool, -score, n, params, np.inf, measure, reason), score)


def replace_scores(selection: Selection, scores: Floats) -> Selection:
    return replace(selection, scores=scores[selection.rows])


def effective_size(energy: NDArray[Any], beta: float) -> float:
    """Return 1 / sum p^2 for p proportional to exp(-beta * energy): how many items it really chooses from."""
    if not len(energy):
        return 0.0
    excess = energy.astype(np.float64) - energy.min()
    weights = (excess == 0).astype(float) if np.isinf(beta) else np.exp(-beta * excess)
    return float(weights.sum() ** 2 / (weights**2).sum())


def beta_for_effective_size(energy: NDArray[Any], size: float) -> float:
    """Return the beta whose effective size is the target; 0 when there are no more items than that."""
    if len(energy) <= size:
        return 0.0
    low, high = -6.0, MAX_LOG10_BETA  # the effective size falls as beta grows
    for _ in range(40):
        middle = (low + high) / 2
        if effective_size(energy, 10**middle) > size:
            low = middle
        else:
            high = middle
    return float(10**high)
