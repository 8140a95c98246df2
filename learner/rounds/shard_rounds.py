"""Rounds whose pool is scored in shards: score one, and finish when none is missing."""

import logging
import uuid
from time import perf_counter

import numpy as np
from django.utils import timezone

from learner.engine.arrays.low_priority import aside
from learner.engine.contracts.iteration import FittedIteration, IterationInput, Labels
from learner.engine.loop.iteration import choose
from learner.engine.storage.shard_scores import Shard
from learner.models import Round, RoundStatus
from learner.rounds import round_settings, sharding, training_data
from learner.rounds.claiming import record_failure, run_claimed
from learner.rounds.feature_matrices import store
from learner.rounds.heartbeat import sign_of_life
from learner.rounds.publishing import after_publish, publish
from learner.rounds.running import run_due

logger = logging.getLogger(__name__)


def score_shard(pk: int, shard: Shard) -> None:
    """Score a shard of a round that is handed out; nothing when it has ended."""
    running = Round.objects.filter(pk=pk, status=RoundStatus.RUNNING, handed_out=True)
    running.update(heartbeat_at=timezone.now())
    current = running.first()
    if current is None:
        return
    try:
        with sign_of_life(running):
            sharding.score(store(), current, shard)
    except Exception as error:
        logger.exception("rows %s to %s of round %s of project %s failed", *shard, current.number, current.project_id)
        record_failure(current, error)


def finish_sharded(pk: int, worker: str) -> None:
    """Publish a handed out round that is scored, or hand out again what is missing.

    Only for the first who comes with the name of the worker that had it: a message that arrives twice finds another.
    """
    mine = Round.objects.filter(pk=pk, worker=worker, status=RoundStatus.RUNNING, handed_out=True)
    if mine.update(worker=uuid.uuid4().hex, heartbeat_at=timezone.now()):
        current = Round.objects.get(pk=pk)
        if run_claimed(current, _finish):
            run_due(current.project_id)


def _finish(current: Round) -> None:
    if lost := sharding.missing(store(), current):
        sharding.send(store(), current, lost)
        return
    model, features = sharding.rests_on(store(), current)
    given, chosen_settings = training_data.replayed_input(current, features), round_settings.settings_of(current)
    proba = sharding.collect(store(), current)
    seconds = (timezone.now() - current.started_at).total_seconds()
    scored = {"score": max(seconds - sum(current.timings.values()), 0.0)}  # as those who wait have seen it
    learnt = FittedIteration(model, _control_predictions(current, given), current.timings | scored)
    started = perf_counter() - seconds
    result = aside(choose, given, chosen_settings, learnt, proba)
    publish(current, given, result, result.timings, started)
    store().drop_scores(current.project_id)
    after_publish(current, given, chosen_settings)


def _control_predictions(current: Round, given: IterationInput) -> Labels | None:
    """Return what the random arm's model said of the test sample when the round was handed out."""
    said = current.control_predictions
    return np.array([said[str(row)] for row in given.test_rows], dtype=object) if said else None
