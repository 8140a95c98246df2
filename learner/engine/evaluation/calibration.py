"""Whether the model is right as often as it says: of what it is 80 % sure of, 80 % should be right.

Reliability curve and expected calibration error (Naeini, Cooper, Hauskrecht, AAAI 2015; Guo et al., ICML 2017) with
bins of equally many answers, which leaves no bin nearly empty when the answers are few.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.engine.statistics.estimates import Estimate, accuracy

MAX_BINS = 10
MIN_ANSWERS_PER_BIN = 15
SIMULATED_SAMPLES = 1000


@dataclass(frozen=True)
class Bin:
    """Answers of which the model was about equally sure."""

    sure: float  # mean probability that it gave to what it said
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


def calibration(sure: NDArray[Any], right: NDArray[Any], seed: int = 0) -> Calibration:
    """Compare how sure the model was, (n,) in [0, 1], with whether it was right, (n,); n at least 1.

    The error is the mean over the answers of |share right - mean probability| of their bin.
    Raises ValueError without answers.
    """
    if not len(sure) or len(sure) != len(right):
        raise ValueError(f"{len(sure)} probabilities for {len(right)} answers.")
    order = np.argsort(sure, kind="stable")
    sure, right = np.asarray(sure, np.float64)[order], np.asarray(right, np.float64)[order]
    starts = _starts(len(sure))
    sizes = np.diff([*starts, len(sure)])
    means = np.add.reduceat(sure, starts) / sizes
    hits = np.add.reduceat(right, starts)
    lucky = np.random.default_rng(seed).random((SIMULATED_SAMPLES, len(sure))) < sure
    drawn = _error(np.add.reduceat(lucky.astype(np.float64), starts, axis=1) / sizes, means, sizes)
    bins = [Bin(float(mean), accuracy(int(hit), int(size))) for mean, hit, size in zip(means, hits, sizes, strict=True)]
    return Calibration(
        bins=bins,
        error=float(_error(hits / sizes, means, sizes)),
        by_chance=float(drawn.mean()),
        by_chance_high=float(np.quantile(drawn, 0.95)),
        n=len(sure),
    )


def _starts(n: int) -> NDArray[np.intp]:
    """Return where the bins of n sorted answers begin."""
    bins = int(np.clip(n // MIN_ANSWERS_PER_BIN, 1, MAX_BINS))
    return np.linspace(0, n, bins, endpoint=False).astype(np.intp)


def _error(shares: NDArray[Any], means: NDArray[Any], sizes: NDArray[Any]) -> NDArray[np.float64]:
    return np.asarray((np.abs(shares - means) * sizes).sum(axis=-1) / sizes.sum())
