"""Rounds that are sharded: the same queue as in one process, whatever is lost, late or said twice."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import numpy as np
import pytest
from celery.result import EagerResult
from django.db import connection
from django.utils import timezone
from kombu.exceptions import OperationalError

from alproject.celery import app as celery_app
from annotation.models import JobStatus, QueueEntry
from learner import tasks
from learner.engine.arrays import batched_scoring
from learner.engine.storage import shard_scores
from learner.engine.uncertainty.pool_scores import PoolScores
from learner.models import LearnerState, Round, Trigger
from learner.rounds import (
    chosen_labels,
    claiming,
    feature_matrices,
    publishing,
    recording,
    running,
    shard_rounds,
    sharding,
    training_data,
    waking,
)
from learner.rounds.replay import replay_round
from learner.rounds.scheduling import due_projects, request_round, stalled_sharded_rounds

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

ROWS = 50
SHARDS = [(0, 50), (50, 100), (100, 120)]


@pytest.fixture(autouse=True)
def _small_shards(settings, monkeypatch):
    """Score in chunks of a few rows, so that 120 items make three shards."""
    settings.SHARD_ROWS = ROWS
    for module in (batched_scoring, shard_scores):
        monkeypatch.setattr(module, "BATCH_ROWS", ROWS)
    for module in (feature_matrices, publishing):
        monkeypatch.setattr(module, "wake_worker", lambda *_, **__: None)


@pytest.fixture
def eager():
    """Run what is sent at once."""
    celery_app.conf.update(task_always_eager=True, task_eager_propagates=True)
    yield
    celery_app.conf.update(task_always_eager=False, task_eager_propagates=False)


@pytest.fixture
def sent(monkeypatch):
    """Groups of messages that were sent: [(arguments of each shard, arguments of the last message)]."""
    found = []

    class Chord:
        def __init__(self, each, last):
            found.append(([list(one.args) for one in each.tasks], list(last.args)))

        def apply_async(self):
            json.dumps(found)
            return EagerResult(None, None, "SUCCESS")

    monkeypatch.setattr(sharding, "chord", Chord)
    return found


@pytest.fixture
def trained(project, messages, annotator, label):
    """A project whose next round has a model."""
    running.run_due_rounds(project.pk)
    label(project, annotator, 40)
    return project


@pytest.fixture
def current(trained, sent):
    """A round that is sharded and of which nothing is scored."""
    running.run_due_rounds(trained.pk)
    return Round.objects.get(sharded=True)


def score_all(current, wanted=SHARDS):
    for shard in wanted:
        shard_rounds.score_shard(current.pk, shard)


def reread(current):
    current.refresh_from_db()
    return current


def silence(current, settings):
    long_ago = timezone.now() - timedelta(seconds=settings.STALE_SECONDS + 1)
    Round.objects.filter(pk=current.pk).update(heartbeat_at=long_ago)


def leftovers(settings, project):
    return list((settings.STORE_ROOT / str(project.pk)).glob("scores/*/*"))


def queue_of(project):
    entries = QueueEntry.objects.filter(project=project).order_by("rank")
    return list(entries.values_list("item__position", "reason", "score", "probability", "suggestion_score"))


@pytest.mark.parametrize("features", ["text", "ngrams"])
@pytest.mark.parametrize("estimator", ["logistic", "committee", "bayes"])
def test_the_queue_is_that_of_one_process_bit_for_bit(estimator, features, trained, eager, settings):
    trained.settings = {**trained.settings, "estimator": estimator, "features": features}
    trained.save()
    feature_matrices.build_features(trained.pk)
    request_round(trained)
    running.run_due_rounds(trained.pk)
    done = Round.objects.latest("number")
    assert (done.status, done.sharded) == (JobStatus.DONE, True), done.error
    again = replay_round(done)
    assert again.is_identical, again.differences
    choices = [(c.row, c.reason, c.score, c.probability, c.label_score) for c in again.result.choices]
    assert queue_of(trained) == choices
    assert done.test_scores == recording.scores_by_position(rounds_given(done), again.result.test_scores)
    assert (done.metrics["mean_uncertainty"], done.metrics["max_uncertainty"]) == again.result.remaining_uncertainty
    assert leftovers(settings, trained) == []


def rounds_given(done):
    features, _ = feature_matrices.ensure_feature_matrix(done.project, done.items, quick=True)
    return training_data.rebuild_iteration_input(done, features)


def test_a_handed_out_round_says_what_a_round_says(trained, eager):
    running.run_due_rounds(trained.pk)
    sharded = Round.objects.latest("number")
    result = replay_round(sharded).result
    assert set(sharded.timings) == {"read", "fit", "control", "score", "choose", "publish", "total"}
    assert all(seconds >= 0 for seconds in sharded.timings.values())
    assert sharded.timings["total"] >= sharded.timings["score"] + sharded.timings["fit"]
    given = rounds_given(sharded)
    assert sharded.control_predictions == recording.predictions_by_position(given, result.control_predictions)
    assert set(sharded.metrics) >= {"ranks", "pool", "classes"}
    chosen_labels.add_out_of_fold_accuracy(trained.pk)
    assert reread(sharded).metrics["out_of_fold"]["n"] > 0


def test_a_small_pool_or_none_to_score_with_is_not_handed_out(project, messages, annotator, label, sent, settings):
    running.run_due_rounds(project.pk)
    assert Round.objects.latest("number").note  # no model yet
    label(project, annotator, 40)
    for rows in (120, 0):
        settings.SHARD_ROWS = rows
        request_round(project)
        running.run_due_rounds(project.pk)
    assert sent == []
    assert set(Round.objects.values_list("status", "sharded")) == {(JobStatus.DONE, False)}


def test_messages_hold_ids_and_rows_and_no_worker_waits(current, sent):
    assert (current.status, due_projects(), stalled_sharded_rounds()) == (JobStatus.RUNNING, [], [])
    assert sent == [([[current.pk, *shard] for shard in SHARDS], [current.pk, current.worker])]
    score_all(current)
    shard_rounds.finish_sharded_round(current.pk, current.worker)
    assert reread(current).status == JobStatus.DONE, current.error
    assert replay_round(current).is_identical


def test_what_is_lost_is_sent_again_and_nothing_else(current, sent, settings):
    score_all(current, SHARDS[1:2])
    silence(current, settings)
    tasks.go_on(*stalled_sharded_rounds()[0])
    assert reread(current).status == JobStatus.RUNNING
    assert sent[1:] == [([[current.pk, *shard] for shard in (SHARDS[0], SHARDS[2])], [current.pk, current.worker])]
    assert stalled_sharded_rounds() == []
    score_all(current)
    shard_rounds.finish_sharded_round(current.pk, current.worker)
    assert reread(current).status == JobStatus.DONE
    assert replay_round(current).is_identical


def test_a_silent_round_is_not_taken_over_but_gone_on_with(current, settings, monkeypatch):
    score_all(current)
    silence(current, settings)
    found = []
    monkeypatch.setattr(waking, "resume_sharded_round", lambda *arguments: found.append(arguments))
    tasks.sweep()
    assert found == [(current.pk, current.worker)]
    assert due_projects() == []
    assert claiming.claim_round(current.project_id, Trigger.REQUESTED) is None
    shard_rounds.finish_sharded_round(*found[0])
    assert reread(current).status == JobStatus.DONE


def test_shards_that_kill_their_workers_are_not_sent_for_ever(current, sent, settings):
    score_all(current, SHARDS[:1])
    for _ in range(Round.MAX_STALLS - 1):
        silence(current, settings)
        tasks.go_on(*stalled_sharded_rounds()[0])
        assert reread(current).status == JobStatus.RUNNING
    silence(current, settings)
    tasks.go_on(*stalled_sharded_rounds()[0])
    assert reread(current).status == JobStatus.FAILED
    assert current.error.startswith("Stalled:")
    assert len(sent) == Round.MAX_STALLS
    assert LearnerState.objects.get(project=current.project).failures == 1


def test_a_shard_that_is_scored_begins_the_count_again(current, settings):
    for shard in SHARDS:
        for _ in range(Round.MAX_STALLS - 1):
            silence(current, settings)
            tasks.go_on(*stalled_sharded_rounds()[0])
        score_all(current, [shard])
        assert reread(current).attempts == 1
    shard_rounds.finish_sharded_round(current.pk, current.worker)
    assert reread(current).status == JobStatus.DONE


def test_a_scored_shard_is_a_heartbeat(current, settings):
    silence(current, settings)
    assert stalled_sharded_rounds() == [(current.pk, current.worker)]
    score_all(current, SHARDS[:1])
    assert stalled_sharded_rounds() == []


def test_messages_that_come_twice_or_late_do_nothing(current, settings, monkeypatch):
    score_all(current)
    with monkeypatch.context() as patch:
        patch.setattr(sharding, "load_model_and_features", broken)
        score_all(current)  # what is there is not scored again
    shard_rounds.finish_sharded_round(current.pk, current.worker)
    before = queue_of(current.project), Round.objects.count()
    shard_rounds.finish_sharded_round(current.pk, current.worker)
    score_all(current)
    assert (queue_of(current.project), Round.objects.count()) == before
    assert leftovers(settings, current.project) == []


def test_only_one_goes_on(current, monkeypatch):
    score_all(current)
    chosen = []
    build_queue = shard_rounds.build_queue
    monkeypatch.setattr(shard_rounds, "build_queue", lambda *given: chosen.append(1) or build_queue(*given))

    def go_on(_):
        try:
            shard_rounds.finish_sharded_round(current.pk, current.worker)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(go_on, range(4)))
    assert chosen == [1]
    assert reread(current).status == JobStatus.DONE


def broken(*args, **kwargs):
    raise MemoryError("no room for the matrix")


@pytest.mark.parametrize("step", ["load_model_and_features", "read_pool_scores"])
def test_a_failure_is_kept_and_the_next_round_comes(step, current, settings, monkeypatch):
    before = queue_of(current.project)
    with monkeypatch.context() as patch:
        score_all(current, SHARDS[:1])
        patch.setattr(sharding, step, broken)
        score_all(current)
        shard_rounds.finish_sharded_round(current.pk, current.worker)
    assert (reread(current).status, current.error) == (JobStatus.FAILED, "MemoryError: no room for the matrix")
    assert queue_of(current.project) == before
    assert leftovers(settings, current.project) == []
    assert LearnerState.objects.get(project=current.project).failures == 1
    LearnerState.objects.update(retry_at=timezone.now())
    running.run_due_rounds(current.project_id)
    following = Round.objects.latest("number")
    score_all(following)
    shard_rounds.finish_sharded_round(following.pk, following.worker)
    assert reread(following).status == JobStatus.DONE


def better_features(project, features="ngrams"):
    project.settings = {**project.settings, "features": features}
    project.save()
    feature_matrices.build_features(project.pk)


def versions(settings, project):
    return sorted(path.name for path in (settings.STORE_ROOT / str(project.pk)).glob("*-v*"))


def test_a_round_finishes_with_the_features_that_it_began_with(current, settings):
    began = current.settings["features"]
    score_all(current, SHARDS[:1])
    better_features(current.project)
    better = feature_matrices.feature_store().current_version(current.project_id)
    better_features(current.project, "tfidf")  # and what came between goes, as ever
    assert better not in versions(settings, current.project)
    score_all(current, SHARDS[1:])
    shard_rounds.finish_sharded_round(current.pk, current.worker)
    assert (reread(current).status, current.settings["features"]) == (JobStatus.DONE, began)
    assert leftovers(settings, current.project) == []
    following = Round.objects.latest("number")  # with the better ones, at once
    assert (following.sharded, following.settings["features"]) == (
        True,
        feature_matrices.feature_store().current_version(current.project_id),
    )
    assert versions(settings, current.project) == [following.settings["features"]]


def test_a_round_that_comes_too_late_for_its_features_is_not_begun(trained, monkeypatch):
    freeze = running.ensure_feature_matrix

    def matrix(project, items, **options):
        found = freeze(project, items, **options)
        better_features(project)
        return found

    monkeypatch.setattr(running, "ensure_feature_matrix", matrix)
    monkeypatch.setattr(running, "fit_models", broken)
    running.run_due_rounds(trained.pk)
    failed = Round.objects.latest("number")
    assert (failed.status, failed.error.split(":")[0]) == (JobStatus.FAILED, "Outdated")


def test_a_round_whose_folder_was_lost_fails_and_is_begun_again(current, settings):
    score_all(current, SHARDS[:1])
    shutil.rmtree(settings.STORE_ROOT)
    score_all(current, SHARDS[1:2])
    assert (reread(current).status, current.error.split(":")[0]) == (JobStatus.FAILED, "Outdated")
    LearnerState.objects.update(retry_at=timezone.now())
    running.run_due_rounds(current.project_id)
    following = Round.objects.latest("number")
    assert following.number > current.number
    assert following.sharded
    score_all(following)
    shard_rounds.finish_sharded_round(following.pk, following.worker)
    assert reread(following).status == JobStatus.DONE, following.error


def test_items_that_come_meanwhile_wait_for_the_next_round(current, make_items):
    make_items(current.project, [f"something that came later {n}" for n in range(60)])
    score_all(current)
    feature_matrices.ensure_feature_matrix(current.project, 180, quick=True)
    shard_rounds.finish_sharded_round(current.pk, current.worker)
    assert (reread(current).status, current.items) == (JobStatus.DONE, 120)
    assert max(row for row, *_ in queue_of(current.project)) < 120
    assert Round.objects.filter(status=JobStatus.RUNNING, items=180, sharded=True).exists()  # at once the next one


def test_without_a_broker_the_sweep_finds_the_round(trained, settings, monkeypatch):
    def apply_async(self, **given):
        raise OperationalError("nobody there")

    with monkeypatch.context() as patch:
        patch.setattr(sharding.chord, "apply_async", apply_async)
        running.run_due_rounds(trained.pk)
    left = Round.objects.get(status=JobStatus.RUNNING)
    silence(left, settings)
    assert stalled_sharded_rounds() == [(left.pk, left.worker)]


def test_what_a_dead_worker_left_is_swept_up_by_the_next_round(current, sent, settings):
    score_all(current)
    claiming.fail_round(current, RuntimeError("stopped"))
    stale = feature_matrices.feature_store().score_files(current.project_id, current.number)
    stale.create_folder()
    stale.write((0, 50), PoolScores(proba=np.ones((50, 2), np.float32)))
    LearnerState.objects.update(retry_at=timezone.now())
    running.run_due_rounds(current.project_id)
    assert len(sent) == 2
    assert leftovers(settings, current.project) == []
