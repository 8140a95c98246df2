"""How far predicted numbers are off. Pure.

The share of the differences explained is R2 = 1 - mean square error / variance of people's answers, and at least 0:
to say the mean of all answers explains nothing. The mean error of saying just that stands beside the model's.
Intervals come from resampling items (Efron 1979).
"""

import numpy as np
from numpy.typing import NDArray

from learner.engine.statistics.estimates import Estimate

RESAMPLES = 1000
SEED = 19790101

Floats = NDArray[np.float64]


def point_error_metrics(truth: Floats, predicted: Floats) -> dict[str, float]:
    """Return {explained, rmse, mae, naive} of n numbers; zeros for none."""
    return {key: float(values[0]) for key, values in _error_metrics(truth[None], predicted[None]).items()}


def error_metric_estimates(truth: Floats, predicted: Floats) -> dict[str, Estimate]:
    """Return the same with intervals of 95 %; all but the first are in points of the scale."""
    n = len(truth)
    values = point_error_metrics(truth, predicted)
    rows = np.random.default_rng(SEED).integers(0, max(n, 1), (RESAMPLES, n))
    ends = {
        key: np.quantile(resampled, [0.025, 0.975])
        for key, resampled in _error_metrics(truth[rows], predicted[rows]).items()
    }
    return {key: Estimate(value, float(ends[key][0]), float(ends[key][1]), n) for key, value in values.items()}


def _error_metrics(truth: Floats, predicted: Floats) -> dict[str, Floats]:
    """Return each metric (r,) of r samples of n numbers, (r, n) both."""
    if not truth.shape[1]:
        return {key: np.zeros(len(truth)) for key in ("explained", "rmse", "mae", "naive")}
    error = predicted - truth
    square, variance = (error**2).mean(axis=1), truth.var(axis=1)
    explained = np.where(variance > 0, 1 - square / np.where(variance > 0, variance, 1), 0)
    naive = np.abs(truth - truth.mean(axis=1, keepdims=True)).mean(axis=1)
    return {
        "explained": np.maximum(explained, 0),
        "rmse": np.sqrt(square),
        "mae": np.abs(error).mean(axis=1),
        "naive": naive,
    }
