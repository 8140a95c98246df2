"""Stop advice of a project's rows, and the pause at a limit."""

from collections.abc import Callable
from uuid import uuid4

import numpy as np
import pytest
from django.test import Client
from django.utils.translation import override

from annotation.models import Annotation, Item, Project, Reason, User
from annotation.projects import projects
from annotation.queue import answering, leasing
from annotation.queue.answering import Answer
from learner.engine.stopping import STOPPING
from learner.engine.stopping.stop_set import pack_stop_set_predictions, unpack_stop_set_predictions
from learner.models import LearnerState, Round
from learner.reports.progress import progress_document
from learner.rounds import auto_pause, replay, running, training_data
from tests.learner.factories import add_round, answer, freeze

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

MakeItems = Callable[..., list[Item]]
Label = Callable[[Project, User, int], int]


def stop(project: Project) -> dict:
    return progress_document(project)["stop"]


def condition(project: Project, name: str) -> dict:
    return next(row for row in stop(project)["conditions"] if row["name"] == name)


def change(project: Project, **settings: object) -> None:
    project.settings = {**project.settings, **settings}
    project.save(update_fields=["settings"])


@pytest.fixture
def settled(project: Project, make_items: MakeItems, annotator: User) -> Project:
    """Twelve rounds of 30 labels each that reach 95 % at once and say the same of the stop set."""
    items = make_items(project, 900)
    tested = freeze(items, 200)
    names = ["ham", "spam"]
    answer(tested, annotator, [names[n % 2] for n in range(200)], reason=Reason.TEST)
    answer(items[200:560], annotator, [names[n % 3 == 0] for n in range(360)])
    said = {item.position: names[n % 2 if n >= 10 else (n + 1) % 2] for n, item in enumerate(tested)}
    rows = np.arange(200, 900)
    for n in range(1, 13):
        add_round(
            project,
            said,
            labels=30 * n,
            stop_predictions=pack_stop_set_predictions(rows, np.array(names)[rows % 3 // 2]),
            metrics={"classes": names, "mean_uncertainty": 0.3 / n, "max_uncertainty": 0.99},
        )
    return project


def test_a_project_without_anything_has_no_advice(project: Project) -> None:
    found = stop(project)
    assert (found["advice"], found["forecast"], found["paused_at"]) == (None, None, None)
    assert [row["name"] for row in found["conditions"]] == list(STOPPING)
    assert all(row["stop"] is None and row["reason"] for row in found["conditions"] if row["kind"] != "limit")
    assert {row["reason"] for row in found["conditions"] if row["kind"] == "limit"} >= {"No label budget is set."}


def test_a_settled_project_may_stop(settled: Project) -> None:
    found = stop(settled)
    assert found["advice"] == "stop"
    states = {row["name"]: row["stop"] for row in found["conditions"]}
    assert states["stable_predictions"] is True
    assert states["changed_predictions"] is True
    assert states["plateau"] is True
    assert states["mean_uncertainty"] is True
    assert states["max_uncertainty"] is False
    assert states["label_budget"] is None
    assert states["expected_recall"] is None
    assert condition(settled, "stable_predictions")["n"] == 700
    assert condition(settled, "plateau")["numbers"]["hours"] == pytest.approx(2.0 * 200 / 3600)
    first, last = found["forecast"][0], found["forecast"][-1]
    assert (first["labels"], last["labels"]) == (360, 560)
    assert last["low"] <= last["value"] <= last["high"]


def test_settings_are_the_thresholds(settled: Project) -> None:
    change(settled, label_budget=560, time_budget_hours=1, target_accuracy=0.93, stop_kappa=0.97)
    assert condition(settled, "label_budget")["stop"] is True
    hours = condition(settled, "time_budget")
    assert (hours["stop"], hours["value"]) == (False, pytest.approx(560 * 2 / 3600))
    target = condition(settled, "target_accuracy")  # 95 %, from 91 % on
    assert (target["stop"], target["n"]) == (False, 200)
    assert "may still be below" in target["reason"]
    assert condition(settled, "stable_predictions")["threshold"] == 0.97
    assert stop(settled)["reason"].startswith("You can stop: a limit")


def test_time_counts_for_answers_taken_back_and_labels_of_machines_do_not(settled: Project, lead: User) -> None:
    Annotation.objects.filter(project=settled, item__position=205).update(live=False)
    User.objects.filter(pk=lead.pk).update(is_machine=True)
    answer(list(settled.items.filter(position__gte=800)), lead, ["ham"] * 100)
    found = condition(settled, "label_budget")
    assert found["stop"] is None
    change(settled, label_budget=1000, time_budget_hours=10)
    assert condition(settled, "label_budget")["value"] == 559
    assert condition(settled, "time_budget")["value"] == pytest.approx(560 * 2 / 3600)


def test_a_search_is_judged_by_what_is_found(settled: Project) -> None:
    change(settled, relevant_label=settled.label_names()[0])
    recall = condition(settled, "expected_recall")
    assert (recall["stop"], recall["n"]) == (False, 360)
    assert recall["numbers"]["found"] == 240
    assert condition(settled, "irrelevant_run")["value"] == 0
    assert stop(settled)["advice"] == "go on"
    change(settled, relevant_label="no such label")
    assert condition(settled, "expected_recall")["stop"] is None


def test_advice_comes_in_the_readers_language_and_by_api(settled: Project, lead: User) -> None:
    client = Client()
    client.force_login(lead)
    found = client.get(f"/api/v1/projects/{settled.pk}/progress/").json()["stop"]
    assert found["reason"] == stop(settled)["reason"]
    assert {"advice", "reason", "when", "conditions", "forecast"} <= found.keys()
    with override("zh-hans"):
        assert stop(settled)["conditions"][0]["name"] == "label_budget"


# What rounds leave


def test_rounds_say_what_they_think_of_the_same_items(
    project: Project, annotator: User, messages: list[Item], label: Label
) -> None:
    running.run_due_rounds(project.pk)
    features, seen = np.zeros((120, 2), np.float32), training_data.settled_answers(project, 0)
    first = training_data.build_iteration_input(
        project, training_data.take_snapshot(project), features, seen, seed=1, number=1
    ).stop_set_rows
    for _ in range(3):
        label(project, annotator, 20)
        running.run_due_rounds(project.pk)
    made = [row for row in project.rounds.all() if row.metrics["classes"]]
    assert len(made) >= 2
    tested = set(project.items.filter(split="test").values_list("position", flat=True))
    assert len(first) == 120 - len(tested)
    assert not tested & set(first.tolist())
    assert len({row.stop_predictions["set"] for row in made}) == 1
    said = unpack_stop_set_predictions(made[0].stop_predictions)
    assert said is not None
    assert len(said) == len(first)
    assert set(said) <= {"ham", "spam"}
    assert 0 < made[0].metrics["mean_uncertainty"] <= made[0].metrics["max_uncertainty"] <= 1
    assert replay.replay_round(made[0]).is_identical
    Round.objects.filter(pk=made[0].pk).update(stop_predictions=pack_stop_set_predictions(first, said[::-1]))
    assert any("stop set" in text for text in replay.replay_round(Round.objects.get(pk=made[0].pk)).differences)


# The pause


def give(project: Project, user: User, n: int) -> int:
    fresh = Project.objects.get(pk=project.pk)  # each request reads it
    rows = leasing.lease(fresh, user, n)
    answering.submit_answers(fresh, user, [Answer(uuid4(), row.item_id, "label", {"labels": ["ham"]}) for row in rows])
    return len(rows)


def test_a_limit_only_advises_unless_it_is_to_pause(project: Project, messages: list[Item], annotator: User) -> None:
    change(project, label_budget=20)
    give(project, annotator, 20)
    running.run_due_rounds(project.pk)
    assert give(project, annotator, 5) == 5
    assert stop(Project.objects.get(pk=project.pk))["paused_at"] is None


def test_a_round_pauses_at_the_budget_and_a_lead_resumes(
    project: Project, messages: list[Item], annotator: User, lead: User
) -> None:
    change(project, label_budget=20, stop_when="pause")
    give(project, annotator, 20)
    running.run_due_rounds(project.pk)
    project.refresh_from_db()
    assert project.paused_at is not None
    assert give(project, annotator, 5) == 0
    assert "planned" in stop(project)["paused_reason"]
    client = Client()
    client.force_login(lead)
    answered = client.post(f"/api/v1/projects/{project.pk}/pause/", {"paused": False}, "application/json")
    assert answered.json() == {"paused_at": None, "paused_reason": ""}
    assert give(project, annotator, 20) == 20
    running.run_due_rounds(project.pk)
    assert give(project, annotator, 1) == 1  # the same limit does not stop a lead twice


def test_what_is_in_hand_may_be_answered_in_a_pause(project: Project, messages: list[Item], annotator: User) -> None:
    held = leasing.lease(project, annotator, 3)
    projects.pause_project(project)
    assert [row.pk for row in leasing.lease(project, annotator, 10)] == [row.pk for row in held]
    stored = answering.submit_answers(
        project, annotator, [Answer(uuid4(), held[0].item_id, "label", {"labels": ["ham"]})]
    )
    assert len(stored.created) == 1


def test_a_higher_budget_takes_the_pause_back_and_holds_again(
    project: Project, messages: list[Item], annotator: User
) -> None:
    change(project, label_budget=20, stop_when="pause")
    give(project, annotator, 20)
    auto_pause.pause_or_resume_at_limits(project.pk)
    assert give(project, annotator, 1) == 0
    project.refresh_from_db()
    change(project, label_budget=25)
    auto_pause.pause_or_resume_at_limits(project.pk)
    assert give(project, annotator, 5) == 5
    auto_pause.pause_or_resume_at_limits(project.pk)
    assert give(project, annotator, 1) == 0
    assert LearnerState.objects.get(project=project).paused_for == {"label_budget": 25}


def test_a_leads_own_pause_is_not_taken_back(project: Project, messages: list[Item], annotator: User) -> None:
    projects.pause_project(project)
    auto_pause.pause_or_resume_at_limits(project.pk)
    project.refresh_from_db()
    assert project.paused_reason == projects.PAUSED_BY_LEAD


def test_the_target_pauses_by_the_newest_models_lower_bound(settled: Project) -> None:
    change(settled, target_accuracy=0.93, stop_when="pause")
    auto_pause.pause_or_resume_at_limits(settled.pk)
    settled.refresh_from_db()
    assert settled.paused_at is None
    change(settled, target_accuracy=0.9)
    auto_pause.pause_or_resume_at_limits(settled.pk)
    settled.refresh_from_db()
    assert settled.paused_reason == auto_pause.PAUSE_REASONS["target_accuracy"]


def test_the_project_says_that_it_is_paused(project: Project, annotator: User) -> None:
    projects.pause_project(project)
    client = Client()
    client.force_login(annotator)
    found = client.get(f"/api/v1/projects/{project.pk}/").json()
    assert found["paused_at"]
    assert found["paused_reason"] == "A lead has stopped the handing out."
