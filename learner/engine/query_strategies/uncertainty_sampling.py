"""The uncertainty family: draws by an energy, or the lowest energy first.

P(x) = exp(-beta * energy(x)) / Z without replacement. beta = 0 is random, beta = inf takes the least sure first.
Kirsch et al., Stochastic Batch Acquisition, TMLR 2023.
"""

import numpy as np

from learner.engine.contracts.query_strategy import Pool, QueryParams, Selection
from learner.engine.selection.draws import (
    class_probabilities_of,
    draw_boltzmann,
    draw_power,
    margins_of,
    rank_values,
    replace_scores,
)
from learner.engine.uncertainty.probability_scores import entropies, top_probabilities


def boltzmann(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Draw by the margin, P(x) ~ exp(-beta * margin), with the given beta or the one that makes the effective pool.

    O(nk). Kirsch et al., TMLR 2023; the margin as energy.
    """
    margins = margins_of(pool)
    return draw_boltzmann(pool, margins, n, params, params.beta, "margin, low first")


def power(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Draw by a power of the uncertainty, P(x) ~ (1 - margin)^beta; beta as for Boltzmann. O(nk). Kirsch et al."""
    uncertainty = margins_of(pool)
    np.subtract(np.float32(1), uncertainty, out=uncertainty)
    return draw_power(pool, uncertainty, n, params, "1 - margin, high first")


def softrank(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Draw by the rank of the margin, P(x) ~ rank^-beta; beta is 1 where none is given, as only the order counts.

    Equal margins have equal ranks. O(nk + n log n). Kirsch et al., TMLR 2023.
    """
    margins = margins_of(pool)
    rank = rank_values(np.where(pool.available, margins, np.float32(np.inf)))
    beta = 1.0 if params.beta is None else params.beta
    selection = draw_boltzmann(pool, np.log1p(rank), n, params, beta, "margin, low first")
    return replace_scores(selection, margins)


def margin(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Take the smallest margins first; ties at random. O(nk). Scheffer et al., IDA 2001."""
    return draw_boltzmann(pool, margins_of(pool), n, params, np.inf, "margin, low first")


def least_confidence(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Take the smallest probabilities of the best class first. O(nk). Lewis and Gale, SIGIR 1994.

    The same order as margin for two classes; misleads with more.
    """
    top_probability = top_probabilities(class_probabilities_of(pool))
    return draw_boltzmann(pool, top_probability, n, params, np.inf, "probability of the best class, low first")


def entropy(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Take the largest entropies -sum_k p log p first. O(nk). Shannon 1948; Settles 2009.

    The same order as margin for two classes; misleads with more, as classes that are out of the question count too.
    """
    score = entropies(class_probabilities_of(pool))
    return replace_scores(draw_boltzmann(pool, -score, n, params, np.inf, "entropy in nats, high first"), score)
