"""Rounds whose pool is scored in shards: score one, and finish when none is missing."""

import logging
from time import perf_counter

import numpy as np
from django.utils import timezone

from annotation import jobs
from annotation.heartbeat import heartbeat
from annotation.models import JobStatus
from learner.engine.arrays.low_priority import run_at_low_priority
from learner.engine.contracts.iteration import FittedIteration, IterationInput, Labels
from learner.engine.loop.iteration import build_queue
from learner.engine.storage.shard_scores import Shard
from learner.models import Round
from learner.rounds import round_settings, sharding, training_data
from learner.rounds.claiming import fail_round, run_claimed_round
from learner.rounds.feature_matrices import feature_store
from learner.rounds.publishing import publish_round, run_after_publishing
from learner.rounds.running import run_due_rounds
from learner.rounds.search_columns import read_search_columns

logger = logging.getLogger(__name__)


def score_shard(pk: int, shard: Shard) -> None:
    """Score a shard of a sharded round; nothing when it has ended."""
    running = Round.objects.filter(pk=pk, status=JobStatus.RUNNING, sharded=True)
    running.update(heartbeat_at=timezone.now())
    current = running.first()
    if current is None:
        return
    try:
        with heartbeat(current, any_worker=True):
            sharding.score_and_store_shard(feature_store(), current, shard)
        running.update(attempts=1)  # it gets on
    except Exception as error:
        logger.exception("rows %s to %s of round %s of project %s failed", *shard, current.number, current.project_id)
        fail_round(current, error)


def finish_sharded_round(pk: int, worker: str) -> None:
    """Publish a sharded round that is scored, or send again the shards that are missing.

    Only for the first who comes with the name of the worker that had it: a message that arrives twice finds another.
    """
    rows = Round.objects.filter(pk=pk, worker=worker, status=JobStatus.RUNNING, sharded=True)
    if rows.update(worker=jobs.worker_name(), heartbeat_at=timezone.now()):
        current = Round.objects.get(pk=pk)
        if run_claimed_round(current, _publish_or_resend_shards):
            run_due_rounds(current.project_id)


class Stalled(Exception):
    """The shards of a round were lost again and again, and none was scored meanwhile."""


def _publish_or_resend_shards(current: Round) -> None:
    """Publish the round once all shards are scored; else send the missing ones. Raises Stalled."""
    if missing := sharding.missing_shards(feature_store(), current):
        if current.attempts >= Round.MAX_STALLS:
            raise Stalled("The workers that scored for this round have died each time.")
        jobs.save_fields(current, attempts=current.attempts + 1)
        sharding.send_shards(feature_store(), current, missing)
        return
    model, features = sharding.load_model_and_features(feature_store(), current)
    settings = round_settings.recorded_settings(current)
    columns = read_search_columns(current.project, current.items, settings)
    inputs = training_data.rebuild_iteration_input(current, features, columns)
    scores = sharding.read_pool_scores(feature_store(), current, model)
    assert current.started_at is not None
    seconds = (timezone.now() - current.started_at).total_seconds()
    scored = {"score": max(seconds - sum(current.timings.values()), 0.0)}  # as those who wait have seen it
    fitted = FittedIteration(model, _stored_control_predictions(current, inputs), current.timings | scored)
    started = perf_counter() - seconds
    result = run_at_low_priority(build_queue, inputs, settings, fitted, scores)
    publish_round(current, inputs, result, result.timings, started)
    feature_store().drop_scores(current.project_id)
    run_after_publishing(current)


def _stored_control_predictions(current: Round, inputs: IterationInput) -> Labels | None:
    """Return the predictions of the random arm's model for the test sample, made before the round was sharded."""
    known = current.control_predictions
    return np.array([known[str(row)] for row in inputs.test_rows], dtype=object) if known else None
