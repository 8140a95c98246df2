"""How good the model is, never without n and an interval.

Everything here is about the frozen random test sample: labels that people gave and that never trained.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Answers = Sequence[Any] | NDArray[Any]

MIN_TEST_ANSWERS = 30  # below it an interval is too wide to be worth a number
Z95 = 1.959963984540054
PREDICTION_INTERVAL_SHARE = 0.9  # of the answers lie in the interval of a predicted number


@dataclass(frozen=True)
class Estimate:
    """A figure, in [0, 1] unless it is in points of a scale, its 95 % interval and the number of answers behind it."""

    value: float
    low: float
    high: float
    n: int


def confusion_matrix(truth: Answers, predicted: Answers) -> tuple[list[str], NDArray[np.int64]]:
    """Return the labels in order and the counts: [i, j] were i by people and j by the model."""
    if len(truth) != len(predicted):
        raise ValueError(f"{len(truth)} answers, but {len(predicted)} predictions.")
    all_labels = np.concatenate([np.asarray(truth, str), np.asarray(predicted, str)])
    labels, codes = np.unique(all_labels, return_inverse=True)
    k, n = len(labels), len(truth)
    table = np.bincount(codes[:n] * k + codes[n:], minlength=k * k).reshape(k, k)
    return [str(label) for label in labels], table


def wilson_interval(hits: float, n: float) -> tuple[float, float]:
    """Return the 95 % score interval of a proportion (Wilson, JASA 1927); (0, 1) for nothing.

    Effective numbers need not be whole.

    >>> [round(bound, 3) for bound in wilson_interval(90, 100)]
    [0.826, 0.945]
    """
    if n == 0:
        return 0.0, 1.0
    proportion, z2 = hits / n, Z95**2
    centre = (proportion + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 / (1 + z2 / n) * np.sqrt(proportion * (1 - proportion) / n + z2 / (4 * n * n))
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def accuracy_estimate(hits: float, n: int) -> Estimate:
    """Return the share of hits with its Wilson interval.

    Where answers may be hit in part, hits are the sum of these parts, and the interval is too wide rather than too
    narrow: no figure from 0 to 1 varies more than one that is 0 or 1 with the same mean.
    """
    return Estimate(hits / n if n else 0.0, *wilson_interval(hits, n), n)


def difference_of_proportions(first: Estimate, second: Estimate) -> Estimate:
    """Return the difference of two independent proportions with its 95 % interval; n is the smaller one's.

    Newcombe, Interval estimation for the difference between independent proportions, Statistics in Medicine 1998
    (method 10: of the two score intervals).
    """
    value = first.value - second.value
    below = np.hypot(first.value - first.low, second.high - second.value)
    above = np.hypot(first.high - first.value, second.value - second.low)
    return Estimate(value, float(value - below), float(value + above), min(first.n, second.n))


def macro_f1_estimate(table: NDArray[Any]) -> Estimate:
    """Return macro F1 of a confusion table with its 95 % interval; the classes that occur count.

    Each class has an interval of its own (`f1_estimates`), which stays honest with few answers and no error.
    Their distances to the value are put together as if they were standard deviations of correlated figures (MOVER:
    Zou and Donner, Statistics in Medicine 2008). A bootstrap of the table holds the truth less often when a class
    is rare or hardly ever confused.
    """
    estimates = f1_estimates(table)
    positions = [position for position, estimate in enumerate(estimates) if estimate is not None]
    if not positions:
        return Estimate(0.0, 0.0, 1.0, 0)
    ends = np.array([(e.value, e.low, e.high) for e in estimates if e is not None])
    values, low, high = ends.T
    correlations = _f1_correlations(table)[np.ix_(positions, positions)]
    value = float(values.mean())
    below, above = (
        float(np.sqrt(max(part @ correlations @ part, 0.0))) / len(positions) for part in (values - low, high - values)
    )
    return Estimate(value, max(0.0, value - below), min(1.0, value + above), int(table.sum()))


def _f1_correlations(table: NDArray[Any]) -> NDArray[np.float64]:
    """Return how the classes' F1 vary together, (k, k), by the delta method for a multinomial table.

    Half an answer is spread over the cells, so that no class is without any.
    """
    k = len(table)
    cells = table + 0.5 / k**2
    cells = cells / cells.sum()
    hits, totals = np.diag(cells), cells.sum(axis=0) + cells.sum(axis=1)
    slopes = np.zeros((k, k, k))  # of class a's F1 = 2 hits / both in each cell
    positions = np.arange(k)
    slopes[positions, positions, :] -= (2 * hits / totals**2)[:, None]
    slopes[positions, :, positions] -= (2 * hits / totals**2)[:, None]
    slopes[positions, positions, positions] += 2 / totals
    flat = slopes.reshape(k, -1)
    mean = flat @ cells.ravel()
    covariance = (flat * cells.ravel()) @ flat.T - np.outer(mean, mean)
    deviations = np.sqrt(np.maximum(np.diag(covariance), 1e-300))
    return np.asarray(np.clip(covariance / np.outer(deviations, deviations), -1.0, 1.0))


def _f1_per_class(tables: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return F1 per table and class, (r, k), and which classes occur there at all."""
    hits = np.einsum("rkk->rk", tables).astype(float)
    totals = tables.sum(axis=1) + tables.sum(axis=2)
    return 2 * hits / np.maximum(totals, 1), totals > 0


def _mean_f1(tables: NDArray[Any]) -> NDArray[np.float64]:
    """Return the mean F1 of the classes that occur, per table."""
    f1, is_present = _f1_per_class(tables)
    return np.asarray((f1 * is_present).sum(axis=1) / np.maximum(is_present.sum(axis=1), 1))


def f1_estimates(table: NDArray[Any]) -> list[Estimate | None]:
    """Return each label's F1 with its 95 % interval; None where neither people nor the model gave it.

    Of the n answers that are of the label or were taken for it, a share J was right on both sides, and
    F1 = 2 J / (1 + J). So Wilson's interval of J gives that of F1, also with few answers and without an error.
    """
    hits = np.diag(table)
    label_counts = table.sum(axis=0) + table.sum(axis=1) - hits
    return [_f1_estimate_of_hits(int(hit), int(n)) if n else None for hit, n in zip(hits, label_counts, strict=True)]


def _f1_estimate_of_hits(hits: int, n: int) -> Estimate:
    """Return F1 = 2 J / (1 + J) for J = hits / n, with the interval that Wilson's of J gives."""
    low, value, high = (
        2 * proportion / (1 + proportion)
        for proportion in (wilson_interval(hits, n)[0], hits / n, wilson_interval(hits, n)[1])
    )
    return Estimate(value, low, high, n)


def accuracy_score(truth: Answers, predicted: Answers) -> float:
    """Return the share of predictions that are right; for large sets, where an interval says nothing."""
    return float(np.mean(np.asarray(truth) == np.asarray(predicted))) if len(truth) else 0.0


def macro_f1_score(truth: Answers, predicted: Answers) -> float:
    """Return the mean F1 of the classes that occur."""
    return float(_mean_f1(confusion_matrix(truth, predicted)[1][None])[0])
