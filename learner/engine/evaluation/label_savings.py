"""What active learning gained over random labels, on this very data: paired at equal counts, and in labels saved."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.engine.statistics.estimates import Z95

Doubles = NDArray[np.float64]

MIN_CURVE_POINTS = 5  # of the random arm's curve, to fit three numbers to it
MAX_EXTRAPOLATION = 4.0  # times the random arm's labels: no curve is to be believed beyond
RESAMPLES = 400
EXPONENTS = np.geomspace(0.1, 2.0, 16)


@dataclass(frozen=True)
class Difference:
    """A difference of two shares measured on the same n answers, with its 95 % interval."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class LabelsNeeded:
    """How many random labels reach a score; an end is None where it lies beyond what the curve can tell."""

    value: float | None
    low: float | None
    high: float | None
    n: int  # test answers
    limit: float  # labels up to which the curve was followed


def paired_difference(first: Doubles, second: Doubles) -> Difference:
    """Return the mean of the first minus that of the second: how right each is about the same items, (n,) from 0 to 1.

    Agresti and Min, Statistics in Medicine 2005: a half is added to each of the four cells. Where answers are right in
    part, the interval is too wide rather than too narrow.
    """
    n, difference = len(first), np.asarray(first, np.float64) - second
    only_first, only_second = float(difference[difference > 0].sum()), float(-difference[difference < 0].sum())
    b, c, total = only_first + 0.5, only_second + 0.5, n + 2.0
    centre, half = (b - c) / total, Z95 * np.sqrt(b + c - (b - c) ** 2 / total) / total
    value = (only_first - only_second) / n if n else 0.0
    return Difference(value, max(-1.0, min(value, centre - half)), min(1.0, max(value, centre + half)), n)


def random_labels_needed(
    labels: Sequence[int], arm_correctness: Doubles, model_correctness: Doubles, seed: int = 0
) -> LabelsNeeded | None:
    """Say how many random labels reach the accuracy of another model, by a power law through the arm's curve.

    `labels` (p,), above 0, of the arm's models; `arm_correctness` (p, n) how right each of them is about each test
    answer; `model_correctness` (n,) the same for the model to reach. The fit is accuracy = a - b * labels^-c by least
    squares, b >= 0, a <= 1 (Figueroa et al., BMC Medical Informatics and Decision Making 2012). The interval is a
    bootstrap over the test answers, for all models at once; that other random labels would give another curve is not
    in it.     None with fewer than MIN_CURVE_POINTS points or where the arm's curve does not rise.
    """
    n = arm_correctness.shape[1]
    if len(set(labels)) < MIN_CURVE_POINTS or n == 0:
        return None
    x = np.asarray(labels, np.float64)
    limit = float(MAX_EXTRAPOLATION * x.max())
    resampled_weights = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=RESAMPLES) / n
    answer_weights = np.vstack([np.full(n, 1 / n), resampled_weights])  # the first is the sample itself
    curves, goals = answer_weights @ arm_correctness.T, answer_weights @ model_correctness
    label_counts = _extrapolated_labels_to_reach(x, curves, goals)
    if np.isnan(label_counts[0]):
        return None
    resampled_counts = np.where(np.isnan(label_counts[1:]), np.inf, label_counts[1:])  # no rise, no arrival
    low, high = np.quantile(resampled_counts, [0.025, 0.975], method="nearest")
    return LabelsNeeded(
        _none_beyond_limit(label_counts[0], limit),
        _none_beyond_limit(low, limit),
        _none_beyond_limit(high, limit),
        n,
        limit,
    )


def _none_beyond_limit(value: float | np.floating[Any], limit: float) -> float | None:
    return float(value) if value <= limit else None


def _extrapolated_labels_to_reach(x: Doubles, curves: Doubles, goals: Doubles) -> Doubles:
    """Return for each curve (r, p) where its fit reaches its goal; infinite if never, NaN if it does not rise."""
    best_error = np.full(len(curves), np.inf)
    a, b, c = (np.zeros(len(curves)) for _ in range(3))
    for exponent in EXPONENTS:
        z = x**-exponent
        slope, asymptote = _fit_line(z, curves)
        error = ((asymptote[:, None] - slope[:, None] * z - curves) ** 2).sum(axis=1)
        better = error < best_error
        best_error[better] = error[better]
        a[better], b[better], c[better] = asymptote[better], slope[better], exponent
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        labels_to_reach = np.where(a > goals, (b / (a - goals)) ** (1 / np.maximum(c, EXPONENTS[0])), np.inf)
    labels_to_reach[b <= 0] = np.nan
    return np.asarray(labels_to_reach)


def _fit_line(z: Doubles, curves: Doubles) -> tuple[Doubles, Doubles]:
    """Fit top - slope * z to each curve with slope >= 0 and top <= 1."""
    centred = z - z.mean()
    slope = np.maximum(-(curves @ centred) / (centred**2).sum(), 0.0)
    asymptote = curves.mean(axis=1) + slope * z.mean()
    is_above_one = asymptote > 1
    slope[is_above_one] = np.maximum(((1 - curves[is_above_one]) @ z) / (z**2).sum(), 0.0)
    asymptote[is_above_one] = 1.0
    return slope, asymptote
