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
    n, gain = len(first), np.asarray(first, np.float64) - second
    only_first, only_second = float(gain[gain > 0].sum()), float(-gain[gain < 0].sum())
    b, c, total = only_first + 0.5, only_second + 0.5, n + 2.0
    middle, half = (b - c) / total, Z95 * np.sqrt(b + c - (b - c) ** 2 / total) / total
    value = (only_first - only_second) / n if n else 0.0
    return Difference(value, max(-1.0, min(value, middle - half)), min(1.0, max(value, middle + half)), n)


def labels_needed(labels: Sequence[int], arm: Doubles, best: Doubles, seed: int = 0) -> LabelsNeeded | None:
    """Say how many random labels reach the accuracy of another model, by a power law through the arm's curve.

    `labels` (p,), above 0, of the arm's models; `arm` (p, n) how right each of them is about each test answer;
    `best` (n,) the same for the model to reach. The fit is accuracy = a - b * labels^-c by least squares, b >= 0,
    a <= 1 (Figueroa et al., BMC Medical Informatics and Decision Making 2012). The interval is a bootstrap over the
    test answers, for all models at once; that other random labels would give another curve is not in it.
    None with fewer than MIN_CURVE_POINTS points or where the arm's curve does not rise.
    """
    n = arm.shape[1]
    if len(set(labels)) < MIN_CURVE_POINTS or n == 0:
        return None
    x = np.asarray(labels, np.float64)
    limit = float(MAX_EXTRAPOLATION * x.max())
    drawn = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=RESAMPLES) / n
    counts = np.vstack([np.full(n, 1 / n), drawn])  # the first is the sample itself
    curves, targets = counts @ arm.T, counts @ best
    found = _crossings(x, curves, targets, limit)
    if np.isnan(found[0]):
        return None
    rest = np.where(np.isnan(found[1:]), np.inf, found[1:])  # no rise, no arrival
    low, high = np.quantile(rest, [0.025, 0.975], method="nearest")
    return LabelsNeeded(_within(found[0], limit), _within(low, limit), _within(high, limit), n, limit)


def _within(value: float | np.floating[Any], limit: float) -> float | None:
    return float(value) if value <= limit else None


def _crossings(x: Doubles, curves: Doubles, targets: Doubles, limit: float) -> Doubles:
    """Return for each curve (r, p) where its fit reaches its target; infinite if never, NaN if it does not rise."""
    best_error = np.full(len(curves), np.inf)
    a, b, c = (np.zeros(len(curves)) for _ in range(3))
    for exponent in EXPONENTS:
        z = x**-exponent
        slope, top = _line(z, curves)
        error = ((top[:, None] - slope[:, None] * z - curves) ** 2).sum(axis=1)
        better = error < best_error
        best_error[better] = error[better]
        a[better], b[better], c[better] = top[better], slope[better], exponent
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        reach = np.where(a > targets, (b / (a - targets)) ** (1 / np.maximum(c, EXPONENTS[0])), np.inf)
    reach[b <= 0] = np.nan
    return np.asarray(reach)


def _line(z: Doubles, curves: Doubles) -> tuple[Doubles, Doubles]:
    """Fit top - slope * z to each curve with slope >= 0 and top <= 1."""
    centred = z - z.mean()
    slope = np.maximum(-(curves @ centred) / (centred**2).sum(), 0.0)
    top = curves.mean(axis=1) + slope * z.mean()
    over = top > 1
    slope[over] = np.maximum(((1 - curves[over]) @ z) / (z**2).sum(), 0.0)
    top[over] = 1.0
    return slope, top
