"""How sure a model is of each item, from its probabilities; columns of chunks, nothing is sorted or copied whole.

Least confidence, margin and entropy as in Settles, Active Learning Literature Survey, 2009, section 3.1.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.engine.arrays.chunks import for_each_chunk

Floats = NDArray[np.float32]

MIN_LOG_PROBABILITY = np.float32(1e-30)  # p log p is nothing there


def top_two_margins(proba: Floats) -> Floats:
    """Return the probability of the best class minus that of the second best, (n,) in [0, 1]; O(nk)."""
    result = np.empty(len(proba), np.float32)

    def score_chunk(part: slice) -> None:
        columns = _class_columns(proba[part])
        best, second, lower = columns[0].copy(), np.zeros_like(columns[0]), np.empty_like(columns[0])
        for column in columns[1:]:
            np.minimum(best, column, out=lower)
            np.maximum(second, lower, out=second)
            np.maximum(best, column, out=best)
        np.subtract(best, second, out=result[part])

    for_each_chunk(len(proba), score_chunk)
    return result


def top_probabilities(proba: Floats) -> Floats:
    """Return the probability of the best class, (n,) in [1/k, 1]; O(nk)."""
    result = np.empty(len(proba), np.float32)
    for_each_chunk(len(proba), lambda part: np.max(_class_columns(proba[part]), axis=0, out=result[part]))
    return result


def entropies(proba: Floats) -> Floats:
    """Return -sum_k p log p in nats, (n,) in [0, log k]; O(nk)."""
    result = np.empty(len(proba), np.float32)

    def score_chunk(part: slice) -> None:
        block = np.ascontiguousarray(proba[part], np.float32)
        logs = np.maximum(block, MIN_LOG_PROBABILITY)
        np.log(logs, out=logs)
        np.einsum("ij,ij->i", block, logs, out=result[part])
        np.negative(result[part], out=result[part])

    for_each_chunk(len(proba), score_chunk)
    return result


def _class_columns(block: NDArray[Any]) -> Floats:
    return np.ascontiguousarray(block.T, np.float32)
