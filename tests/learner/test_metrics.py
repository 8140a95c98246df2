"""Figures come with n and an interval, or not at all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import classification_report
from sklearn.metrics import confusion_matrix as sklearn_confusion_matrix

from annotation.tasktypes import TASK_TYPES
from learner.engine.evaluation.task_metrics import evaluate_labels
from learner.engine.statistics.estimates import (
    accuracy_estimate,
    confusion_matrix,
    f1_estimates,
    macro_f1_estimate,
    macro_f1_score,
    wilson_interval,
)
from tests.scale import scaled


def answers(n=200, wrong=0.2, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.choice(["a", "b", "c"], n, p=[0.6, 0.3, 0.1])
    said = np.where(rng.random(n) < wrong, rng.choice(["a", "b", "c"], n), truth)
    return truth, said


def test_figures_are_those_of_scikit_learn():
    truth, said = answers()
    result = evaluate_labels(TASK_TYPES["text_classification"], truth, said)
    report = classification_report(truth, said, output_dict=True)
    assert result.estimates["accuracy"].n == result.estimates["macro_f1"].n == 200
    assert result.estimates["accuracy"].value == pytest.approx(report["accuracy"])
    assert result.estimates["macro_f1"].value == pytest.approx(report["macro avg"]["f1-score"])
    assert result.confusion == sklearn_confusion_matrix(truth, said).tolist()
    for row in result.per_class:
        assert row["precision"]["value"] == pytest.approx(report[row["label"]]["precision"])
        assert row["recall"]["value"] == pytest.approx(report[row["label"]]["recall"])
        assert row["f1"] == pytest.approx(report[row["label"]]["f1-score"])
        assert row["support"] == report[row["label"]]["support"]


def test_a_class_never_predicted_or_never_answered_has_no_such_figure():
    truth, said = ["a"] * 30 + ["b"] * 5, ["a"] * 34 + ["c"]
    rows = evaluate_labels(TASK_TYPES["text_classification"], truth, said).per_class
    by_label = {row["label"]: row for row in rows}
    assert by_label["b"]["precision"] is None
    assert by_label["c"]["recall"] is None
    assert by_label["b"]["f1"] == by_label["c"]["f1"] == 0


def test_wilson_as_published():
    # Newcombe, Statistics in Medicine 1998
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson_interval(0, 0) == (0.0, 1.0)


@given(n=st.integers(1, 500), share=st.floats(0, 1))
def test_wilson_holds_the_share_inside_zero_and_one(n, share):
    hits = round(share * n)
    low, high = wilson_interval(hits, n)
    assert 0 <= low <= hits / n + 1e-12
    assert hits / n - 1e-12 <= high <= 1
    assert high - low > 0


RARE = np.array([[0.776, 0.012, 0.012], [0.017, 0.136, 0.017], [0.0075, 0.0075, 0.015]])
CLEAN = np.array([[0.866, 0.004], [0.009, 0.121]])  # as of a spam filter
EVEN = np.array([[0.2, 0.03, 0.02], [0.04, 0.25, 0.04], [0.05, 0.02, 0.35]])


@pytest.mark.statistical
@pytest.mark.parametrize("shares", [RARE, CLEAN, EVEN])
@pytest.mark.parametrize("n", [100, 300])
def test_macro_f1_is_covered_about_nineteen_times_in_twenty(shares, n):
    shares = shares / shares.sum()
    real = macro_f1_estimate((shares * 1e9).round()).value
    rng, covered = np.random.default_rng(0), []
    for _ in range(scaled(400)):
        estimate = macro_f1_estimate(rng.multinomial(n, shares.ravel()).reshape(shares.shape))
        covered.append(estimate.low <= real <= estimate.high)
    assert 0.915 <= np.mean(covered) <= 0.985


def test_each_label_has_an_interval_of_its_f1():
    truth, said = answers()
    _labels, table = confusion_matrix(truth, said)
    for spot, estimate in enumerate(f1_estimates(table)):
        both = table[spot].sum() + table[:, spot].sum()
        assert estimate.value == pytest.approx(2 * table[spot, spot] / both)
        assert estimate.low < estimate.value < estimate.high
        assert estimate.n == both - table[spot, spot]
    assert f1_estimates(np.array([[5, 0, 0], [0, 4, 0], [0, 0, 0]]))[2] is None
    perfect = f1_estimates(np.array([[5, 0], [0, 40]]))
    assert perfect[0].value == perfect[0].high == 1
    assert perfect[0].low < perfect[1].low < 1


def test_intervals_shrink_and_repeat():
    truth, said = answers(4000)
    small, large = (macro_f1_estimate(confusion_matrix(truth[:n], said[:n])[1]) for n in (100, 4000))
    assert large.high - large.low < (small.high - small.low) / 3
    assert macro_f1_estimate(confusion_matrix(truth, said)[1]) == macro_f1_estimate(confusion_matrix(truth, said)[1])


def test_perfect_answers_still_have_an_interval():
    assert accuracy_estimate(50, 50).low < 0.95
    assert macro_f1_score(["a", "b"], ["a", "b"]) == 1


def test_lists_of_different_length_are_refused():
    with pytest.raises(ValueError, match="2 answers"):
        confusion_matrix(["a", "b"], ["a"])


def test_no_error_in_few_answers_does_not_make_macro_f1_certain():
    table = np.array([[60, 0], [0, 9]])
    estimate = macro_f1_estimate(table)
    assert estimate.value == estimate.high == 1
    assert 0.8 < estimate.low < 0.95
    assert macro_f1_estimate(10 * table).low > estimate.low
