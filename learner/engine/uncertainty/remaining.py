"""How uncertain a model is of what is not labelled yet."""

import numpy as np
from numpy.typing import NDArray

from learner.engine.uncertainty.pool_scores import PoolScores
from learner.engine.uncertainty.probability_scores import top_probabilities


def remaining_uncertainty(scores: PoolScores, available: NDArray[np.bool_]) -> tuple[float, float] | None:
    """Return the mean and the largest uncertainty of the available rows, from 0 to 1; None without any.

    Of k classes it is k / (k - 1) * (1 - the largest probability). Cost O(n k).
    """
    if not available.any():
        return None
    if scores.uncertainty is not None:
        uncertainty = scores.uncertainty[available]
        return float(uncertainty.mean(dtype=np.float64)), float(uncertainty.max())
    assert scores.proba is not None
    k, best = scores.proba.shape[1], top_probabilities(scores.proba)[available]
    scale = k / max(k - 1, 1)
    return scale * (1 - float(best.mean(dtype=np.float64))), scale * (1 - float(best.min()))
