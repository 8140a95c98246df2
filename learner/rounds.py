"""Rounds: claim one that is due, run it, publish it.

A project has one running round by constraint. A worker that died is taken over when its
heartbeat is stale; a failed round is kept with its error and tried again with backoff.
"""

import hashlib
import json
import logging
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_noop

from annotation import queue
from annotation.models import Project, WorkerSign
from learner import bridge, featurechoice, limits
from learner.aside import aside
from learner.cycle import Choice, CycleInput, CycleResult, CycleSettings, run_cycle
from learner.due import QUEUE, ask, due, wake
from learner.features.encoder import PREFIX, EncoderMissing
from learner.matrices import Matrix, head
from learner.measures.folds import chosen_out_of_fold
from learner.models import LearnerState, Round, RoundStatus, Trigger
from learner.stopping import stopset
from learner.store import FeatureStore

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
    with _sign_of_life():
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
    """Run a claimed round to its end; a failure is kept in the round. Return whether it was published."""
    try:
        with _sign_of_life(current):
            _run(current)
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
    result = aside(run_cycle, given, chosen_settings)
    _publish(current, given, result, {"read": read, **result.timings}, started)
    _judge_chosen(current, given, chosen_settings)
    limits.hold(project.pk)
    if not store().is_final(project.pk, moment.items, featurechoice.chosen(project)[0]):
        wake(project.pk, "build_features")


def _publish(current: Round, given: CycleInput, result: CycleResult, timings: dict[str, float], started: float) -> None:
    """Save the model, then swap the queue and close the round in one transaction, if it is still ours."""
    project, before = current.project, perf_counter()
    if result.model is not None:
        store().save_model(project.pk, current.number, result.model.with_features(current.settings["features"]))
    entries = queue.entries(project, bridge.ranked(project, result.choices), current.number)
    _describe(current, given, result)
    with transaction.atomic():
        mine = Round.objects.filter(pk=current.pk, worker=current.worker, status=RoundStatus.RUNNING)
        if not mine.select_for_update().exists():
            raise RoundLost
        current.published = queue.swap(project, entries)
        current.status, current.finished_at = RoundStatus.DONE, timezone.now()
        current.timings = timings | {"publish": perf_counter() - before, "total": perf_counter() - started}
        current.save()
        state = LearnerState.objects.filter(project=project)
        state.update(failures=0, retry_at=None)
        state.filter(asked_at__lte=current.started_at).update(asked_at=None)


def _judge_chosen(current: Round, given: CycleInput, chosen_settings: CycleSettings) -> None:
    """Add the naive figure of the chosen labels, once nobody waits for the queue any more."""
    found = aside(chosen_out_of_fold, given, chosen_settings)
    if found is not None:
        current.metrics = current.metrics | {"out_of_fold": dict(zip(("right", "n"), found, strict=True))}
        Round.objects.filter(pk=current.pk).update(metrics=current.metrics)


def _describe(current: Round, given: CycleInput, result: CycleResult) -> None:
    """Note in the round what the turn found out."""
    current.labels, current.control_labels = len(given.train_rows), len(given.control_rows)
    current.note = result.note or _note_of_features(current)
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
    current.stop_predictions = stopset.pack(given.stop_rows, result.stop_predictions)
    current.test_predictions = by_position(given, result.test_predictions)
    current.test_scores = scores_by_position(given, result.test_scores)
    current.control_predictions = by_position(given, result.control_predictions)


def _note_of_features(current: Round) -> str:
    """Return why the features are not those that the lead asked for."""
    kind, why = featurechoice.chosen(current.project)
    return why or (store().complaint(current.project_id) if kind.startswith(PREFIX) else "")


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
        mine = Round.objects.filter(pk=current.pk, worker=current.worker, status=RoundStatus.RUNNING)
        message = f"{type(error).__name__}: {error}"[:2000]
        if not mine.update(status=RoundStatus.FAILED, finished_at=timezone.now(), error=message):
            return
        state, _ = LearnerState.objects.select_for_update().get_or_create(project=current.project)
        state.failures = min(state.failures + 1, 1000)
        wait = min(BACKOFF_SECONDS * 2 ** min(state.failures - 1, 10), LONGEST_BACKOFF)
        state.retry_at = timezone.now() + timedelta(seconds=wait)
        state.save()


@contextmanager
def _sign_of_life(current: Round | None = None) -> Iterator[None]:
    """Show that this worker (and the round it runs) is alive, from a thread with its own connection."""
    done = threading.Event()

    def sign() -> None:
        WorkerSign.leave(QUEUE)
        if current is not None:
            Round.objects.filter(pk=current.pk, worker=current.worker).update(heartbeat_at=timezone.now())

    def beat() -> None:
        try:
            while not done.wait(settings.STALE_SECONDS / 5):
                try:
                    sign()
                except DatabaseError:
                    logger.warning("a sign of life failed once", exc_info=True)
        finally:
            connection.close()

    thread = threading.Thread(target=beat, name="sign-of-life", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
