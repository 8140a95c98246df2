"""Rounds: when one is due, who gets it, what it publishes, and what happens when it fails or dies."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from annotation.models import Import, JobStatus, QueueEntry, Reason
from annotation.projects.projects import update_project
from annotation.queue import leasing
from learner.engine.estimators import MODELS
from learner.models import LearnerState, Round, Trigger
from learner.rounds import claiming, feature_matrices, publishing, round_settings, running, training_data
from learner.rounds.replay import replay_round
from learner.rounds.scheduling import due_projects, request_round

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def broken(*args, **kwargs):
    raise MemoryError("no room for the matrix")


@pytest.fixture
def woken(monkeypatch) -> list[tuple[int, str]]:
    """Messages that a round would have sent."""
    sent: list[tuple[int, str]] = []
    for module in (feature_matrices, publishing):
        monkeypatch.setattr(module, "wake_worker", lambda pk, task="run_rounds", **__: sent.append((pk, task)))
    return sent


def run(project) -> Round:
    running.run_due_rounds(project.pk)
    return Round.objects.filter(project=project).latest("number")


def test_an_empty_project_needs_no_round(project):
    assert due_projects() == []


def test_the_first_round_is_due_when_there_are_items(project, messages):
    assert due_projects() == [(project.pk, Trigger.FIRST)]


def test_no_round_is_due_while_an_import_runs(project, messages):
    run_of_import = Import.objects.create(project=project, name="a.csv", status=JobStatus.RUNNING)
    assert due_projects() == []
    Import.objects.filter(pk=run_of_import.pk).update(status=JobStatus.DONE)
    assert due_projects() == [(project.pk, Trigger.FIRST)]


def test_the_first_queue_is_spread_and_has_its_arms(project, messages):
    first = run(project)
    assert first.status == JobStatus.DONE, first.error
    assert first.note
    assert not first.test_predictions
    reasons = list(QueueEntry.objects.order_by("rank").values_list("reason", flat=True))
    assert set(reasons[:20]) == {Reason.COLD, Reason.TEST, Reason.RANDOM}
    assert due_projects() == []


def test_a_round_is_due_after_a_batch_and_ranks_by_its_model(project, annotator, messages, label):
    run(project)
    label(project, annotator, 19)
    assert due_projects() == []
    label(project, annotator, 1)
    assert due_projects() == [(project.pk, Trigger.BATCH)]
    second = run(project)
    assert second.status == JobStatus.DONE, second.error
    assert second.metrics["classes"] == ["ham", "spam"]
    assert (second.answers, second.note) == (20, "")
    entries = QueueEntry.objects.filter(project=project)
    assert set(entries.values_list("round", flat=True)) == {second.number}
    chosen = entries.filter(reason=Reason.UNCERTAIN)
    assert chosen.count() > 10
    assert all(0 <= entry.score <= 1 and entry.suggestion for entry in chosen)
    assert len(second.test_predictions) == 24
    assert due_projects() == []


def test_a_draw_stores_the_probability_of_each_choice(project, annotator, messages, label):
    project.settings = {"strategy": "boltzmann"}
    project.save()
    run(project)
    label(project, annotator, 20)
    assert run(project).metrics["beta"] > 0
    chosen = QueueEntry.objects.filter(project=project, reason=Reason.UNCERTAIN)
    assert all(0 < entry.probability <= 1 for entry in chosen)
    assert len({entry.probability for entry in chosen}) > 1


def test_new_items_make_a_round_due(project, messages, make_items):
    run(project)
    make_items(project, ["something that came later"])
    assert due_projects() == [(project.pk, Trigger.FIRST)]
    assert run(project).items == 121


def test_a_person_may_ask_for_a_round(project, messages):
    run(project)
    request_round(project)
    assert due_projects() == [(project.pk, Trigger.REQUESTED)]
    assert run(project).trigger == Trigger.REQUESTED
    assert due_projects() == []


@pytest.mark.parametrize("estimator", ["committee", "forest"])
def test_another_estimator_makes_a_round_due_that_uses_it(project, annotator, messages, label, woken, estimator):
    run(project)
    label(project, annotator, 40)
    before = run(project)
    assert due_projects() == []
    update_project(project, settings={"estimator": estimator})
    assert due_projects() == [(project.pk, Trigger.REQUESTED)]
    after = run(project)
    assert (before.settings["estimator"], after.settings["estimator"]) == ("auto", estimator)
    assert (after.status, after.labels) == (JobStatus.DONE, before.labels)
    model = feature_matrices.feature_store().load_model(project.pk, after.number)
    assert isinstance(model, MODELS["committee" if estimator == "committee" else "trees"])
    assert model.features == after.settings["features"]
    assert replay_round(after).is_identical


def test_one_class_so_far_is_no_failure(project, annotator, make_items, label):
    make_items(project, [f"how was your day {n}" for n in range(60)])
    run(project)
    label(project, annotator, 20)
    second = run(project)
    assert second.status == JobStatus.DONE
    assert second.note
    assert QueueEntry.objects.filter(project=project).exists()


def test_all_labelled_is_no_failure(project, annotator, messages, label):
    run(project)
    while label(project, annotator, 50):
        pass
    last = run(project)
    assert (last.status, last.published) == (JobStatus.DONE, 0)


def test_only_one_worker_gets_the_round(project, messages):
    def claim(_):
        try:
            return claiming.claim_round(project.pk, Trigger.FIRST)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        claimed = [current for current in pool.map(claim, range(8)) if current]
    assert len(claimed) == 1
    assert Round.objects.filter(status=JobStatus.RUNNING).count() == 1


def test_a_dead_workers_round_is_taken_over(project, messages, settings):
    dead = claiming.claim_round(project.pk, Trigger.FIRST)
    assert due_projects() == []
    Round.objects.filter(pk=dead.pk).update(heartbeat_at=timezone.now() - timedelta(seconds=settings.STALE_SECONDS + 1))
    assert due_projects() == [(project.pk, Trigger.FIRST)]
    assert run(project).status == JobStatus.DONE
    dead.refresh_from_db()
    assert dead.status == JobStatus.FAILED
    assert "stopped" in dead.error


def test_a_round_that_kills_its_workers_is_tried_less_and_less_often(project, messages, settings):
    waits = []
    for failures in range(1, 5):
        LearnerState.objects.update(retry_at=None)
        assert claiming.claim_round(project.pk, Trigger.FIRST) is not None
        Round.objects.filter(status=JobStatus.RUNNING).update(heartbeat_at=timezone.now() - timedelta(hours=1))
        claiming.fail_stale_round(project)
        claiming.fail_stale_round(project)  # the same death counts once
        state = LearnerState.objects.get(project=project)
        assert state.failures == failures
        waits.append(round((state.retry_at - timezone.now()).total_seconds()) if state.retry_at else 0)
    assert waits == [0, 5, 10, 20]
    assert due_projects() == []
    assert claiming.claim_round(project.pk, Trigger.FIRST) is None
    request_round(project)
    assert run(project).status == JobStatus.DONE
    assert LearnerState.objects.get(project=project).failures == 0


def test_a_project_whose_rounds_never_end_lets_others_have_their_turn(project, messages, monkeypatch):
    other = type(project).objects.create(name="other", task_type=project.task_type, item_count=1)
    woken, ran = [], []
    monkeypatch.setattr(running, "wake_worker", woken.append)
    monkeypatch.setattr(running, "claim_round", lambda pk, _trigger: ran.append(pk) or object())
    monkeypatch.setattr(running, "execute_round", lambda _round: True)
    assert running.run_due_rounds(project.pk) == 1
    assert (ran, woken) == ([project.pk], [project.pk])
    type(project).objects.filter(pk=other.pk).update(item_count=0)
    assert running.run_due_rounds(project.pk) == running.MAX_ROUNDS_IN_A_ROW
    assert woken == [project.pk, project.pk]


def test_a_worker_thought_dead_cannot_publish(project, messages):
    slow = claiming.claim_round(project.pk, Trigger.FIRST)
    Round.objects.filter(pk=slow.pk).update(heartbeat_at=timezone.now() - timedelta(hours=1))
    run(project)
    before = list(QueueEntry.objects.values_list("item", "rank"))
    assert running.execute_round(slow) is False
    assert list(QueueEntry.objects.values_list("item", "rank")) == before


def test_a_failed_round_is_kept_and_tried_again_with_backoff(project, messages, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(running, "run_iteration", broken)
        failed = run(project)
    assert (failed.status, failed.error) == (JobStatus.FAILED, "MemoryError: no room for the matrix")
    assert due_projects() == []
    state = LearnerState.objects.get(project=project)
    assert state.failures == 1
    assert state.retry_at > timezone.now()
    LearnerState.objects.update(retry_at=timezone.now())
    assert run(project).status == JobStatus.DONE
    assert LearnerState.objects.get(project=project).failures == 0


def test_a_failure_leaves_the_queue_as_it_was(project, annotator, messages, label, monkeypatch):
    run(project)
    before = list(QueueEntry.objects.values_list("item", "rank"))
    label(project, annotator, 20)
    monkeypatch.setattr(running, "run_iteration", broken)
    assert run(project).status == JobStatus.FAILED
    assert list(QueueEntry.objects.values_list("item", "rank")) == before


def test_losing_the_feature_store_loses_nothing(project, annotator, messages, label, settings):
    import shutil

    run(project)
    label(project, annotator, 20)
    shutil.rmtree(settings.STORE_ROOT)
    assert run(project).status == JobStatus.DONE


def test_what_is_in_hand_stays_in_hand(project, annotator, messages, label):
    run(project)
    mine = [row.item_id for row in leasing.lease(project, annotator, 10)]
    request_round(project)
    run(project)
    assert [row.item_id for row in leasing.lease(project, annotator, 10)] == mine
    assert not QueueEntry.objects.filter(item__in=mine).exists()


def test_the_same_seed_and_answers_give_the_same_ranks(project, annotator, messages, label):
    run(project)
    label(project, annotator, 20)
    current = run(project)
    snapshot = training_data.Snapshot(current.items, current.answers_upto, current.leased_positions)
    seen = training_data.settled_answers(project, snapshot.answers_upto)
    features, _ = feature_matrices.ensure_feature_matrix(project, snapshot.items)
    given = training_data.build_iteration_input(
        project, snapshot, features, seen, seed=current.seed, number=current.number
    )
    choices = running.run_iteration(given, round_settings.settings_from_project(project)).choices
    published = QueueEntry.objects.filter(project=project).order_by("rank").values_list("item__position", flat=True)
    assert [choice.row for choice in choices] == list(published)


def test_due_is_one_query_whatever_the_number_of_projects(project, messages, django_assert_num_queries):
    from annotation.models import Project

    for n in range(5):
        Project.objects.create(name=f"more {n}", task_type="text_classification", item_count=3)
    with django_assert_num_queries(1):
        assert len(due_projects()) == 6


def test_deleting_a_project_removes_its_features(project, messages, settings):
    run(project)
    folder = settings.STORE_ROOT / str(project.pk)
    assert folder.exists()
    project.delete()
    assert not folder.exists()


def test_a_large_pool_is_ranked_with_quick_features_first(project, annotator, messages, label, monkeypatch, woken):
    from learner.engine.storage import feature_store

    monkeypatch.setattr(feature_store, "MIN_QUICK_ITEMS", 100)
    first = run(project)
    assert first.status == JobStatus.DONE
    assert first.settings["features"].startswith("static")
    assert woken == [(project.pk, "build_features")]
    feature_matrices.build_features(project.pk)
    assert woken[1:] == [(project.pk, "run_rounds")]
    assert due_projects() == [(project.pk, Trigger.REQUESTED)]
    second = run(project)
    assert second.settings["features"].startswith("text")
    feature_matrices.build_features(project.pk)
    assert due_projects() == []
    assert len(woken) == 2


@pytest.mark.parametrize("features", ["static", "lsa", "ngrams", "tfidf"])
def test_other_features_are_made_ready_while_rounds_go_on(features, project, annotator, messages, label, woken):
    run(project)
    label(project, annotator, 20)
    project.settings = {**project.settings, "features": features}
    project.save()
    second = run(project)
    assert second.settings["features"] == "text-v1"
    assert woken == [(project.pk, "build_features")]
    feature_matrices.build_features(project.pk)
    assert due_projects() == [(project.pk, Trigger.REQUESTED)]
    third = run(project)
    assert third.status == JobStatus.DONE
    assert third.settings["features"] == f"{features}-v2"
    assert third.labels == second.labels
    assert len(third.test_predictions) == 24
    assert QueueEntry.objects.filter(project=project, reason=Reason.UNCERTAIN).count() > 10
    assert due_projects() == []
    assert woken[1:] == [(project.pk, "run_rounds")]
