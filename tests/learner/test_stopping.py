"""When enough is enough: each condition alone, all of them on odd histories, and on a simulated project."""

import json
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.lazy_text import LazyText
from learner.engine.contracts import stopping
from learner.engine.estimators import ESTIMATORS
from learner.engine.statistics.estimates import Estimate, accuracy_estimate
from learner.engine.stopping import STOPPING, Advice, RoundRecord, condition_threshold, evaluate_conditions
from learner.engine.stopping.expected_recall import smallest_p_value
from learner.engine.stopping.model_agreement import LABEL_AGREEMENT, cohen_kappa
from learner.engine.stopping.plateau import HORIZON_LABELS, extrapolated_curve
from learner.engine.stopping.power_law import forecast_curve
from learner.engine.stopping.stop_set import (
    MIN_LABELS_APART,
    pack_stop_set_predictions,
    spaced_indices,
    unpack_stop_set_predictions,
)
from learner.engine.stopping.verdict import CONTINUE, STOP, combined_advice, limits_reached
from tests.scale import scaled

History = partial(stopping.History, agreement=LABEL_AGREEMENT)

NAMES = np.array(["ham", "spam"])


def measured(value, n=300):
    return accuracy_estimate(round(value * n), n)


def turns(values, step=30, predictions=None, start=30):
    """Return turns `step` labels apart with these accuracies; `said` is a list of predictions."""
    return [
        RoundRecord(
            start + step * n,
            accuracy=measured(value, 3000),
            predictions=None if predictions is None else predictions[n],
            stop_set="one",
            mean_uncertainty=0.5 / (n + 1),
            max_uncertainty=0.9,
        )
        for n, value in enumerate(values)
    ]


def rising(m, limit=0.92):
    return [limit - 0.5 * (n + 1) ** -0.8 for n in range(m)]


def predictions(changes, m=1000):
    """Return one model's labels of m items for each share of changes against the one before."""
    rng = np.random.default_rng(1)
    now = rng.random(m) < 0.4
    found = [now]
    for share in changes:
        flips = np.zeros(m, bool)
        flips[rng.permutation(m)[: round(share * m)]] = True
        found.append(found[-1] ^ flips)
    return [NAMES[one.astype(int)] for one in found]


def alone(name, history, threshold=None):
    return evaluate_conditions(history, {} if threshold is None else {name: threshold})[name]


ODD = {
    "nothing": History(),
    "no model": History(answer_count=12, seconds=30.0, timed_labels=12, unlabelled=80, pool=90),
    "one model": History(turns(rising(1)), answer_count=30, unlabelled=10, pool=40),
    "all labelled": History(
        turns(rising(9)), answer_count=300, seconds=900.0, timed_labels=300, unlabelled=0, pool=300
    ),
    "same count": History([RoundRecord(20, measured(0.9), NAMES, "one")] * 9, answer_count=20, unlabelled=9, pool=29),
    "fewer labels": History(turns(rising(4)) + turns(rising(4)), answer_count=90, unlabelled=500, pool=600),
    "perfect": History(
        turns([1.0] * 12, predictions=predictions([0.0] * 11)), answer_count=400, unlabelled=50, pool=400
    ),
    "hopeless": History(
        turns([0.0] * 12, predictions=predictions([0.5] * 11)), answer_count=400, unlabelled=50, pool=400
    ),
    "no stop set": History([RoundRecord(30 * n, predictions=np.array([], str), stop_set="") for n in range(1, 9)]),
    "search": History(is_relevant=np.array([True, False] * 50), pool=1000, unlabelled=900, answer_count=100),
    "nothing found": History(is_relevant=np.zeros(50, bool), pool=1000, unlabelled=950),
    "all found": History(is_relevant=np.ones(50, bool), pool=50),
    "not begun": History(is_relevant=np.zeros(0, bool), pool=50),
}


# All of them


@pytest.mark.parametrize("name", STOPPING)
@pytest.mark.parametrize("case", ODD)
def test_every_condition_says_something_sensible_of_every_history(name, case):
    history = ODD[case]
    before = repr(history)
    advice = alone(name, history, condition_threshold(name, {}) or 0.9)
    assert advice.stop in (True, False, None)
    assert isinstance(advice.reason, LazyText)
    assert advice.reason
    assert advice == alone(name, history, condition_threshold(name, {}) or 0.9)
    assert advice.n >= 0
    assert advice.progress is None or 0 <= advice.progress <= 1
    assert (advice.value is None) == (advice.stop is None)
    assert all(np.isfinite(list(advice.details.values())))
    json.dumps([advice.stop, advice.value, advice.progress, dict(advice.details)])
    assert repr(history) == before


@pytest.mark.parametrize("case", ODD)
def test_the_verdict_gives_one_reason(case):
    advice, reason = combined_advice(evaluate_conditions(ODD[case], {}))
    assert advice in (STOP, CONTINUE, None)
    assert isinstance(reason, LazyText)


def test_limits_wait_until_a_lead_sets_them():
    history = ODD["perfect"]
    for name, condition in STOPPING.items():
        assert (condition.kind == "limit") == (condition.threshold is None)
        if condition.kind == "limit":
            assert alone(name, history) == Advice(None, condition.unset_message)


@settings(max_examples=scaled(60), deadline=None)
@given(
    labels=st.lists(st.integers(0, 400), min_size=1, max_size=30),
    values=st.lists(st.floats(0, 1), min_size=30, max_size=30),
    left=st.integers(0, 3000),
)
def test_no_curve_breaks_the_forecast(labels, values, left):
    rows = [RoundRecord(count, measured(value)) for count, value in zip(labels, values, strict=False)]
    found = extrapolated_curve(History(rows, unlabelled=left, pool=4000))
    if found is not None:
        assert np.isfinite([found.value, found.low, found.high]).all()
        assert (found.low <= found.value).all()
        assert (found.value <= found.high).all()
        assert found.high.max() <= 1
        assert found.label_counts[-1] - found.label_counts[0] == min(HORIZON_LABELS, left)


# Limits


def test_budgets_stop_when_they_are_spent():
    history = History(answer_count=499, seconds=3590.0, timed_labels=499)
    assert alone("label_budget", history, 500).stop is False
    assert alone("label_budget", replace(history, answer_count=500), 500).stop is True
    assert alone("time_budget", history, 1).stop is False
    assert alone("time_budget", replace(history, seconds=3600.0), 1).stop is True
    assert alone("label_budget", history, 998).progress == pytest.approx(0.5)


def test_a_target_is_reached_by_the_lower_end_and_not_by_luck():
    def at(figure):
        return alone("target_accuracy", History([RoundRecord(100, figure)]), 0.9)

    assert at(Estimate(0.93, 0.89, 0.96, 200)).stop is False
    assert "may still be below" in at(Estimate(0.93, 0.89, 0.96, 200)).reason
    assert at(Estimate(0.95, 0.9, 0.97, 400)).stop is True
    assert at(None).stop is None
    named = History([RoundRecord(100, Estimate(0.93, 0.89, 0.96, 200))], metric_title="mAP@50")
    assert alone("target_accuracy", named, 0.9).reason.startswith("mAP@50 is above the target")


# Models that agree


def test_kappa_is_agreement_beyond_chance():
    a = np.array(["x"] * 45 + ["y"] * 15 + ["x"] * 5 + ["y"] * 35)
    b = np.array(["x"] * 45 + ["x"] * 15 + ["y"] * 5 + ["y"] * 35)
    assert cohen_kappa(a, b) == pytest.approx((0.8 - (0.5 * 0.6 + 0.5 * 0.4)) / 0.5)
    assert cohen_kappa(a, a) == 1.0
    assert cohen_kappa(np.array(["x"] * 9), np.array(["y"] * 9)) == 0.0


def test_models_are_compared_far_enough_apart():
    chosen = spaced_indices(list(range(0, 200, 10)))
    labels = [10 * place for place in chosen]
    assert labels == [100, 130, 160, 190]
    assert min(np.diff(labels)) >= MIN_LABELS_APART
    assert spaced_indices([]) == []
    small_steps = [
        RoundRecord(100 + n, predictions=one, stop_set="one") for n, one in enumerate(predictions([0.0] * 40))
    ]
    advice = alone("stable_predictions", History(small_steps))
    assert (advice.stop, advice.n) == (None, 1)


def test_stable_predictions_take_three_comparisons_in_a_row():
    calm = History(turns([0.9] * 5, predictions=predictions([0.2, 0.001, 0.001, 0.001])))
    assert alone("stable_predictions", calm).stop is True
    assert alone("stable_predictions", calm).value == pytest.approx(1 - 0.001 / 0.48, abs=2e-3)
    restless = History(turns([0.9] * 5, predictions=predictions([0.0, 0.03, 0.001, 0.001])))
    assert alone("stable_predictions", restless).stop is False
    assert alone("stable_predictions", restless, 0.95).stop is True


def test_models_that_say_one_label_only_have_not_settled():
    same = [np.array(["ham"] * 50)] * 6
    assert alone("stable_predictions", History(turns([0.9] * 6, predictions=same))).stop is None


def test_another_stop_set_is_not_compared():
    rows = turns([0.9] * 5, predictions=predictions([0.0] * 4))
    rows[-1] = replace(rows[-1], stop_set="two")
    assert alone("stable_predictions", History(rows)).n == 0


def test_changed_predictions_are_the_mean_of_three():
    advice = alone("changed_predictions", History(turns([0.9] * 4, predictions=predictions([0.012, 0.0, 0.0]))))
    assert (advice.value, advice.stop) == (pytest.approx(0.004), True)
    advice = alone("changed_predictions", History(turns([0.9] * 4, predictions=predictions([0.03, 0.0, 0.0]))))
    assert (advice.value, advice.stop, advice.progress) == (pytest.approx(0.01), False, pytest.approx(0.5))


def test_what_models_said_is_kept_small_and_comes_back():
    said = np.random.default_rng(0).choice([f"label {n}" for n in range(300)], 2000)
    rows = np.arange(2000)
    packed = json.loads(json.dumps(pack_stop_set_predictions(rows, said)))
    assert (unpack_stop_set_predictions(packed) == said).all()
    assert packed["set"] != pack_stop_set_predictions(rows[::-1], said)["set"]
    assert len(json.dumps(pack_stop_set_predictions(rows, NAMES[(rows % 7 < 2).astype(int)]))) < 500
    assert pack_stop_set_predictions(rows, None) == {}
    assert unpack_stop_set_predictions({}) is None


# The curve


def test_a_power_law_is_found_again_and_continued():
    labels = np.arange(40.0, 500, 20)
    values = 0.93 - 0.15 * (labels / 100) ** -0.8
    found = forecast_curve(labels, values, np.array([600.0, 800.0]))
    truth = 0.93 - 0.15 * np.array([6.0, 8.0]) ** -0.8
    assert found.value == pytest.approx(truth, abs=1e-3)
    assert found.high - found.low == pytest.approx(0, abs=2e-3)


def test_the_band_holds_the_truth_about_nine_times_of_ten():
    rng, hits, trials = np.random.default_rng(3), 0, 200
    labels = 40.0 + 20 * np.arange(25)
    for _ in range(trials):
        noise = rng.standard_normal(25)
        for n in range(1, 25):
            noise[n] = 0.6 * noise[n - 1] + 0.8 * noise[n]
        values = 0.9 - 0.15 * (labels / 100) ** -0.8 + 0.01 * noise * np.sqrt(labels[-1] / labels)
        gain, low, high = forecast_curve(labels, values, labels[-1] + np.array([200.0])).gain
        assert low <= gain <= high
        truth = 0.15 * ((labels[-1] / 100) ** -0.8 - (labels[-1] / 100 + 2) ** -0.8)
        hits += low <= truth <= high
    assert 0.84 <= hits / trials <= 0.99


def test_the_forecast_is_said_in_points_and_hours():
    history = History(
        turns(rising(6)), answer_count=200, seconds=200 * 18.0, timed_labels=200, unlabelled=900, pool=1100
    )
    advice = alone("plateau", history)
    assert advice.stop is False
    assert advice.details["hours"] == pytest.approx(1.0)
    assert advice.reason.startswith(
        "The last 150 labels brought +38.1 points; 200 more would take about 60 min and bring"
    )
    assert advice.details["gain"] == pytest.approx(0.92 - 0.5 * (380 / 30) ** -0.8 - rising(6)[-1], abs=0.01)
    assert "would take" not in alone("plateau", replace(history, seconds=0.0, timed_labels=0)).reason
    assert "; 50 more would" in alone("plateau", replace(history, unlabelled=50)).reason


def test_a_flat_curve_is_a_plateau_and_a_noisy_one_is_not_yet():
    rng = np.random.default_rng(0)
    flat = [0.9 + 0.001 * step for step in rng.standard_normal(30)]
    assert alone("plateau", History(turns(flat), unlabelled=900, pool=1100)).stop is True
    noisy = [0.8 + 0.05 * step for step in rng.standard_normal(6)]
    assert alone("plateau", History(turns(noisy), unlabelled=900, pool=1100)).stop is False


# Searching


def test_a_flat_curve_of_few_test_answers_is_none_yet():
    history = History(turns([0.9] * 20), unlabelled=900, pool=1100, test_items=300)  # judged by 3,000 answers
    many = alone("plateau", history)
    assert (many.stop, many.details["confirmed"]) == (True, 1.0)
    rounds = [replace(record, accuracy=replace(record.accuracy, n=218)) for record in history.rounds]
    few = alone("plateau", replace(history, rounds=rounds))
    assert few.stop is None
    assert "7 more" in few.reason
    assert alone("plateau", replace(history, rounds=rounds, test_items=280)).stop is True


def test_less_agreement_will_do_where_the_curve_has_been_flat_for_a_while():
    def advices(kappa, confirmed):
        found = {name: Advice(None, name) for name in STOPPING}
        found["plateau"] = Advice(stop=True, reason="flat", details={"confirmed": confirmed})
        found["stable_predictions"] = Advice(stop=kappa >= 0.99, reason="unsettled", value=kappa)
        return found

    assert combined_advice(advices(0.96, 1.0))[0] == "stop"
    assert combined_advice(advices(0.99, 0.0))[0] == "stop"
    for kappa, confirmed in ((0.96, 0.0), (0.94, 1.0)):
        assert combined_advice(advices(kappa, confirmed)) == ("go on", "Go on. unsettled")


def test_a_run_of_irrelevant_answers_is_broken_by_a_relevant_one():
    seen = np.array([True] + [False] * 99)
    assert alone("irrelevant_run", History(is_relevant=seen, pool=1000)).value == 99
    assert alone("irrelevant_run", History(is_relevant=np.append(seen, False), pool=1000)).stop is True
    assert alone("irrelevant_run", History(is_relevant=np.append(seen, True), pool=1000)).value == 0


def test_the_recall_test_is_the_hypergeometric_one():
    stats = pytest.importorskip("scipy.stats")
    seen = np.zeros(300, bool)
    seen[[0, 1, 2, 5, 9, 14, 30, 41, 70]] = True
    pool, found = 1000, 9
    expected = 1.0
    for moment in range(300):
        drawn = int(seen[moment:].sum())
        relevant = int(found / 0.95 + 1 - (found - drawn))
        expected = min(expected, stats.hypergeom.cdf(drawn, pool - moment, relevant, 300 - moment))
    assert smallest_p_value(seen, pool, 0.95) == pytest.approx(expected)


@pytest.mark.statistical
def test_recall_is_called_reached_seldom_where_it_is_not():
    rng, early, searches = np.random.default_rng(0), 0, scaled(50)
    for _ in range(searches):
        relevant = rng.permutation(2000) < 60
        order = np.argsort(-(2.0 * relevant + rng.standard_normal(2000)), kind="stable")
        found = relevant[order]
        for read in range(200, 2000, 100):
            if alone("expected_recall", History(is_relevant=found[:read], pool=2000)).stop:
                early += found[:read].sum() < 0.95 * 60
                break
    assert early / searches <= 0.1  # 5 % a look, a little more over many looks


def test_recall_is_reached_when_all_is_read():
    seen = np.zeros(500, bool)
    seen[:20] = True
    assert alone("expected_recall", History(is_relevant=seen, pool=500)).stop is True
    assert alone("expected_recall", History(is_relevant=seen[:21], pool=500)).stop is False


# All in one sentence


def test_a_limit_goes_first_then_the_search_then_the_signs():
    settled = History(
        turns([0.9] * 30, predictions=predictions([0.0] * 29)), answer_count=900, unlabelled=900, pool=2000
    )
    assert combined_advice(evaluate_conditions(settled, {}))[0] == STOP
    climbing = replace(settled, rounds=turns(rising(8), predictions=predictions([0.1] * 7)))
    assert combined_advice(evaluate_conditions(climbing, {}))[0] == CONTINUE
    spent = evaluate_conditions(climbing, {"label_budget": 500})
    assert limits_reached(spent) == ["label_budget"]
    assert combined_advice(spent)[0] == STOP
    assert "900 of 500" in combined_advice(spent)[1]
    searching = replace(settled, is_relevant=np.array([True, False] * 50))
    assert combined_advice(evaluate_conditions(searching, {}))[0] == CONTINUE
    assert combined_advice(evaluate_conditions(History(), {}))[0] is None


def test_settled_below_the_target_says_that_labels_will_not_reach_it():
    settled = History(
        turns([0.9] * 30, predictions=predictions([0.0] * 29)), answer_count=900, unlabelled=900, pool=2000
    )
    advice, reason = combined_advice(evaluate_conditions(settled, {"target_accuracy": 0.95}))
    assert advice == STOP
    assert "hardly reach the target" in reason
    assert "below the target of 95.0 %" in reason


# On a simulated project


def test_kappa_fires_after_the_curve_flattens_and_not_before():
    """Random labels of a pool of four classes that overlap: accuracy rises fast, then hardly."""
    rng = np.random.default_rng(5)
    centres = rng.standard_normal((4, 16))
    truth = rng.integers(0, 4, 4000)
    features = (centres[truth] + 1.6 * rng.standard_normal((4000, 16))).astype(np.float32)
    labels = np.array(["a", "b", "c", "d"])[truth]
    stop_rows, judged = np.arange(0, 1000), np.arange(1000, 2500)
    curve, fired = [], None
    history: list[RoundRecord] = []
    for n in range(25, 1501, 25):
        model = ESTIMATORS["logistic"](features[2500 : 2500 + n], labels[2500 : 2500 + n], 0)
        curve.append(float(np.mean(model.predict(features, judged) == labels[judged])))
        history.append(RoundRecord(n, predictions=model.predict(features, stop_rows), stop_set="one"))
        if fired is None and alone("stable_predictions", History(history), 0.97).stop:
            fired = len(curve) - 1
    assert fired is not None
    best = max(curve)
    flat = next(place for place, value in enumerate(curve) if value >= best - 0.03)
    assert fired >= flat
    assert curve[fired] >= best - 0.03
    assert max(curve[fired:]) - curve[fired] <= 0.03
