"""What all models share when they score a pool: batches of rows, and the softmax."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from learner.engine.arrays.blas_threads import limit_blas_threads, scoring_thread_count
from learner.engine.arrays.sparse import Matrix

Floats = NDArray[np.float32]
Rows = NDArray[np.intp]

BATCH_ROWS = 2048  # scored at once: they and their scores stay in the cache, the features are never copied whole


def check_feature_width(features: Matrix, width: int) -> None:
    """Raise ValueError when the features are not of the width that the model was fitted on."""
    if features.ndim != 2 or features.shape[1] != width:
        raise ValueError(f"The model needs {width} features, not {features.shape[1:]}.")


def score_in_batches(features: Matrix, rows: Rows | None, columns: int, score: Callable[[Any], Floats]) -> Floats:
    """Return (n, columns) float32: what `score` makes of each batch of all rows, or of these; sparse ones stay sparse.

    Threads share the batches, and each batch is computed by one: the result depends on neither their number
    nor on which other batches there are.
    """
    scores = np.empty((int(features.shape[0]) if rows is None else len(rows), columns), np.float32)

    def score_batch(start: int) -> None:
        part = slice(start, start + BATCH_ROWS)
        block = features[part] if rows is None else features[rows[part]]
        scores[part] = score(block if issparse(block) else np.asarray(block, np.float32))

    starts, threads = range(0, len(scores), BATCH_ROWS), scoring_thread_count(len(scores))
    with limit_blas_threads(1), ThreadPoolExecutor(threads) as pool:
        for _ in map(score_batch, starts) if threads == 1 else pool.map(score_batch, starts):
            pass
    return scores


def softmax_in_place(scores: Floats, axis: int = -1) -> Floats:
    """Turn scores into probabilities along an axis, in place; return them. The first axis is several times faster."""
    scores -= scores.max(axis=axis, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=axis, keepdims=True)
    return scores
