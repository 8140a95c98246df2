"""The weighted estimate is unbiased where it should be, and shows itself where it should not be believed."""

import numpy as np
import pytest

from learner.engine.evaluation.importance_weighting import (
    MIN_EFFECTIVE_ANSWERS,
    WeightedSample,
    estimate_weighted_accuracy,
    lure_weights,
)
from tests.scale import scaled


def draw(energy: np.ndarray, beta: float, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw n rows one after the other by exp(-beta * energy), with the probability of each given what remained."""
    left, rows, chances = np.exp(-beta * energy), [], []
    for _ in range(n):
        shares = left / left.sum()
        row = int(rng.choice(len(energy), p=shares))
        rows.append(row)
        chances.append(shares[row])
        left[row] = 0
    return np.array(rows), np.array(chances)


def world(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    """Return margins and whether the model is right, more often where the margin is large."""
    rng = np.random.default_rng(seed)
    margin = rng.random(n)
    return margin, rng.random(n) < 0.5 + 0.5 * margin, rng


def test_drawing_everything_or_evenly_weighs_evenly() -> None:
    even = 1 / (10.0 - np.arange(6))
    np.testing.assert_allclose(lure_weights(10, even), 1)
    margin, _right, rng = world(8, 1)
    _rows, chances = draw(margin, 5.0, 8, rng)
    np.testing.assert_allclose(lure_weights(8, chances), 1)


@pytest.mark.statistical
def test_it_is_unbiased_and_the_plain_share_is_not() -> None:
    margin, right, rng = world(400, 2)
    plain, ours = [], []
    for _ in range(scaled(400)):
        rows, chances = draw(margin, 3.0, 30, rng)
        ours.append(float((lure_weights(400, chances) * right[rows]).mean()))
        plain.append(float(right[rows].mean()))
    spread = np.std(ours) / np.sqrt(len(ours))
    assert abs(np.mean(ours) - right.mean()) < 3 * spread
    assert np.mean(plain) < right.mean() - 0.08


@pytest.mark.statistical
def test_rounds_with_different_pools_come_to_the_mean_of_their_truths() -> None:
    found, low, high = [], 0, 0
    for seed in range(scaled(60)):
        rounds, truths = [], []
        for k in range(3):
            margin, right, rng = world(500 + 300 * k, 10 * seed + k)
            rows, chances = draw(margin, 2.5, 100, rng)
            rounds.append(WeightedSample(len(margin), chances, right[rows]))
            truths.append(right.mean())
        estimate = estimate_weighted_accuracy(rounds)
        assert estimate is not None
        assert estimate.has_enough_answers
        assert estimate.covers_pool
        assert estimate.n == 300
        truth = float(np.mean(truths))
        found.append(estimate.value - truth)
        low, high = low + (truth < estimate.low), high + (truth > estimate.high)
    assert abs(np.mean(found)) < 0.015
    assert low + high <= 0.15 * len(found)


def test_a_sharp_draw_is_found_out_though_its_weights_are_equal() -> None:
    margin, right, rng = world(5000, 3)
    rows, chances = draw(margin, 400.0, 300, rng)
    estimate = estimate_weighted_accuracy([WeightedSample(5000, chances, right[rows])])
    assert estimate is not None
    assert estimate.coverage < 0.2
    assert not estimate.covers_pool


def test_few_or_unequal_weights_are_not_enough() -> None:
    chances = np.array([0.5, *[0.001] * 9, *[0.2] * 190])
    estimate = estimate_weighted_accuracy([WeightedSample(1000, chances, np.ones(200, bool))])
    assert estimate is not None
    assert estimate.effective_sample_size < MIN_EFFECTIVE_ANSWERS
    assert not estimate.has_enough_answers
    assert estimate.low < 0.97 < estimate.value


def test_nothing_has_no_figure() -> None:
    assert estimate_weighted_accuracy([]) is None
    assert estimate_weighted_accuracy([WeightedSample(10, np.array([]), np.array([], bool))]) is None


@pytest.mark.parametrize(("pool", "chances"), [(1, [0.5, 0.5]), (5, [0.0]), (5, [1.5])])
def test_impossible_draws_are_refused(pool: int, chances: list[float]) -> None:
    with pytest.raises(ValueError, match=r"draw"):
        lure_weights(pool, np.array(chances))
