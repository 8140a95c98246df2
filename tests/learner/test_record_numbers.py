"""Numbers learnt from records: committees, what they say and how unsure they are, and a round from end to end."""

from uuid import uuid4

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotation.imports import importing
from annotation.models import QueueEntry
from annotation.projects import projects
from annotation.queue import answering, leasing
from annotation.tasktypes import TASK_TYPES
from learner.engine.contracts.iteration import IterationInput, IterationSettings
from learner.engine.estimators import ESTIMATORS, load_saved_model
from learner.engine.estimators.regression import bagged_ridge, bagged_trees
from learner.engine.estimators.regression.bagging import bootstrap_samples, fit_error_model
from learner.engine.evaluation.task_metrics import evaluate_numbers, number_point_estimates
from learner.engine.loop.iteration import run_iteration
from learner.engine.task_profiles import TASK_PROFILES
from learner.reports.progress import progress_document
from learner.rounds import auto_pause, running

LEARNER = TASK_PROFILES["record_numbers"]
KIND = TASK_TYPES["record_numbers"].with_settings({"number_low": 0, "number_high": 100, "number_near": 5})


def data(n: int = 400, noise: float = 4.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    features = rng.normal(size=(n, 6)).astype(np.float32)
    numbers = np.clip(50 + 12 * features[:, 0] - 6 * features[:, 1] + noise * rng.normal(size=n), 0, 100)
    return features, numbers


@pytest.mark.parametrize("name", LEARNER.answers.estimators)
def test_a_committee_explains_numbers_and_knows_how_far_it_is_off(name, tmp_path):
    features, numbers = data()
    model = ESTIMATORS[name](features[:200], numbers[:200].astype(str), 1)
    rest = np.arange(200, 400)
    predicted = model.predict_with_confidence(features, rest)
    said, half = predicted.value, predicted.interval
    assert predicted.confidence is None
    assert (model.predict(features, rest) == said).all()
    off = np.abs(said.astype(float) - numbers[rest])
    assert number_point_estimates(KIND, numbers[rest].astype(str), said)["explained"] > 0.7
    assert 0.82 <= np.mean(off <= half) <= 0.97
    model.tag_features("v1").save(tmp_path)
    again = load_saved_model(tmp_path)
    assert again.features == "v1"
    assert again.classes == model.classes
    np.testing.assert_array_equal(again.predict(features), model.predict(features))
    np.testing.assert_array_equal(again.uncertainty(features), model.uncertainty(features))
    same = ESTIMATORS[name](features[:200], numbers[:200].astype(str), 1)
    np.testing.assert_array_equal(same.uncertainty(features), model.uncertainty(features))


@pytest.mark.parametrize("fit", [bagged_ridge.fit, bagged_trees.fit])
def test_it_is_less_sure_far_from_what_it_has_seen(fit):
    features, numbers = data()
    near = np.abs(features[:, 0]) < 0.5
    model = fit(features[near], numbers[near].astype(str), 1)
    unsure = model.uncertainty(features)
    assert unsure.min() >= 0
    assert unsure.max() <= 1
    if fit is bagged_ridge.fit:
        far = np.abs(features[:, 0]) > 1.5
        assert unsure[far].mean() > 1.5 * unsure[near].mean()
    expected = model.expected_numbers(features)
    assert numbers[near].min() - 1e-3 <= expected.min()
    assert expected.max() <= numbers[near].max() + 1e-3


def test_the_automatic_choice_takes_the_committee_that_is_less_off():
    features, straight = data()
    crooked = np.where(features[:, 0] * features[:, 1] > 0, 80.0, 20.0)
    choose = ESTIMATORS["numbers"]
    assert choose(features, straight.astype(str), 1).kind == "ridge"
    assert choose(features, crooked.astype(str), 1).kind == "number_trees"


def test_labels_that_a_strategy_chose_do_not_judge_the_committees():
    features, straight = data()
    labels, choose = straight.astype(str), ESTIMATORS["numbers"]
    place = np.arange(400)
    assert choose(features, labels, 1, place < 100).kind == "ridge"
    assert choose(features, labels, 1, place < 40).kind == "number_trees"  # too few can judge
    curved = np.where(
        place < 100, np.abs(features[:, 0]) * 20, straight
    )  # the chosen ones lie on a line, the pool does not
    assert choose(features, curved.astype(str), 1).kind == "ridge"
    assert choose(features, curved.astype(str), 1, place < 100).kind == "number_trees"


@pytest.mark.parametrize("name", LEARNER.answers.estimators)
def test_two_answers_are_enough_to_begin(name):
    features = np.eye(2, dtype=np.float32)
    model = ESTIMATORS[name](features, np.array(["1000", "3000"]), 0)
    assert model.classes == ("1000", "3000")
    assert np.isfinite(model.uncertainty(features)).all()
    assert all(1000 <= float(one) <= 3000 for one in model.predict(features))


def test_members_are_judged_by_labels_that_they_had_not_seen_and_by_random_ones_where_there_are_enough():
    truth, drawn = np.zeros(80), bootstrap_samples(80, 1)
    seen = np.zeros(drawn.shape, bool)
    np.put_along_axis(seen, drawn, values=True, axis=1)
    learnt_by_heart = np.where(seen, 0.0, 1.0)
    assert fit_error_model(truth, learnt_by_heart, drawn, None).noise == pytest.approx(1)
    is_random_sample = np.arange(80) < 40
    assert fit_error_model(truth, np.where(seen | is_random_sample, 0.0, 1.0), drawn, is_random_sample).noise < 1e-3


@pytest.mark.parametrize("strategy", LEARNER.answers.strategies)
def test_a_turn_ranks_records_by_every_strategy(strategy):
    features, numbers = data()
    labels, rows = numbers.round().astype(str), np.arange(80)
    available = np.arange(400) >= 120
    inp = IterationInput(
        features=features,
        train_rows=rows,
        train_labels=labels[rows],
        control_rows=rows[:30],
        control_labels=labels[:30],
        available=available,
        random_rows=np.arange(120, 400),
        test_rows=np.arange(80, 120),
        open_test_rows=np.arange(0),
        seed=1,
        round_number=2,
    )
    result = run_iteration(inp, IterationSettings(strategy=strategy, estimator="ridge", depth=30))
    assert len(result.choices) > 20
    assert all(available[choice.row] for choice in result.choices)
    assert all(0 <= float(choice.label) <= 100 and choice.label_score > 0 for choice in result.choices)


def test_numbers_are_judged_against_always_saying_the_mean():
    truth = np.arange(90, dtype=float)
    judged = evaluate_numbers(KIND, truth.astype(str), (truth + 4).astype(str))
    assert judged.estimates["mae"].value == pytest.approx(4)
    assert judged.estimates["accuracy"].value == 1
    assert judged.estimates["naive"].value == pytest.approx(22.5)
    assert judged.estimates["explained"].low < judged.estimates["explained"].value < 1
    assert judged.per_class == []
    assert judged.confusion is None
    assert evaluate_numbers(KIND, truth.astype(str), (truth + 6).astype(str)).estimates["accuracy"].value == 0
    assert {one.key for one in LEARNER.answers.metrics} == set(judged.estimates)
    assert evaluate_numbers(KIND, [], []).estimates["rmse"].n == 0 == number_point_estimates(KIND, [], [])["accuracy"]


def test_rounds_learn_numbers_suggest_them_and_pause_at_a_target(lead):
    settings = {"number_near": 5, "number_step": 1, "test_share": 0.5, "target_error": 30, "stop_when": "pause"}
    project = projects.create_project(lead, "Scores", "record_numbers", [], settings=settings)
    features, numbers = data(200)
    lines = [f"{a:.3f},{b:.3f},{number:.0f}" for (a, b), number in zip(features[:, :2], numbers, strict=True)]
    table = "\n".join(["a,b,truth", *lines]).encode()
    run = importing.create_import(project, lead, SimpleUploadedFile("scores.csv", table))
    importing.start_draft(run, {"fields": ["a", "b"], "hidden": ["truth"]})
    importing.run_import(run.pk)
    for _ in range(3):
        running.run_due_rounds(project.pk)
        leased = leasing.lease(project, lead, 30)
        values = [{"number": float(row.item.export_only["truth"])} for row in leased]
        given = [
            answering.Answer(uuid4(), row.item_id, "label", value) for row, value in zip(leased, values, strict=True)
        ]
        answering.submit_answers(project, lead, given)
    running.run_due_rounds(project.pk)
    project.refresh_from_db()
    shown = progress_document(project)
    current, stop = shown["current"], {one["name"]: one for one in shown["stop"]["conditions"]}
    assert current["explained"]["value"] > 0.5
    assert current["mae"]["value"] < current["naive"]["value"]
    assert current["per_class"] == []
    assert current["confusion"] is None
    assert shown["decision"] is None
    assert stop["target_error"]["stop"]
    assert stop["changed_predictions"]["stop"] is None
    assert "%" in shown["trust"]["calibration"]["reason"]
    assert shown["trust"]["calibration"]["n"] >= 30
    assert sum(one["n"] for one in shown["labels"]["overall"]) == 90
    assert auto_pause.reached_limits(project) == {"target_error": 30}
    assert project.paused_at
    entry = QueueEntry.objects.filter(project=project, suggestion__isnull=False).first()
    assert entry.suggestion["number"] == round(entry.suggestion["number"])
    assert entry.suggestion_score > 1
