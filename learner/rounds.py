"""Rounds: claim one that is due, run it, publish it.

A project has one running round by constraint. A worker that died is taken over when its
heartbeat is stale; a failed round is kept with its error and tried again with backoff. The
round of a large pool is handed out: it ends its task when the model is fitted, others score, and
who comes last goes on.
"""

import hashlib
import json
import logging
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, fields
from datetime import timedelta
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_noop

from annotation import queue
from annotation.models import Project
from learner import bridge, estimatorchoice, featurechoice, limits, shards
from learner.due import ask, due, wake
from learner.engine.arrays.low_priority import aside
from learner.engine.arrays.sparse import Matrix, head
from learner.engine.contracts.iteration import Choice, CycleInput, CycleResult, CycleSettings, Labels, Learnt
from learner.engine.estimators import Model
from learner.engine.evaluation.cross_validation import chosen_out_of_fold
from learner.engine.features.encoders import EncoderMissing, encoder_features
from learner.engine.loop.iteration import choose, learn, run_cycle
from learner.engine.stopping import stop_set
from learner.engine.storage.feature_store import FeatureStore
from learner.engine.storage.shard_scores import Shard
from learner.engine.task_profiles import LEARNERS
from learner.models import LearnerState, Round, RoundQuerySet, RoundStatus, Trigger
from learner.signs import sign_of_life

logger = logging.getLogger(__name__)

BACKOFF_SECONDS, LONGEST_BACKOFF = 5, 600
BUILD_SECONDS = 30  # at features in one go
MOST_IN_A_ROW = 20  # rounds one message may start; the sweep goes on


class Paused(Exception):
    """Features are not whole yet; the next build goes on where this one stopped."""


class RoundLost(Exception):
    """Another worker has taken this round over."""


def store() -> FeatureStore:
    return FeatureStore(settings.STORE_ROOT)


def build_features(project_pk: int, done: bool = True) -> None:
    """Compute features of the items that came since; where `done`, also those that take longer.

    When better features than the last round had are ready, a round that uses them is due. What takes very long is
    left after a while and taken up again behind the rounds that wait for this worker.
    """
    project = Project.objects.get(pk=project_pk)
    with sign_of_life():
        try:
            _, version = feature_matrix(project, project.item_count, quick=not done, progress=_until(BUILD_SECONDS))
        except Paused:
            wake(project_pk, "build_features")
            return
        except EncoderMissing:
            logger.exception("project %s goes on with the features it has", project_pk)
            store().complain(project_pk, featurechoice.NOT_LOADED)
            return
    last = Round.objects.done().filter(project=project).order_by("-number").first()
    if done and last is not None and last.settings.get("features") != version:
        ask(project)
        wake(project_pk)


def _until(seconds: float) -> Callable[[int], None]:
    """Return what raises Paused when it is called after that time."""
    end = perf_counter() + seconds

    def check(rows: int) -> None:
        if perf_counter() > end:
            raise Paused

    return check


def feature_matrix(
    project: Project, items: int, quick: bool = False, progress: Callable[[int], None] | None = None
) -> tuple[Matrix, str]:
    """Return the features of the project's first items, one row each, and their version.

    Computes what is missing; with `quick` what is there in a moment will do. `progress` is called after each chunk of
    what takes longer and may raise. Raises EncoderMissing where better ones cannot be made.
    """
    features, kind = store(), featurechoice.chosen(project)[0]

    def texts(start: int) -> Iterator[list[str]]:
        return bridge.contents(project, start, items)

    ensure = partial(features.ensure, project.pk, items, texts, kind, seed=project.seed)
    try:
        ensure(quick=True)
    except EncoderMissing:  # it made the current version, and new items have come since
        features.begin_anew(project.pk)
        ensure(quick=True)
    if not quick:
        ensure(progress=progress or (lambda _: None))
    while True:
        version, matrix = features.version(project.pk), features.open(project.pk)
        if version == features.version(project.pk):  # else a better one took its place between the two
            return head(matrix, items), version


# One round


def run_due(project_pk: int) -> int:
    """Run rounds of the project until none is due; return how many ran."""
    count = 0
    while count < MOST_IN_A_ROW and (found := due(project_pk)):
        current = claim(project_pk, found[0][1])
        if current is None:
            break
        count += 1
        if not execute(current):
            break
    return count


def claim(project_pk: int, trigger: Trigger) -> Round | None:
    """Make the running round of the project ours, or return None when another worker was first."""
    now = timezone.now()
    lost = Round.objects.stale().filter(project=project_pk)
    stopped = gettext_noop("The worker stopped in the middle of this round.")
    if lost.exists():
        lost.update(status=RoundStatus.FAILED, finished_at=now, error=stopped)
    number = (Round.objects.filter(project=project_pk).aggregate(last=Max("number"))["last"] or 0) + 1
    project = Project.objects.get(pk=project_pk)
    try:
        with transaction.atomic():
            return Round.objects.create(
                project=project,
                number=number,
                trigger=trigger,
                seed=project.seed ^ number,
                worker=uuid.uuid4().hex,
                started_at=now,
                heartbeat_at=now,
            )
    except IntegrityError:
        return None


def execute(current: Round) -> bool:
    """Run a claimed round until it is published or handed out. Return whether it was; else the round says why not."""
    return _guarded(current, _run)


def _guarded(current: Round, step: Callable[[Round], None]) -> bool:
    """Work on a round that is ours, with signs of life; a failure is kept in it. Return whether all went well."""
    try:
        with sign_of_life(_ours(current)):
            step(current)
    except RoundLost:
        logger.warning("round %s of project %s was taken over", current.number, current.project_id)
        return False
    except Exception as error:
        logger.exception("round %s of project %s failed", current.number, current.project_id)
        _fail(current, error)
        return False
    return True


def _run(current: Round) -> None:
    project, started = current.project, perf_counter()
    bridge.freeze_test_sample(project)
    moment = bridge.now(project)
    features, version = feature_matrix(project, moment.items, quick=True)
    seen = bridge.answers(project, moment.answers_upto)
    current.items, current.in_hand = moment.items, moment.in_hand
    current.answers_upto, current.answers = moment.answers_upto, seen.given
    chosen_settings = bridge.cycle_settings(project)
    current.settings = asdict(chosen_settings) | {"features": version}
    given = bridge.cycle_input(project, moment, features, seen, seed=current.seed, number=current.number)
    read = perf_counter() - started
    if given.contents is None and shards.worth_it(moment.items):
        learnt = aside(learn, given, chosen_settings)
        if learnt.model is not None:
            _hand_out(current, given, learnt, read)
            return
    result = aside(run_cycle, given, chosen_settings)
    if result.model is not None:
        _save_model(current, result.model)
    _publish(current, given, result, {"read": read, **result.timings}, started)
    _afterwards(current, given, chosen_settings)


def _save_model(current: Round, model: Model) -> None:
    store().save_model(current.project_id, current.number, model.with_features(current.settings["features"]))


def _publish(current: Round, given: CycleInput, result: CycleResult, timings: dict[str, float], started: float) -> None:
    """Swap the queue and close the round in one transaction, if it is still ours."""
    project, before = current.project, perf_counter()
    entries = queue.entries(project, bridge.ranked(project, result.choices), current.number)
    _describe(current, given, result)
    with transaction.atomic():
        _hold(current)
        current.published = queue.swap(project, entries)
        current.status, current.finished_at = RoundStatus.DONE, timezone.now()
        current.timings = timings | {"publish": perf_counter() - before, "total": perf_counter() - started}
        current.save()
        state = LearnerState.objects.filter(project=project)
        state.update(failures=0, retry_at=None)
        state.filter(asked_at__lte=current.started_at).update(asked_at=None)


def _ours(current: Round) -> RoundQuerySet:
    """Return the round as a set of one; of none once it has ended or another worker has it."""
    return Round.objects.filter(pk=current.pk, worker=current.worker, status=RoundStatus.RUNNING)


def _hold(current: Round) -> None:
    """Keep the round ours until the transaction ends. Raises RoundLost when it no longer is."""
    if not _ours(current).select_for_update().exists():
        raise RoundLost


def _afterwards(current: Round, given: CycleInput, chosen_settings: CycleSettings) -> None:
    """Do what can wait until the queue is there."""
    project = current.project
    _judge_chosen(current, given, chosen_settings)
    limits.hold(project.pk)
    if not store().is_final(project.pk, current.items, featurechoice.chosen(project)[0]):
        wake(project.pk, "build_features")


def _judge_chosen(current: Round, given: CycleInput, chosen_settings: CycleSettings) -> None:
    """Add the naive figure of the chosen labels, once nobody waits for the queue any more."""
    if not LEARNERS[current.project.task_type].folds:
        return
    found = aside(chosen_out_of_fold, given, chosen_settings, current.project.kind)
    if found is not None:
        current.metrics = current.metrics | {"out_of_fold": dict(zip(("right", "n"), found, strict=True))}
        Round.objects.filter(pk=current.pk).update(metrics=current.metrics)


def _describe(current: Round, given: CycleInput, result: CycleResult) -> None:
    """Note in the round what the turn found out."""
    current.labels, current.control_labels = len(given.train_rows), len(given.control_rows)
    current.note = result.note or estimatorchoice.missed(current.project, result.model) or _note_of_features(current)
    current.metrics = {
        "classes": [] if result.model is None else list(result.model.classes),
        "beta": result.beta if result.beta is None or np.isfinite(result.beta) else "infinite",
        "effective_pool": result.effective_pool,
        "measure": result.measure,
        "ranks": ranks_digest(result.choices),
        "pool": result.pool,
    }
    if result.uncertainty is not None:
        current.metrics["mean_uncertainty"], current.metrics["max_uncertainty"] = result.uncertainty
    current.stop_predictions = stop_set.pack(given.stop_rows, result.stop_predictions)
    current.test_predictions = by_position(given, result.test_predictions)
    current.test_scores = scores_by_position(given, result.test_scores)
    current.control_predictions = by_position(given, result.control_predictions)
    current.test_found, current.control_found = result.test_found, result.control_found


def _note_of_features(current: Round) -> str:
    """Return why the features are not those that the lead asked for."""
    kind, why = featurechoice.chosen(current.project)
    return why or (store().complaint(current.project_id) if encoder_features(kind) else "")


def ranks_digest(choices: Sequence[Choice]) -> str:
    """Return 32 hex digits that are equal for equal items in equal order for equal reasons."""
    text = json.dumps([[choice.row, choice.reason] for choice in choices], separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def by_position(given: CycleInput, predictions: Any) -> dict[str, str]:
    if predictions is None:
        return {}
    return {str(row): str(label) for row, label in zip(given.test_rows, predictions, strict=True)}


def scores_by_position(given: CycleInput, scores: Any) -> dict[str, float]:
    """Return how sure the model was of each test item, to four places."""
    if scores is None:
        return {}
    return {str(row): round(float(score), 4) for row, score in zip(given.test_rows, scores, strict=True)}


def _fail(current: Round, error: Exception) -> None:
    with transaction.atomic():
        message = f"{type(error).__name__}: {error}"[:2000]
        if not _ours(current).update(status=RoundStatus.FAILED, finished_at=timezone.now(), error=message):
            return
        state, _ = LearnerState.objects.select_for_update().get_or_create(project=current.project)
        state.failures = min(state.failures + 1, 1000)
        wait = min(BACKOFF_SECONDS * 2 ** min(state.failures - 1, 10), LONGEST_BACKOFF)
        state.retry_at = timezone.now() + timedelta(seconds=wait)
        state.save()
    store().drop_scores(current.project_id)


# Rounds that are handed out


def _hand_out(current: Round, given: CycleInput, learnt: Learnt, read: float) -> None:
    """Write down what is known so far, and let all workers score; whoever is last goes on from there."""
    assert learnt.model is not None
    _save_model(current, learnt.model)
    current.control_predictions = by_position(given, learnt.control_predictions)
    current.timings = {"read": read, **learnt.timings}
    current.handed_out, current.heartbeat_at = True, timezone.now()
    with transaction.atomic():
        _hold(current)
        current.save()
    store().drop_scores(current.project_id)  # of a round that ended badly
    shards.send(store(), current, shards.missing(store(), current))


def score_shard(pk: int, shard: Shard) -> None:
    """Score a shard of a round that is handed out; nothing when it has ended."""
    running = Round.objects.filter(pk=pk, status=RoundStatus.RUNNING, handed_out=True)
    running.update(heartbeat_at=timezone.now())
    current = running.first()
    if current is None:
        return
    try:
        with sign_of_life(running):
            shards.score(store(), current, shard)
    except Exception as error:
        logger.exception("rows %s to %s of round %s of project %s failed", *shard, current.number, current.project_id)
        _fail(current, error)


def go_on(pk: int, worker: str) -> None:
    """Publish a handed out round that is scored, or hand out again what is missing.

    Only for the first who comes with the name of the worker that had it: a message that arrives twice finds another.
    """
    mine = Round.objects.filter(pk=pk, worker=worker, status=RoundStatus.RUNNING, handed_out=True)
    if mine.update(worker=uuid.uuid4().hex, heartbeat_at=timezone.now()):
        current = Round.objects.get(pk=pk)
        if _guarded(current, _finish):
            run_due(current.project_id)


def _finish(current: Round) -> None:
    if lost := shards.missing(store(), current):
        shards.send(store(), current, lost)
        return
    model, features = shards.rests_on(store(), current)
    given, chosen_settings = given_again(current, features), settings_of(current)
    proba = shards.collect(store(), current)
    seconds = (timezone.now() - current.started_at).total_seconds()
    scored = {"score": max(seconds - sum(current.timings.values()), 0.0)}  # as those who wait have seen it
    learnt = Learnt(model, _control_predictions(current, given), current.timings | scored)
    started = perf_counter() - seconds
    result = aside(choose, given, chosen_settings, learnt, proba)
    _publish(current, given, result, result.timings, started)
    store().drop_scores(current.project_id)
    _afterwards(current, given, chosen_settings)


def _control_predictions(current: Round, given: CycleInput) -> Labels | None:
    """Return what the random arm's model said of the test sample when the round was handed out."""
    said = current.control_predictions
    return np.array([said[str(row)] for row in given.test_rows], dtype=object) if said else None


def given_again(current: Round, features: Matrix) -> CycleInput:
    """Return what a round was given, once more, from the rows as they were at its moment."""
    moment = bridge.Moment(current.items, current.answers_upto, current.in_hand)
    seen = bridge.answers(current.project, moment.answers_upto)
    return bridge.cycle_input(current.project, moment, features, seen, seed=current.seed, number=current.number)


def settings_of(current: Round) -> CycleSettings:
    """Return the settings that the round ran with."""
    known = {field.name for field in fields(CycleSettings)}
    return CycleSettings(**{name: value for name, value in current.settings.items() if name in known})
