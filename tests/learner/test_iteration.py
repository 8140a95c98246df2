"""One turn of the loop, and its replay on a labelled set."""

import json
from collections import Counter
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learner.engine.contracts.iteration import IterationInput, IterationSettings, RankedItem
from learner.engine.estimators import ESTIMATORS
from learner.engine.loop import iteration
from learner.engine.loop.interleaving import interleave_by_shares
from learner.engine.loop.iteration import run_iteration
from learner.engine.query_strategies import STRATEGIES
from learner.engine.simulation.simulated_labelling import LabelledData, simulate_labelling
from tests.scale import scaled

LABELS = np.array(["ham", "spam", "other"])


def cloud(n=600, d=8, seed=0):
    """Return features and labels: three overlapping classes, one of them rare."""
    rng = np.random.default_rng(seed)
    classes = rng.choice(3, n, p=[0.7, 0.2, 0.1])
    return np.eye(d, dtype=np.float32)[classes] + 0.35 * rng.standard_normal((n, d)).astype(np.float32), LABELS[classes]


def turn(trained=40, n=600, **changes):
    features, labels = cloud(n)
    test, rest = np.arange(50), np.arange(50, n)
    train, control = rest[:trained], rest[: trained // 4]
    available = np.ones(n, bool)
    available[test] = available[train] = False
    facts = {
        "features": features,
        "train_rows": train,
        "train_labels": labels[train],
        "control_rows": control,
        "control_labels": labels[control],
        "available": available,
        "random_rows": np.random.default_rng(1).permutation(rest[trained:]),
        "test_rows": test,
        "open_test_rows": test[10:],
        "seed": 4,
        "round_number": 2,
    }
    return IterationInput(**facts | changes)


def reasons(choices):
    return Counter(choice.reason for choice in choices)


def test_settings_are_json():
    assert IterationSettings(**json.loads(json.dumps(asdict(IterationSettings(beta=3.0))))) == IterationSettings(
        beta=3.0
    )


def test_an_estimator_is_told_which_labels_are_a_random_sample(monkeypatch):
    told = []

    def fit(features, labels, seed, is_random_sample):
        told.append(is_random_sample)
        return ESTIMATORS["logistic"](features, labels, seed)

    monkeypatch.setitem(ESTIMATORS, "spy", fit)
    given_ = turn(trained=40)
    run_iteration(given_, IterationSettings(estimator="spy"))
    of_all, of_control = told
    assert given_.train_rows[of_all].tolist() == given_.control_rows.tolist()
    assert of_control.tolist() == [True] * 10


def test_a_queue_has_every_item_once_and_none_that_is_spent():
    given_ = turn()
    result = run_iteration(given_, IterationSettings())
    rows = [choice.row for choice in result.choices]
    assert len(rows) == len(set(rows))
    assert not set(rows) & set(given_.train_rows.tolist())
    for choice in result.choices:
        assert (choice.reason == "test") == (choice.row in given_.open_test_rows)
    assert reasons(result.choices)["uncertain"] == 200


@pytest.mark.parametrize("batch_size", [1, 5, 20])
def test_the_shares_hold_in_every_stretch_and_over_short_batches(batch_size):
    served = Counter()
    given_, chosen = turn(trained=6, n=300), IterationSettings(batch_size=batch_size, depth=batch_size)
    for number in range(1, 21):
        served += reasons(run_iteration(replace(given_, round_number=number), chosen).choices[:batch_size])
    assert served["test"] == pytest.approx(0.15 * 20 * batch_size, abs=1)
    assert served["random"] == pytest.approx(0.1 * 20 * batch_size, abs=1)


@settings(max_examples=scaled(50), deadline=None)
@given(
    shares=st.tuples(st.floats(0.05, 1), st.floats(0, 0.5), st.floats(0, 0.5)),
    lengths=st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40)),
    skip=st.integers(0, 3000),
)
def test_weaving_loses_nothing_and_keeps_the_order_of_each_arm(shares, lengths, skip):
    arms = [[RankedItem(100 * arm + place, str(arm)) for place in range(length)] for arm, length in enumerate(lengths)]
    woven = list(interleave_by_shares([iter(arm) for arm in arms], [share / sum(shares) for share in shares], skip))
    assert len(woven) == sum(lengths)
    for arm in range(3):
        assert [choice for choice in woven if choice.reason == str(arm)] == arms[arm]


def test_every_prefix_is_within_one_of_its_share():
    arms = [iter([RankedItem(0, str(arm))] * 1000) for arm in range(3)]
    served = Counter()
    for place, choice in zip(range(1, 500), interleave_by_shares(arms, [0.75, 0.15, 0.1]), strict=False):
        served[choice.reason] += 1
        for arm, share in (("0", 0.75), ("1", 0.15), ("2", 0.1)):
            assert abs(served[arm] - share * place) <= 1


def test_the_control_arm_is_served_in_its_fixed_order_with_its_probability():
    given_ = turn()
    served = [choice for choice in run_iteration(given_, IterationSettings()).choices if choice.reason == "random"]
    assert [choice.row for choice in served] == given_.random_rows[: len(served)].tolist()
    assert served[1].probability == pytest.approx(1 / (len(given_.random_rows) - 1))


def test_suggestions_and_scores_are_the_models():
    given_ = turn()
    result = run_iteration(given_, IterationSettings(strategy="boltzmann"))
    proba = result.model.predict_proba(given_.features)
    for choice in result.choices:
        assert choice.label == result.model.classes[proba[choice.row].argmax()]
        assert choice.label_score == pytest.approx(float(proba[choice.row].max()))
        assert choice.top_labels[0] == (choice.label, pytest.approx(choice.label_score))
        assert [score for _, score in choice.top_labels] == pytest.approx(sorted(proba[choice.row], reverse=True)[:5])
        if choice.reason == "uncertain":
            first, second = np.sort(proba[choice.row])[[-1, -2]]
            assert choice.score == pytest.approx(float(first - second), abs=1e-6)
            assert 0 < choice.probability <= 1
    assert result.effective_pool == pytest.approx(IterationSettings().effective_pool * 20, rel=0.01)
    assert result.test_predictions.tolist() == result.model.predict(given_.features, given_.test_rows).tolist()
    assert len(result.control_predictions) == len(given_.test_rows)


@pytest.mark.parametrize("labels", [[], ["ham"], ["ham", "ham", "ham"]])
def test_without_two_classes_it_goes_on_spreading_and_says_why(labels):
    result = run_iteration(turn(trained=len(labels), train_labels=np.array(labels, object)), IterationSettings())
    assert result.model is result.test_predictions is result.control_predictions is result.beta is None
    assert set(reasons(result.choices)) == {"cold", "random", "test"}
    assert result.note
    assert all(choice.label is None for choice in result.choices)


def test_a_random_arm_of_one_class_says_that_class():
    given_ = turn(control_labels=np.array(["ham"] * 10, object))
    assert run_iteration(given_, IterationSettings()).control_predictions.tolist() == ["ham"] * len(given_.test_rows)


def test_a_random_strategy_follows_the_control_arms_order_from_the_first_item_on():
    given_ = turn(trained=0)
    result = run_iteration(given_, IterationSettings(strategy="random"))
    assert set(reasons(result.choices)) == {"random", "test"}
    served = [choice.row for choice in result.choices if choice.reason == "random"]
    assert served == given_.random_rows[: len(served)].tolist()
    assert len(served) >= IterationSettings().depth * (1 - IterationSettings().test_share)


@pytest.mark.parametrize("strategy", sorted(STRATEGIES))
def test_every_strategy_fills_the_queue_and_repeats(strategy):
    chosen = IterationSettings(strategy=strategy, depth=40)
    result = run_iteration(turn(), chosen)
    arm = "random" if strategy == "random" else None
    own = [choice for choice in result.choices if choice.reason in (arm, "uncertain", "cold", "search")]
    assert len(own) >= 30
    assert all(choice.row in np.flatnonzero(turn().available) for choice in own)
    assert result.choices == run_iteration(turn(), chosen).choices


def test_settings_of_every_kind_are_json():
    chosen = IterationSettings(strategy="mixture", mixture_shares={"margin": 0.5, "core_set": 0.5}, target_label="spam")
    assert IterationSettings(**json.loads(json.dumps(asdict(chosen)))) == chosen


def test_a_mixture_has_its_shares_and_says_which_is_which():
    result = run_iteration(
        turn(), IterationSettings(strategy="mixture", mixture_shares={"margin": 0.75, "spread": 0.25})
    )
    served = [choice.reason for choice in result.choices if choice.reason in ("uncertain", "cold")]
    assert Counter(served[:40])["cold"] == pytest.approx(10, abs=2)


@pytest.mark.parametrize("share", ["random", "mixture", "nonsense"])
def test_a_mixture_of_what_cannot_be_mixed_is_refused(share):
    with pytest.raises(ValueError, match=share):
        run_iteration(turn(), IterationSettings(strategy="mixture", mixture_shares={"margin": 0.5, share: 0.5}))


def test_a_search_finds_more_of_its_class_than_chance():
    _, labels = cloud()
    result = run_iteration(turn(), IterationSettings(strategy="relevance", target_label="other"))
    found = [labels[choice.row] for choice in result.choices if choice.reason == "search"][:30]
    assert found.count("other") / 30 > 3 * np.mean(labels == "other")
    rarest = run_iteration(turn(), IterationSettings(strategy="relevance"))
    assert rarest.choices == result.choices  # of the labels so far it is the rarest
    assert "searched" in result.score_name


def test_a_search_for_a_class_without_labels_spreads_until_one_turns_up():
    result = run_iteration(turn(), IterationSettings(strategy="relevance", target_label="never seen"))
    assert set(reasons(result.choices)) == {"cold", "random", "test"}


def test_a_schedule_of_beta_moves_with_the_labels():
    chosen = IterationSettings(strategy="boltzmann", beta=0.0, beta_end=20.0, beta_labels=80)
    assert run_iteration(turn(trained=40), chosen).beta == pytest.approx(10)
    assert run_iteration(turn(trained=200), chosen).beta == pytest.approx(20)
    assert run_iteration(turn(trained=40), replace(chosen, beta_end=None)).beta == 0


def test_a_committee_is_made_only_when_it_is_asked(monkeypatch):
    made = []
    fit = iteration.fit_committee
    monkeypatch.setattr(iteration, "fit_committee", lambda *facts: made.append(1) or fit(*facts))
    run_iteration(turn(), IterationSettings())
    assert not made
    run_iteration(turn(), IterationSettings(strategy="bald"))
    assert made == [1]


@pytest.mark.parametrize("n", [50, 51, 53])
def test_a_pool_that_is_nearly_empty_gives_what_is_left(n):
    empty = np.empty(0, np.intp)
    given_ = turn(trained=0, n=n, train_labels=np.empty(0, object), control_labels=np.empty(0, object))
    given_ = replace(given_, train_rows=empty, control_rows=empty)
    assert sorted(choice.row for choice in run_iteration(given_, IterationSettings()).choices) == list(range(10, n))


@pytest.mark.parametrize("shares", [(0, 0), (0.9, 0.05), (0.9, 0.9), (0, 0.9)])
def test_any_shares_give_a_queue(shares):
    random_share, test_share = shares
    choices = run_iteration(turn(), IterationSettings(random_share=random_share, test_share=test_share)).choices
    assert choices
    assert (reasons(choices)["random"] > 0) == (random_share > 0)
    assert (reasons(choices)["test"] > 0) == (test_share > 0)


def test_the_same_input_gives_the_same_result():
    first, second = run_iteration(turn(), IterationSettings()), run_iteration(turn(), IterationSettings())
    assert first.choices == second.choices
    assert first.choices != run_iteration(turn(seed=5), IterationSettings()).choices


def test_the_input_is_unchanged():
    given_ = turn()
    before = {name: np.copy(value) for name, value in vars(given_).items() if isinstance(value, np.ndarray)}
    run_iteration(given_, IterationSettings())
    for name, value in before.items():
        np.testing.assert_array_equal(getattr(given_, name), value)


def test_steps_are_announced_and_may_abort():
    steps = []
    result = run_iteration(turn(), IterationSettings(), steps.append)
    assert steps == list(result.timings) == ["fit", "control", "score", "choose"]

    def stop(step):
        raise InterruptedError(step)

    with pytest.raises(InterruptedError):
        run_iteration(turn(), IterationSettings(), stop)


# Replay


def test_a_replay_learns_within_its_budget_and_repeats():
    features, labels = cloud(900)
    first = simulate_labelling(LabelledData(features, labels), IterationSettings(), seed=1, budget=150)
    assert first.curve[-1].labels == len(first.train_rows) == 150
    assert first.curve[-1].n == 900 - 150
    assert first.curve[-1].figures["macro_f1"] > first.curve[0].figures["macro_f1"]
    assert (
        first.curve == simulate_labelling(LabelledData(features, labels), IterationSettings(), seed=1, budget=150).curve
    )


def test_a_replay_can_be_judged_by_an_outside_set():
    features, labels = cloud(900)
    held = LabelledData(features[600:], labels[600:])
    replay = simulate_labelling(
        LabelledData(features[:600], labels[:600]), IterationSettings(), seed=1, budget=40, held_out=held
    )
    assert {point.n for point in replay.curve} == {300}


def test_a_replay_of_a_small_pool_ends():
    features, labels = cloud(30)
    assert (
        len(simulate_labelling(LabelledData(features, labels), IterationSettings(), seed=1, budget=10_000).train_rows)
        == 24
    )
