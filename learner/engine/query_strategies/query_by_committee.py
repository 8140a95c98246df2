"""Query by committee: items about which models of resampled labels disagree.

The committee is asked about the MAX_CANDIDATES least sure items only: where it disagrees, the model is not sure either.
"""

import numpy as np
from numpy.typing import NDArray

from learner.engine.contracts.query_strategy import Pool, QueryParams, Rows, Selection
from learner.engine.selection.candidates import most_uncertain_rows, select_from_rows
from learner.engine.selection.draws import draw_power, top_k
from learner.engine.uncertainty.probability_scores import MIN_LOG_PROBABILITY

Floats = NDArray[np.float32]


def bald(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Take what tells most about the model first: H(mean_t p_t) - mean_t H(p_t).

    The same number as the committee's mean KL divergence from its consensus, mean_t KL(p_t || mean p).
    O(nk + tmk) and t fits, m <= MAX_CANDIDATES. Houlsby et al., 2011; McCallum and Nigam, ICML 1998.
    """
    rows, votes = _committee_votes(pool, n)
    score_name = "mutual information in nats, high first"
    return select_from_rows(
        pool, rows, lambda candidates: top_k(candidates, mutual_information(votes), n, params, score_name)
    )


def power_bald(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Draw by a power of what it tells about the model, P(x) ~ BALD^beta: less alike within one batch than the top.

    Cost as for bald. Kirsch et al., Stochastic Batch Acquisition, TMLR 2023.
    """
    rows, votes = _committee_votes(pool, n)
    score_name = "mutual information in nats, drawn by a power of it"
    return select_from_rows(
        pool, rows, lambda candidates: draw_power(candidates, mutual_information(votes), n, params, score_name)
    )


def vote_entropy(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Take the most divided votes first: -sum_k v_k log v_k, v_k the share of the committee that votes for k.

    O(nk + tmk) and t fits, m <= MAX_CANDIDATES. Dagan and Engelson, ICML 1995.
    """
    rows, votes = _committee_votes(pool, n)
    score_name = "vote entropy in nats, high first"
    return select_from_rows(
        pool, rows, lambda candidates: top_k(candidates, vote_entropies(votes), n, params, score_name)
    )


def mutual_information(votes: Floats) -> Floats:
    """Return the mutual information of label and model, (m,) >= 0, of (t, m, k) probabilities."""
    result: Floats = _entropy(votes.mean(axis=0)) - _entropy(votes).mean(axis=0)
    return np.maximum(result, 0)


def vote_entropies(votes: Floats) -> Floats:
    """Return the entropy of the votes, (m,), of (t, m, k) probabilities."""
    ballots = votes.argmax(axis=2)
    shares = np.stack([(ballots == label).mean(axis=0) for label in range(votes.shape[2])], axis=1)
    return _entropy(shares.astype(np.float32))


def _entropy(proba: Floats) -> Floats:
    result: Floats = -(proba * np.log(np.maximum(proba, MIN_LOG_PROBABILITY))).sum(axis=-1)
    return result


def _committee_votes(pool: Pool, n: int) -> tuple[Rows, Floats]:
    """Return the candidates and what the committee says of them."""
    rows = most_uncertain_rows(pool, n)
    if pool.committee is None:
        raise ValueError("This strategy needs a committee of models.")
    return rows, pool.committee(rows)
