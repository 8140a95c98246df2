"""Accuracy from answers that a strategy drew with known probabilities, each weighted by how rarely it is drawn.

Farquhar, Gal, Rainforth, On Statistical Bias in Active Learning, ICLR 2021 (LURE): of N items M are drawn one after
the other, the m-th with probability q_m among what remained; then

    v_m = 1 + (N - M) / (N - m) * (1 / ((N - m + 1) q_m) - 1)

makes (1 / M) sum v_m loss_m unbiased for the mean loss over the N. That holds for one fixed model and one sequence of
draws. In a loop, every round has its own model, its own pool of items without an answer, and its own sequence. So
the formula is used round by round, and the loss is that of the round's own model, which had not seen the answer:
given all before, each round is an unbiased sequence for its own model and pool. The rounds are put together by their
number of answers, so the figure is that of the mean of these models on what had no answer yet.

It is self-normalised, sum(v * loss) / sum(v): much less noisy with unequal weights, at the price of a small bias.
Nothing is clipped: with an effective sample of 100 no weight is more than a tenth of the sum anyway.

Two things tell whether to believe it. Kish's effective sample size (sum v)^2 / sum v^2 (Survey Sampling, 1965) tells
how unequal the weights are. It cannot see what was never drawn: a very sharp draw takes a few items of almost equal
weight and none of the others. But the weights have the mean one by design, so their mean, the coverage, shows that.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from learner.engine.statistics.estimates import wilson_interval

Doubles = NDArray[np.float64]

MIN_EFFECTIVE_ANSWERS = 100.0
COVERAGE_BOUNDS = (0.8, 1.25)  # the mean weight is one when the draws reach the whole pool


@dataclass(frozen=True)
class WeightedSample:
    """The answered draws of one round, in the order drawn."""

    pool_size: int  # items it drew from
    probabilities: Doubles  # (m,): of each draw, given what remained
    correct: Doubles  # (m,): how far the round's own model predicted what people answered, 0 to 1


@dataclass(frozen=True)
class WeightedAccuracy:
    """A weighted share of right predictions with its 95 % interval, and how far to believe it."""

    value: float
    low: float
    high: float
    n: int  # answers
    effective_sample_size: float  # as many equally weighted answers would say as much
    coverage: float  # the mean weight

    @property
    def covers_pool(self) -> bool:
        return COVERAGE_BOUNDS[0] <= self.coverage <= COVERAGE_BOUNDS[1]

    @property
    def has_enough_answers(self) -> bool:
        return self.effective_sample_size >= MIN_EFFECTIVE_ANSWERS


def lure_weights(pool_size: int, probabilities: Doubles) -> Doubles:
    """Return the weight of each of M draws from `pool_size` items; raises ValueError for more draws than items.

    >>> lure_weights(4, np.array([1 / 4, 1 / 3, 1 / 2])).tolist()
    [1.0, 1.0, 1.0]
    """
    m = np.arange(1, len(probabilities) + 1)
    if len(probabilities) > pool_size:
        raise ValueError(f"{len(probabilities)} draws of {pool_size} items.")
    if not (np.all(probabilities > 0) and np.all(probabilities <= 1)):
        raise ValueError("A probability of a draw is above 0 and at most 1.")
    share = (pool_size - len(probabilities)) / np.maximum(pool_size - m, 1)
    return np.asarray(1 + share * (1 / ((pool_size - m + 1) * probabilities) - 1), np.float64)


def estimate_weighted_accuracy(rounds: Sequence[WeightedSample]) -> WeightedAccuracy | None:
    """Return the weighted accuracy over the rounds; None without answers."""
    rounds = [sample for sample in rounds if len(sample.probabilities)]
    if not rounds:
        return None
    v = np.maximum(np.concatenate([lure_weights(sample.pool_size, sample.probabilities) for sample in rounds]), 0.0)
    correct = np.concatenate([sample.correct for sample in rounds]).astype(np.float64)
    total = float(v.sum())
    if total <= 0:
        return None
    value = float((v * correct).sum() / total)
    effective_sample_size = total**2 / float((v**2).sum())
    low, high = _weighted_interval(v / total, correct, value, effective_sample_size)
    return WeightedAccuracy(value, low, high, len(v), effective_sample_size, total / len(v))


def _weighted_interval(
    shares: Doubles, correct: Doubles, value: float, effective_sample_size: float
) -> tuple[float, float]:
    """Return Wilson's interval for as many answers as give the variance of the ratio (linearised), at most all.

    Korn and Graubard, Survey Methodology 1998. Without an error there is no variance, and Kish's number is used.
    Kish's alone would be too wide: it does not know that errors are mostly among the light answers.
    """
    variance = float((shares**2 * (correct - value) ** 2).sum())
    n = min(value * (1 - value) / variance, float(len(shares))) if variance > 0 else effective_sample_size
    return wilson_interval(value * n, n)
