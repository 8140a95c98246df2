"""What an answer would be expected to do to the model, under the model's own probabilities of the answers."""

import numpy as np
from numpy.typing import NDArray

from learner.engine.arrays.chunks import for_each_chunk
from learner.engine.contracts.query_strategy import Pool, QueryParams, Rows, Selection
from learner.engine.selection.candidates import order_by_uncertainty, select_from_rows
from learner.engine.selection.draws import class_probabilities_of, top_k
from learner.engine.selection.uniform import sample_rows
from learner.engine.uncertainty.probability_scores import MIN_LOG_PROBABILITY

MAX_TRIED_ITEMS = 200  # items whose answers are tried out
MIN_TRIED_CANDIDATES = 20
MAX_EVALUATION_ITEMS = 500  # items on which the error is expected
MAX_PROBABILITIES = 5e7  # probabilities computed in all
GRADIENT_STEP = 1.0  # of the gradient: the inverse strength of the regularisation, C

Floats = NDArray[np.float32]


def model_change(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Take the longest expected gradient first: sum_y p_y |p - e_y| |h|, h the features and a constant.

    That is the gradient of the log loss of a softmax of linear scores, in closed form. O(n (k + d)).
    Settles, Craven, Ray, Multiple-Instance Active Learning, NIPS 2007.
    """
    proba = class_probabilities_of(pool)
    score = np.empty(len(proba), np.float32)

    def score_chunk(part: slice) -> None:
        p = proba[part]
        block = np.asarray(pool.features[part], np.float32)
        squared_residuals = np.einsum("ij,ij->i", p, p)[:, None] - 2 * p + 1  # |p - e_y|^2
        length = np.sqrt(np.einsum("ij,ij->i", block, block) + 1)
        score[part] = np.einsum("ij,ij->i", p, np.sqrt(np.maximum(squared_residuals, 0))) * length

    for_each_chunk(len(proba), score_chunk)
    return top_k(pool, score, n, params, "expected length of the gradient, high first")


def error_reduction(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Take first what leaves the least expected error: sum_y p_y(x) mean_u (1 - max_k p'_k(u)).

    p' is the model after one gradient step on (x, y), instead of a new fit for each. The m <= MAX_TRIED_ITEMS with the
    smallest margins are tried, on r <= MAX_EVALUATION_ITEMS random items; behind them, where more are asked for, the
    smallest margins follow. O(nk + m r (k^2 + d)). Roy and McCallum, Toward Optimal Active Learning, ICML 2001.
    """
    proba = class_probabilities_of(pool)
    k = proba.shape[1]
    evaluation_rows = sample_rows(pool, params, MAX_EVALUATION_ITEMS)
    tried_count = int(
        np.clip(MAX_PROBABILITIES / (max(len(evaluation_rows), 1) * k**2), MIN_TRIED_CANDIDATES, MAX_TRIED_ITEMS)
    )
    rows = order_by_uncertainty(pool, n, params, np.inf)
    tried_rows = rows[:tried_count]
    errors = expected_errors(pool, tried_rows, evaluation_rows)
    order_of_the_rest = 1 + np.arange(len(rows) - len(tried_rows), dtype=np.float32)  # more than any error, in order
    score = -np.concatenate([errors, order_of_the_rest])
    return select_from_rows(
        pool, rows, lambda part: top_k(part, score, n, params, "minus the expected error, high first")
    )


def expected_errors(pool: Pool, tried_rows: Rows, evaluation_rows: Rows) -> Floats:
    """Return the expected error on the evaluation rows after the answer to each tried item, (m,)."""
    proba = class_probabilities_of(pool)
    tried_proba, tried_features = proba[tried_rows], np.asarray(pool.features[tried_rows], np.float32)
    logs = np.log(np.maximum(proba[evaluation_rows], MIN_LOG_PROBABILITY))
    similarities = tried_features @ np.asarray(pool.features[evaluation_rows], np.float32).T + 1  # <h(x), h(u)>
    result = np.empty(len(tried_rows), np.float32)
    for index, p in enumerate(tried_proba):
        gradients = np.eye(len(p), dtype=np.float32) - p  # e_y - p, one row an answer
        scores = logs + GRADIENT_STEP * similarities[index][None, :, None] * gradients[:, None, :]
        scores -= scores.max(axis=2, keepdims=True)
        best = 1 / np.exp(scores).sum(axis=2)  # the probability of the best class: its score is 0
        result[index] = 1 - p @ best.mean(axis=1)
    return result
