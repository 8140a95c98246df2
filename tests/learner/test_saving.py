"""The gain over random labels, on curves whose answer is known."""

import numpy as np
import pytest

from learner.engine.evaluation.label_savings import paired_difference, random_labels_needed
from tests.scale import scaled


def hits(accuracies: list[float], n: int, seed: int = 0) -> np.ndarray:
    """Return (p, n): each model right about those answers whose difficulty it masters."""
    hard = (np.random.default_rng(seed).permutation(n) + 0.5) / n
    return np.array([hard < accuracy for accuracy in accuracies])


def curve(labels: list[int]) -> list[float]:
    return [0.9 - 1.5 * m**-0.5 for m in labels]


SIZES = [20, 30, 40, 50, 60, 80]


def test_the_crossing_is_found() -> None:
    target = 0.9 - 1.5 * 150**-0.5
    found = random_labels_needed(SIZES, hits(curve(SIZES), 2000), hits([target], 2000)[0])
    assert found is not None
    assert found.value == pytest.approx(150, rel=0.15)
    assert found.low is not None
    assert found.low <= found.value
    assert found.high is None or found.high >= found.value
    assert found.n == 2000


def test_too_far_away_is_not_told() -> None:
    found = random_labels_needed(SIZES, hits(curve(SIZES), 1000), hits([0.97], 1000)[0])
    assert found is not None
    assert found.value is None
    assert found.limit == 4 * 80


def test_a_curve_that_does_not_rise_tells_nothing() -> None:
    assert random_labels_needed(SIZES, hits([0.7, 0.69, 0.68, 0.67, 0.66, 0.65], 500), hits([0.8], 500)[0]) is None
    assert random_labels_needed(SIZES[:4], hits(curve(SIZES[:4]), 500), hits([0.8], 500)[0]) is None
    assert random_labels_needed([20] * 6, hits(curve(SIZES), 500), hits([0.8], 500)[0]) is None


def test_few_answers_leave_a_wide_interval() -> None:
    target = 0.9 - 1.5 * 100**-0.5
    rng = np.random.default_rng(1)
    noisy = rng.random((6, 200)) < np.array(curve(SIZES))[:, None]
    found = random_labels_needed(SIZES, noisy, rng.random(200) < target)
    assert found is None or found.high is None or found.high - (found.low or 0) > 40


def test_a_fit_never_promises_more_than_all_right() -> None:
    found = random_labels_needed(SIZES, hits([0.5, 0.65, 0.8, 0.9, 0.96, 0.99], 500), hits([0.999], 500)[0])
    assert found is not None
    assert found.value is None or found.value > 80


def test_paired_difference() -> None:
    first, second = np.array([1] * 80 + [0] * 20, bool), np.array([1] * 70 + [0] * 30, bool)
    found = paired_difference(first, second)
    assert found.value == pytest.approx(0.1)
    assert found.low < 0.1 < found.high
    assert found.n == 100
    assert paired_difference(first, first).low < 0 < paired_difference(first, first).high


@pytest.mark.statistical
def test_paired_interval_covers() -> None:
    rng, covered, draws = np.random.default_rng(0), 0, scaled(400)
    for _ in range(draws):
        u = rng.random((2, 120))
        first, second = u[0] < 0.85, np.where(u[1] < 0.7, u[0] < 0.85, u[1] < 0.9)
        truth = 0.85 - (0.7 * 0.85 + 0.2)
        found = paired_difference(first, second)
        covered += found.low <= truth <= found.high
    assert 0.93 <= covered / draws <= 0.99
