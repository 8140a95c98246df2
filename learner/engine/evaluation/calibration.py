"""Whether the model is right as often as it is confident: of what it is 80 % sure of, 80 % should be right.

Reliability curve and expected calibration error (Naeini, Cooper, Hauskrecht, AAAI 2015; Guo et al., ICML 2017) with
bins of equally many answers, which leaves no bin nearly empty when the answers are few.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.engine.statistics.estimates import Estimate, accuracy_estimate

MAX_BINS = 10
MIN_ANSWERS_PER_BIN = 15
SIMULATED_SAMPLES = 1000


@dataclass(frozen=True)
class Bin:
    """Answers of which the model was about equally sure."""

    sure: float  # mean probability that it gave to its predictions
    right: Estimate


@dataclass(frozen=True)
class Calibration:
    """The curve and its error.

    With few answers a model that is calibrated perfectly shows an error too: `by_chance` on average,
    and one time in twenty more than `by_chance_high`.
    """

    bins: list[Bin]
    error: float
    by_chance: float
    by_chance_high: float
    n: int


def measure_calibration(confidence: NDArray[Any], correct: NDArray[Any], seed: int = 0) -> Calibration:
    """Compare how confident the model was, (n,) in [0, 1], with whether it was right, (n,); n at least 1.

    The error is the mean over the answers of |share right - mean probability| of their bin.
    Raises ValueError without answers.
    """
    if not len(confidence) or len(confidence) != len(correct):
        raise ValueError(f"{len(confidence)} probabilities for {len(correct)} answers.")
    order = np.argsort(confidence, kind="stable")
    confidence, correct = np.asarray(confidence, np.float64)[order], np.asarray(correct, np.float64)[order]
    starts = _bin_starts(len(confidence))
    sizes = np.diff([*starts, len(confidence)])
    means = np.add.reduceat(confidence, starts) / sizes
    hits = np.add.reduceat(correct, starts)
    simulated_correct = np.random.default_rng(seed).random((SIMULATED_SAMPLES, len(confidence))) < confidence
    simulated_errors = _calibration_error(
        np.add.reduceat(simulated_correct.astype(np.float64), starts, axis=1) / sizes, means, sizes
    )
    bins = [
        Bin(float(mean), accuracy_estimate(int(hit), int(size)))
        for mean, hit, size in zip(means, hits, sizes, strict=True)
    ]
    return Calibration(
        bins=bins,
        error=float(_calibration_error(hits / sizes, means, sizes)),
        by_chance=float(simulated_errors.mean()),
        by_chance_high=float(np.quantile(simulated_errors, 0.95)),
        n=len(confidence),
    )


def _bin_starts(n: int) -> NDArray[np.intp]:
    """Return where the bins of n sorted answers begin."""
    bins = int(np.clip(n // MIN_ANSWERS_PER_BIN, 1, MAX_BINS))
    return np.linspace(0, n, bins, endpoint=False).astype(np.intp)


def _calibration_error(shares: NDArray[Any], means: NDArray[Any], sizes: NDArray[Any]) -> NDArray[np.float64]:
    return np.asarray((np.abs(shares - means) * sizes).sum(axis=-1) / sizes.sum())
