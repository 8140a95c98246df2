"""Simulations of a project: asked for by its lead, worked off in slices, never changing what people did."""

import json
import math
import re
from datetime import timedelta
from random import Random

import numpy as np
import pytest
from django.urls import reverse
from django.utils import timezone

from annotation import jobs
from annotation.errors import Conflict, InvalidRequest
from annotation.imports.row_importer import content_hash
from annotation.models import Annotation, Item, JobStatus, QueueEntry
from annotation.projects import projects
from annotation.tasktypes import AnswerContext
from learner.engine.estimators import ESTIMATORS
from learner.engine.query_strategies import STRATEGIES
from learner.engine.simulation.comparison import Comparison
from learner.engine.task_profiles import TASK_PROFILES
from learner.models import Round, Simulation
from learner.rounds import feature_matrices, item_contents
from learner.simulations import requests, worker
from tests.learner.conftest import truth
from tests.learner.factories import answer, freeze

pytestmark = pytest.mark.django_db

ASKED = {"strategies": ["random", "margin"], "learners": ["logistic"], "budget": 30, "batch": 10, "seeds": 2}


@pytest.fixture
def answered(project, messages, annotator):
    """A project whose 120 messages are all answered, each seventh by mistake, and have features."""
    rng = Random(3)
    labels = [truth(item) if rng.random() > 0.15 else "ham" for item in messages]
    answer(messages, annotator, labels)
    feature_matrices.feature_store().ensure_rows(
        project.pk, 120, lambda start: item_contents.content_chunks(project, start, 120), "static"
    )
    return project


@pytest.fixture(autouse=True)
def one_slice(monkeypatch):
    """A slice lasts until the simulation is done, however slow the machine; tests of slices make it short."""
    monkeypatch.setattr(worker, "SLICE_SECONDS", math.inf)


def asked(project, lead, **changes):
    return requests.request_simulation(project, lead, ASKED | changes)


def finish(run):
    worker.run_simulation(run.pk)
    run.refresh_from_db()
    return run


def test_what_may_be_chosen_exists():
    assert set(requests.strategy_titles()) <= set(STRATEGIES)
    assert set(requests.learner_titles()) <= set(ESTIMATORS)


def test_a_simulation_from_asking_to_its_plot(answered, lead, api_of):
    api, url = api_of(lead), reverse("api-simulations", args=[answered.pk])
    started = api.post(url, ASKED | {"target": "spam"}, format="json")
    assert started.status_code == 202
    one = f"{url}{started.json()['id']}/"
    assert (started.json()["status"], started.json()["comparison"]) == ("queued", None)
    assert api.get(f"{one}plot/").status_code == api.get(f"{one}points/").status_code == 409
    worker.run_simulation(started.json()["id"])
    told = api.get(one).json()
    assert (told["status"], told["progress"], told["error"]) == ("done", 1.0, "")
    rows = told["comparison"]["rows"]
    assert [row["strategy"] for row in rows] == ["random", "margin"]
    assert all(0.4 < row["at"][-1]["mean"] <= 1 for row in rows)
    assert rows[0]["search"]["recall"][-1]["seeds"] == 2
    assert (told["moment"]["pool"], told["moment"]["held"]) == (96, 24)
    assert api.get(told["plot_url"]).content.startswith(b"\x89PNG")
    assert api.get(told["points_url"]).content.decode().splitlines()[1].startswith("random,logistic,0,")
    assert [row["id"] for row in api.get(url).json()["results"]] == [told["id"]]


def test_it_replays_on_sparse_features_too(answered, lead):
    answered.settings = {"features": "tfidf"}
    answered.save()
    feature_matrices.feature_store().ensure_rows(
        answered.pk, 120, lambda start: item_contents.content_chunks(answered, start, 120), "tfidf"
    )
    run = finish(asked(answered, lead))
    assert (run.status, run.error) == (JobStatus.DONE, "")
    assert run.snapshot["features"].startswith("tfidf")


def test_it_changes_nothing_that_people_or_rounds_made(answered, lead):
    def everything():
        return [
            list(model.objects.order_by("pk").values()) for model in (Annotation, QueueEntry, Round)
        ], feature_matrices.feature_store().current_version(answered.pk)

    before = everything()
    finish(asked(answered, lead))
    assert everything() == before


def test_the_answered_test_sample_judges_when_there_is_enough_of_it(answered, messages, lead):
    freeze(messages, 40)
    run = finish(asked(answered, lead))
    assert run.snapshot["by_test_sample"]
    assert (run.snapshot["pool"], run.snapshot["held"]) == (80, 40)
    assert ",40," in run.points.splitlines()[1]


def test_slices_and_a_worker_that_dies_make_no_difference(answered, lead, monkeypatch):
    whole = finish(asked(answered, lead))
    monkeypatch.setattr(worker, "SLICE_SECONDS", -1.0)
    woken = []
    monkeypatch.setattr(jobs, "wake_worker", lambda *told: woken.append(told))
    run = asked(answered, lead)
    worker.run_simulation(run.pk)
    run.refresh_from_db()
    assert (run.status, len(run.trials), run.labels_done) == (JobStatus.QUEUED, 1, 30)
    assert woken == [(Simulation, run.pk)]
    # a worker claims it and is heard of no more
    Simulation.objects.filter(pk=run.pk).update(
        status=JobStatus.RUNNING, worker="dead", heartbeat_at=timezone.now() - timedelta(hours=1)
    )
    for done in (2, 3):
        worker.run_simulation(run.pk)
        run.refresh_from_db()
        assert len(run.trials) == done
    finish(run)
    assert run.status == JobStatus.DONE
    assert (run.points, run.comparison) == (whole.points, whole.comparison)
    worker.run_simulation(run.pk)  # a message that comes twice
    again = Simulation.objects.get(pk=run.pk)
    assert again.finished_at == run.finished_at


def test_new_features_start_it_afresh(answered, lead, monkeypatch):
    monkeypatch.setattr(worker, "SLICE_SECONDS", -1.0)
    run = finish(asked(answered, lead))
    assert len(run.trials) == 1
    Simulation.objects.filter(pk=run.pk).update(snapshot=run.snapshot | {"features": "static-v0"})
    finish(run)
    assert run.snapshot["features"] == feature_matrices.feature_store().current_version(answered.pk)
    assert len(run.trials) == 1


def test_answers_that_come_later_are_not_seen(answered, messages, lead, monkeypatch):
    monkeypatch.setattr(worker, "SLICE_SECONDS", -1.0)
    run = finish(asked(answered, lead))
    data, moment = worker.load_simulation_data(run)
    answer(messages[:60], lead, ["ham"] * 60)
    later, same = worker.load_simulation_data(run)
    assert same == moment == run.snapshot
    np.testing.assert_array_equal(data.pool.labels, later.pool.labels)


def test_too_few_labels_or_one_class_are_refused_with_words(project, messages, annotator, lead):
    answer(messages[:59], annotator, [truth(item) for item in messages[:59]])
    with pytest.raises(InvalidRequest, match="60"):
        asked(project, lead)
    answer(messages[59:], annotator, ["ham"] * 61)
    run = finish(asked(project, lead))
    assert run.status == JobStatus.FAILED
    assert "features" in run.error


def test_a_lead_cancels_one_that_runs(answered, lead, api_of, monkeypatch):
    run = asked(answered, lead)
    url = reverse("api-simulation-cancel", args=[answered.pk, run.pk])
    replay_trial, told = worker.run_trial, []

    def cancel_in_the_second(*given):
        if Simulation.objects.get(pk=run.pk).trials:
            told.append(api_of(lead).post(url).json())
        return replay_trial(*given)

    monkeypatch.setattr(worker, "run_trial", cancel_in_the_second)
    # a report at each step, however quick the machine is
    monkeypatch.setattr(
        jobs.ProgressReporter, "__call__", lambda self, _=0, **fields: jobs.save_fields(run_of(self), **fields)
    )
    finish(run)
    assert (run.status, len(run.trials), run.comparison) == (JobStatus.CANCELLED, 1, None)
    assert [(answer["status"], answer["cancel_requested"]) for answer in told] == [("running", True)]
    asked(answered, lead)  # the next one may begin


def run_of(reporter):
    return reporter._job


def test_one_at_a_time(answered, lead):
    asked(answered, lead)
    with pytest.raises(Conflict):
        asked(answered, lead)


@pytest.mark.parametrize(
    "changes",
    [
        {"strategies": []},
        {"strategies": "margin"},
        {"strategies": ["no such"]},
        {"strategies": [["margin"]]},
        {"learners": ["no such"]},
        {"budget": 0},
        {"budget": "many"},
        {"budget": True},
        {"seeds": 21},
        {"batch": 10**6},
        {"metric": "auc"},
        {"target": "eggs"},
    ],
    ids=str,
)
def test_what_cannot_be_asked_for(project, lead, api_of, changes):
    url = reverse("api-simulations", args=[project.pk])
    refused = api_of(lead).post(url, ASKED | changes, format="json")
    assert refused.status_code == 400
    assert "60" not in refused.json()["error"]["message"]  # labels that are missing are another matter
    assert not Simulation.objects.exists()


def test_the_pages_tell_it_in_words(answered, lead, client_of):
    client, index = client_of(lead), reverse("simulations-index", args=[answered.pk])
    assert "no random sample" in client.get(index).content.decode()
    run = asked(answered, lead, target="spam")
    page = reverse("simulation-show", args=[answered.pk, run.pk])
    assert "data-progress" in client.get(page).content.decode()
    finish(run)
    shown = client.get(page).content.decode()
    for words in (
        "Margin",
        "Random",
        "WSS@95",
        f"{run.pk}/plot/",
        "the table below has the same numbers",
        "no random sample",
    ):
        assert words in shown
    chart = json.loads(re.search(r'<script id="comparison"[^>]*>(.*?)</script>', shown)[1])
    run.refresh_from_db()
    assert (chart["metric"], chart["strategies"]) == ("Accuracy", ["Random", "Margin"])
    for row, told in zip(chart["rows"], run.comparison["rows"], strict=True):
        assert (row["full"], row["curve"], row["recall"]) == (told["full"], told["curve"], told["search"]["curve"])
    assert page in client.get(index).content.decode()
    Simulation.objects.filter(pk=run.pk).update(status="failed", error="It broke.")
    assert "It broke." in client.get(page).content.decode()
    assert index in client.get(reverse("dashboard-index", args=[answered.pk])).content.decode()


def test_a_project_without_labels_is_told_what_is_missing(project, lead, client_of):
    said = client_of(lead).get(reverse("simulations-index", args=[project.pk])).content.decode()
    assert "Not enough labels yet" in said
    assert '<form class="al-card' not in said


def words_and_labels(n):
    names = sorted({name for name, rest in (("cold", 2), ("sweet", 3)) if n % rest == 0})
    return {"text": f"{' '.join(names) or 'plain'} thing {n}"}, {"labels": names}


def words_and_spans(n):
    start = len("we met ")
    name = ["Ada", "Grace", "Edsger"][n % 3]
    return {"text": f"we met {name} in room {n}"}, {"spans": [{"start": start, "end": start + len(name), "label": "a"}]}


def pairs_and_stars(n):
    content = {"user": f"u{n % 9}", "thing": f"t{n // 9}", "fields": {"thing.genre": "fun" if n // 9 % 3 else "grim"}}
    return content, {"rating": 4.0 if n // 9 % 3 else 1.0}


def questions_and_labels(n):
    other = n if n % 2 else n + 7
    label = "same" if n % 2 else "different"
    return {"text_a": f"where is room {n}", "text_b": f"the way to room {other}"}, {"labels": [label]}


def rows_and_numbers(n):
    return {"fields": {"size": f"{n}.5", "shape": "round" if n % 2 else "flat"}}, {"number": float(n % 2 * 40 + n // 3)}


MADE = {
    "text_pair_classification": (questions_and_labels, ["same", "different"], "logistic", "accuracy"),
    "record_numbers": (rows_and_numbers, [], "ridge", "explained"),
    "text_multilabel": (words_and_labels, ["cold", "sweet"], "relevance", "f1"),
    "spans": (words_and_spans, ["a"], "crf", "f1"),
    "ratings": (pairs_and_stars, [], "factors", "explained"),
}


@pytest.mark.parametrize("task", MADE)
def test_what_has_several_parts_or_is_read_as_it_is_can_be_simulated_too(task, lead):
    make, labels, learner, metric = MADE[task]
    project = projects.create_project(lead, task, task, [{"name": name} for name in labels])
    made = [make(n) for n in range(90)]
    items = Item.objects.bulk_create(
        Item(project=project, position=n, content=content, content_hash=content_hash(content), answers=1)
        for n, (content, _value) in enumerate(made)
    )
    Annotation.objects.bulk_create(
        Annotation(
            project=project,
            item=item,
            user=lead,
            outcome="label",
            value=project.kind.answer.clean(
                value, AnswerContext(project.label_names(), item.content, project.settings)
            ),
        )
        for item, (_content, value) in zip(items, made, strict=True)
    )
    automatic = TASK_PROFILES[task].content.automatic
    feature_matrices.feature_store().ensure_rows(
        project.pk, 90, lambda start: item_contents.content_chunks(project, start, 90), automatic
    )
    wanted = {"strategies": ["random", "margin"], "learners": [learner], "budget": 40, "batch": 20, "seeds": 1}
    run = finish(requests.request_simulation(project, lead, wanted))
    assert (run.status, run.error) == (JobStatus.DONE, "")
    found = Comparison.from_json(run.comparison)
    assert found.metric == metric == next(iter(TASK_PROFILES[task].answers.replay_metrics))
    assert found.rows[0].full > 0.9, found
    assert found.rows[0].curve[-1][1].mean > 0.6
    assert metric in run.points.splitlines()[0].split(",")
