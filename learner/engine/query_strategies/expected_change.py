"""What an answer would be expected to do to the model, under the model's own probabilities of the answers."""

import numpy as np
from numpy.typing import NDArray

from learner.engine.arrays.chunks import in_chunks
from learner.engine.contracts.query_strategy import Pool, QueryParams, Rows, Selection
from learner.engine.selection.candidates import restrict, uncertainty_order
from learner.engine.selection.draws import probabilities_of, top_k
from learner.engine.selection.uniform import sample
from learner.engine.uncertainty.probability_scores import MIN_LOG_PROBABILITY

TRIED = 200  # items whose answers are tried out
MIN_TRIED_CANDIDATES = 20
JUDGES = 500  # items on which the error is expected
MAX_PROBABILITIES = 5e7  # probabilities computed in all
STEP = 1.0  # of the gradient: the inverse strength of the regularisation, C

Floats = NDArray[np.float32]


def model_change(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Take the longest expected gradient first: sum_y p_y |p - e_y| |h|, h the features and a constant.

    That is the gradient of the log loss of a softmax of linear scores, in closed form. O(n (k + d)).
    Settles, Craven, Ray, Multiple-Instance Active Learning, NIPS 2007.
    """
    proba = probabilities_of(pool)
    score = np.empty(len(proba), np.float32)

    def work(part: slice) -> None:
        p = proba[part]
        block = np.asarray(pool.features[part], np.float32)
        away = np.einsum("ij,ij->i", p, p)[:, None] - 2 * p + 1  # |p - e_y|^2
        length = np.sqrt(np.einsum("ij,ij->i", block, block) + 1)
        score[part] = np.einsum("ij,ij->i", p, np.sqrt(np.maximum(away, 0))) * length

    in_chunks(len(proba), work)
    return top_k(pool, score, n, params, "expected length of the gradient, high first")


def error_reduction(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Take first what leaves the least expected error: sum_y p_y(x) mean_u (1 - max_k p'_k(u)).

    p' is the model after one gradient step on (x, y), instead of a new fit for each. The m <= TRIED items with the
    smallest margins are tried, on r <= JUDGES random items; behind them, where more are asked for, the smallest
    margins follow. O(nk + m r (k^2 + d)). Roy and McCallum, Toward Optimal Active Learning, ICML 2001.
    """
    proba = probabilities_of(pool)
    k = proba.shape[1]
    judges = sample(pool, params, JUDGES)
    most = int(np.clip(MAX_PROBABILITIES / (max(len(judges), 1) * k**2), MIN_TRIED_CANDIDATES, TRIED))
    rows = uncertainty_order(pool, n, params, np.inf)
    tried = rows[:most]
    errors = expected_errors(pool, tried, judges)
    behind = 1 + np.arange(len(rows) - len(tried), dtype=np.float32)  # more than any error, in order
    score = -np.concatenate([errors, behind])
    return restrict(pool, rows, lambda part: top_k(part, score, n, params, "minus the expected error, high first"))


def expected_errors(pool: Pool, tried: Rows, judges: Rows) -> Floats:
    """Return the expected error on the judges after the answer to each tried item, (m,)."""
    proba = probabilities_of(pool)
    told, told_of = proba[tried], np.asarray(pool.features[tried], np.float32)
    logs = np.log(np.maximum(proba[judges], MIN_LOG_PROBABILITY))
    alike = told_of @ np.asarray(pool.features[judges], np.float32).T + 1  # <h(x), h(u)>
    result = np.empty(len(tried), np.float32)
    for place, p in enumerate(told):
        push = np.eye(len(p), dtype=np.float32) - p  # e_y - p, one row an answer
        scores = logs + STEP * alike[place][None, :, None] * push[:, None, :]
        scores -= scores.max(axis=2, keepdims=True)
        best = 1 / np.exp(scores).sum(axis=2)  # the probability of the best class: its score is 0
        result[place] = 1 - p @ best.mean(axis=1)
    return result
