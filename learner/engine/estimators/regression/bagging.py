"""Members of a committee that predicts numbers: each is fitted to its own bootstrap sample of the labels.

Where they differ, the labels say little (query by committee for regression: Burbidge, Rowland and King, IDEAL 2007).
What members predict of a label outside of their sample tells, at no further cost, how far off the committee is
(Breiman, Bagging Predictors, Machine Learning 1996), and so how wide an interval has to be (Johansson, Boström,
Löfström and Linusson, Regression conformal prediction with random forests, Machine Learning 2014).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from learner.engine.arrays.batched_scoring import Floats
from learner.engine.statistics.estimates import PREDICTION_INTERVAL_SHARE

Floats64 = NDArray[np.float64]

BAGGING_MEMBERS = 64
NORMAL_ERRORS = 1.645  # standard errors that hold so many of a normal distribution: while there are few labels to count
MIN_OUT_OF_BAG_LABELS = 30  # outside of some members' samples
MIN_VARIANCE = 1e-6  # of the labels' variance: what is left of no error


@dataclass(frozen=True)
class Standardizer:
    """Labels moved and stretched to mean 0 and deviation 1."""

    mean: float
    deviation: float

    @classmethod
    def fit(cls, numbers: Floats64) -> "Standardizer":
        """Fit to (m,) numbers of at least two kinds."""
        return cls(float(numbers.mean()), float(numbers.std()))

    def __call__(self, numbers: Floats64) -> Floats64:
        """Return (m,) standardized numbers."""
        return (numbers - self.mean) / self.deviation


@dataclass(frozen=True)
class ErrorModel:
    """How far a committee is off, on the scale of its standardized labels."""

    noise: float  # mean square of its errors about labels outside of the members' samples
    interval_factor: float  # standard errors that hold PREDICTION_INTERVAL_SHARE of the answers

    def uncertainty(self, variance: Floats) -> Floats:
        """Return (n,) in [0, 1]: the share of an answer's variance that is the members' (n,)."""
        return np.asarray(variance / (variance + np.float32(self.noise)))

    def interval_half_width(self, variance: Floats) -> Floats:
        """Return (n,) half of the width of the interval, given the variances (n,) of what members predict."""
        return np.asarray(self.interval_factor * np.sqrt(variance + self.noise), np.float32)


def bootstrap_samples(m: int, seed: int, members: int = BAGGING_MEMBERS) -> NDArray[np.intp]:
    """Return (members, m) indices of m labels, drawn with replacement."""
    return np.random.default_rng(seed).integers(0, m, (members, m))


def fit_error_model(
    truth: Floats64, predictions: Floats64, samples: NDArray[np.intp], is_random_sample: NDArray[np.bool_] | None
) -> ErrorModel:
    """Return how far off the committee is, by what members predict of labels (m,) that they were not fitted to.

    `predictions` and `samples` are (members, m); `is_random_sample` (m,) says which labels count, where
    they are enough.
    """
    mean, variance = _out_of_bag_moments(predictions, samples)
    is_counted = np.isfinite(mean)
    if is_random_sample is not None and np.count_nonzero(is_counted & is_random_sample) >= MIN_OUT_OF_BAG_LABELS:
        is_counted &= is_random_sample
    errors = np.abs(truth - mean)[is_counted]
    noise = float(max((errors**2).mean(), MIN_VARIANCE)) if len(errors) else 1.0
    if len(errors) < MIN_OUT_OF_BAG_LABELS:
        return ErrorModel(noise, NORMAL_ERRORS)
    relative_errors = np.sort(errors / np.sqrt(variance[is_counted] + noise))
    index = min(int(np.ceil((len(relative_errors) + 1) * PREDICTION_INTERVAL_SHARE)), len(relative_errors)) - 1
    return ErrorModel(noise, float(relative_errors[index]))


def out_of_bag_errors(truth: Floats64, predictions: Floats64, samples: NDArray[np.intp]) -> Floats64:
    """Return (m,) by how much members are off about each label that they were not fitted to; nan where all were."""
    return np.abs(truth - _out_of_bag_moments(predictions, samples)[0])


def _out_of_bag_moments(predictions: Floats64, samples: NDArray[np.intp]) -> tuple[Floats64, Floats64]:
    """Return (m,) mean and (m,) variance of what members predict that have not seen a label; nan without any."""
    is_seen = np.zeros(predictions.shape, bool)
    np.put_along_axis(is_seen, samples, values=True, axis=1)
    unseen = np.ma.masked_array(predictions, is_seen)
    return unseen.mean(axis=0).filled(np.nan), unseen.var(axis=0).filled(np.nan)
