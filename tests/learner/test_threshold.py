"""Average precision and thresholds: by hand, against scikit-learn, and whether the interval is honest."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from learner.engine.evaluation.precision_recall import (
    MAX_POINTS_SHOWN,
    MIN_ANSWERS_PER_CLASS,
    average_precision,
    evaluate_threshold,
    precision_recall_report,
)
from tests.scale import scaled


def sample(n: int, seed: int, share: float = 0.2, apart: float = 1.5) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities and truth: two normal distributions, `apart` deviations from each other."""
    rng = np.random.default_rng(seed)
    positive = rng.random(n) < share
    return 1 / (1 + np.exp(2 - rng.normal(size=n) - apart * positive)), positive


@pytest.mark.parametrize("digits", [1, 2, 9])
def test_average_precision_is_that_of_scikit_learn(digits: int) -> None:
    for seed in range(20):
        proba, positive = sample(200, seed)
        proba = proba.round(digits)  # ties
        assert average_precision(proba, positive) == pytest.approx(average_precision_score(positive, proba))


def test_steps_by_hand() -> None:
    proba = np.array([0.9, 0.8, 0.8, 0.6, 0.4, 0.3, 0.2, 0.1, 0.1, 0.1, 0.05])
    positive = np.array([1, 1, 0, 1, 0, 1, 0, 0, 0, 0, 1], bool)
    found = precision_recall_report(proba, positive)
    assert (found.n, found.positives, found.share) == (11, 5, 5 / 11)
    first, second = found.steps[:2]
    assert first.threshold == pytest.approx(0.85)
    assert (first.precision.value, first.recall.value) == (1, 0.2)
    assert (second.precision.value, second.recall.value, second.precision.n) == (2 / 3, 0.4, 3)
    assert found.best.threshold == pytest.approx(0.25)
    assert found.best.f1 == pytest.approx(2 * 4 / (6 + 5))
    assert found.steps[-1].recall.value == 1
    assert found.steps[-1].precision.value == 5 / 11
    assert evaluate_threshold(proba, positive, 0.3).precision == found.best.precision


def test_there_are_few_steps_in_order_and_the_best_is_one() -> None:
    for seed in range(10):
        proba, positive = sample(500, seed)
        found = precision_recall_report(proba, positive)
        thresholds = [step.threshold for step in found.steps]
        assert thresholds == sorted(thresholds, reverse=True)
        assert len(thresholds) <= MAX_POINTS_SHOWN
        assert found.best in found.steps
        every = max(evaluate_threshold(proba, positive, bound).f1 for bound in proba)
        assert found.best.f1 == pytest.approx(every)


@pytest.mark.statistical
def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    everything = sample(200_000, 99)
    truth = average_precision(*everything)
    found = [precision_recall_report(*sample(150, seed), seed).average_precision for seed in range(scaled(100))]
    assert sum(one.low <= truth <= one.high for one in found) >= 0.89 * len(found)
    assert np.mean([one.high - one.low for one in found]) < 0.45


def test_more_answers_narrow_the_interval_and_a_seed_fixes_it() -> None:
    few, many = (
        precision_recall_report(*sample(100, 1)).average_precision,
        precision_recall_report(*sample(2000, 1)).average_precision,
    )
    assert many.high - many.low < (few.high - few.low) / 2
    assert precision_recall_report(*sample(100, 1), 7) == precision_recall_report(*sample(100, 1), 7)


def test_a_perfect_ranking_is_no_certainty() -> None:
    proba = np.linspace(0, 1, 40)
    found = precision_recall_report(proba, proba > 0.8)
    assert found.average_precision.value == found.average_precision.high == 1
    assert found.best.f1 == 1


def test_too_few_of_a_class_are_refused() -> None:
    proba = np.linspace(0, 1, 40)
    with pytest.raises(ValueError, match="4 answers"):
        precision_recall_report(proba, np.arange(40) < MIN_ANSWERS_PER_CLASS - 1)
    with pytest.raises(ValueError, match="40 probabilities"):
        precision_recall_report(proba, np.ones(39, bool))
