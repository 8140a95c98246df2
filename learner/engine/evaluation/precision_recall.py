"""Two classes, of which the rarer one is looked for: how well the model ranks, and where to say yes.

Average precision is the mean precision over the items looked for, in the order of their probability; guessing has the
share of such items. Its interval is that of a bootstrap over the answers (Boyd, Eng, Page, Area under the
Precision-Recall Curve: Point Estimates and Confidence Intervals, ECML 2013): of a logarithm of the odds, as they
advise, so that it stays within 0 and 1.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.engine.statistics.estimates import Z95, Estimate, wilson_interval

MIN_ANSWERS_PER_CLASS = 5  # answers of each class
MAX_POINTS_SHOWN = 40
RESAMPLED_CURVES = 500
EDGE = 1e-3  # odds are taken no nearer to 0 and 1


@dataclass(frozen=True)
class ThresholdPoint:
    """What comes of saying yes from a probability on."""

    threshold: float
    precision: Estimate  # n: answers it says yes to
    recall: Estimate  # n: answers looked for
    f1: float


@dataclass(frozen=True)
class ThresholdReport:
    """How well it ranks, and what each threshold gives; steps by descending threshold."""

    average_precision: Estimate
    share: float  # of the answers that are looked for: the average precision of guessing
    steps: list[ThresholdPoint]
    best: ThresholdPoint  # of all thresholds, the one with the highest F1; it is one of the steps
    n: int
    positives: int


def precision_recall_report(proba: NDArray[Any], positive: NDArray[np.bool_], seed: int = 0) -> ThresholdReport:
    """Judge the probabilities (n,) of what is looked for by whether each is, (n,).

    Raises ValueError with fewer than MIN_ANSWERS_PER_CLASS answers of either class.
    """
    n, positives = len(positive), int(np.count_nonzero(positive))
    if len(proba) != n or min(positives, n - positives) < MIN_ANSWERS_PER_CLASS:
        raise ValueError(f"{len(proba)} probabilities for {positives} answers of one class and {n - positives}.")
    ranking = _Ranking.from_probabilities(np.asarray(proba, np.float64), np.asarray(positive, bool))
    hits, predicted_positive = ranking.hits_and_predicted_positives(np.ones((1, n)))
    f1 = 2 * hits[0] / (predicted_positive[0] + positives)
    best = int(f1.argmax())
    steps = {
        position: ThresholdPoint(
            threshold=float(ranking.thresholds[position]),
            precision=_proportion_estimate(hits[0, position], predicted_positive[0, position]),
            recall=_proportion_estimate(hits[0, position], positives),
            f1=float(f1[position]),
        )
        for position in sorted({best, *_shown_positions(ranking.thresholds)})
    }
    return ThresholdReport(
        _average_precision_estimate(ranking, n, seed),
        positives / n,
        list(steps.values()),
        steps[best],
        n=n,
        positives=positives,
    )


def _shown_positions(thresholds: NDArray[np.float64]) -> list[int]:
    """Return fewer than MAX_POINTS_SHOWN of the thresholds: half evenly by rank, half evenly by their size.

    Of a rare class most probabilities are low: by rank alone hardly one would be above one half, by size alone hardly
    one where most items are.
    """
    half = (MAX_POINTS_SHOWN - 1) // 2
    by_rank = np.linspace(0, len(thresholds) - 1, half).round().astype(int)
    by_size = np.searchsorted(-thresholds, -np.linspace(thresholds[0], thresholds[-1], half))
    return [int(position) for position in np.union1d(by_rank, by_size.clip(max=len(thresholds) - 1))]


def evaluate_threshold(proba: NDArray[Any], positive: NDArray[np.bool_], threshold: float) -> ThresholdPoint:
    """Return what comes of saying yes from a given probability on."""
    predicted_positive = np.asarray(proba) >= threshold
    hits, positives = int(np.count_nonzero(predicted_positive & positive)), int(np.count_nonzero(positive))
    f1 = 2 * hits / max(int(predicted_positive.sum()) + positives, 1)
    return ThresholdPoint(
        threshold, _proportion_estimate(hits, int(predicted_positive.sum())), _proportion_estimate(hits, positives), f1
    )


def average_precision(proba: NDArray[Any], positive: NDArray[np.bool_]) -> float:
    """Return the average precision of probabilities (n,); 0 where nothing (n,) is positive.

    >>> average_precision(np.array([0.9, 0.8, 0.3]), np.array([True, False, True]))
    0.8333333333333333
    """
    ranking = _Ranking.from_probabilities(np.asarray(proba, np.float64), np.asarray(positive, bool))
    return float(ranking.average_precision(np.ones((1, len(positive))))[0])


@dataclass(frozen=True)
class _Ranking:
    """Answers by descending probability; those of equal probability are one step, for no threshold parts them."""

    order: NDArray[np.intp]  # (n,)
    positive: NDArray[np.float64]  # (n,), in that order
    ends: NDArray[np.intp]  # (steps,): last position of each step
    thresholds: NDArray[np.float64]  # (steps,): half way to the next lower probability

    @classmethod
    def from_probabilities(cls, proba: NDArray[np.float64], positive: NDArray[np.bool_]) -> "_Ranking":
        """Rank answers by their probabilities (n,); `positive` (n,) says which are of the class looked for."""
        order = np.argsort(-proba, kind="stable")
        ranked = proba[order]
        ends = np.flatnonzero(np.append(np.diff(ranked) < 0, True))[: len(ranked)]
        lower = np.append(ranked[ends[:-1] + 1], 0.0)[: len(ends)]
        return cls(order, positive[order].astype(np.float64), ends, (ranked[ends] + lower) / 2)

    def hits_and_predicted_positives(self, weights: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return (draws, steps) hits and (draws, steps) yeses, answers weighing (draws, n)."""
        ranked = np.asarray(weights, np.float64)[:, self.order]
        hits = (ranked * self.positive).cumsum(axis=1)[:, self.ends]
        return hits, ranked.cumsum(axis=1)[:, self.ends]

    def average_precision(self, weights: NDArray[Any]) -> NDArray[np.float64]:
        """Return (draws,); 0 for a draw without a positive answer."""
        hits, predicted_positive = self.hits_and_predicted_positives(weights)
        gained = np.diff(hits, axis=1, prepend=0.0)
        precision = hits / np.maximum(predicted_positive, 1)
        result: NDArray[np.float64] = (gained * precision).sum(axis=1) / np.maximum(hits[:, -1], 1)
        return result


def _average_precision_estimate(ranking: _Ranking, n: int, seed: int) -> Estimate:
    """Return the average precision; its odds' logarithm is taken to be normal with the deviation of the draws."""
    value = float(ranking.average_precision(np.ones((1, n)))[0])
    answer_weights = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), RESAMPLED_CURVES)
    resampled = ranking.average_precision(answer_weights)
    deviation = float(_log_odds(resampled[resampled > 0]).std())
    low, high = (_sigmoid(float(_log_odds(np.array(value))) + sign * Z95 * deviation) for sign in (-1, 1))
    return Estimate(value, min(low, value), max(high, value), n)


def _log_odds(proportion: NDArray[Any]) -> NDArray[np.float64]:
    inside = np.clip(proportion, EDGE, 1 - EDGE)
    result: NDArray[np.float64] = np.log(inside / (1 - inside))
    return result


def _sigmoid(log_odds: float) -> float:
    return float(1 / (1 + np.exp(-log_odds)))


def _proportion_estimate(hits: float, n: float) -> Estimate:
    return Estimate(float(hits) / n if n else 0.0, *wilson_interval(float(hits), float(n)), int(n))
