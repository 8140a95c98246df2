"""How uncertain a model is of what is not labelled yet."""

import numpy as np
from numpy.typing import NDArray

CHUNK = 16384  # rows


def left_uncertain(proba: NDArray[np.float32], available: NDArray[np.bool_]) -> tuple[float, float] | None:
    """Return the mean and the largest uncertainty of the available rows of probabilities (n, k); None without any.

    Cost O(n k): one pass, in chunks that stay in the cache.
    """
    k, best = proba.shape[1], np.empty(len(proba), np.float32)
    for start in range(0, len(proba), CHUNK):
        part = slice(start, start + CHUNK)
        np.ascontiguousarray(proba[part].T).max(axis=0, out=best[part])
    best = best[available]
    if not len(best):
        return None
    scale = k / max(k - 1, 1)
    return scale * (1 - float(best.mean(dtype=np.float64))), scale * (1 - float(best.min()))
