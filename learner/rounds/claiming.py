"""Who runs a round: claim one, keep it while working, record why it failed.

A project has one running round by constraint. A worker that died is taken over when its heartbeat is stale; a failed
round is kept with its error and tried again with backoff.
"""

import logging
import uuid
from collections.abc import Callable
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_noop

from annotation.models import Project
from learner.models import LearnerState, Round, RoundQuerySet, RoundStatus, Trigger
from learner.rounds.feature_matrices import store
from learner.rounds.heartbeat import sign_of_life

logger = logging.getLogger(__name__)


BACKOFF_SECONDS, MAX_BACKOFF_SECONDS = 5, 600


class RoundTakenOver(Exception):
    """Another worker has taken this round over."""


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


def run_claimed(current: Round, step: Callable[[Round], None]) -> bool:
    """Work on a round that is ours, with signs of life; a failure is kept in it. Return whether all went well."""
    try:
        with sign_of_life(owned_rows(current)):
            step(current)
    except RoundTakenOver:
        logger.warning("round %s of project %s was taken over", current.number, current.project_id)
        return False
    except Exception as error:
        logger.exception("round %s of project %s failed", current.number, current.project_id)
        record_failure(current, error)
        return False
    return True


def owned_rows(current: Round) -> RoundQuerySet:
    """Return the round as a set of one; of none once it has ended or another worker has it."""
    return Round.objects.filter(pk=current.pk, worker=current.worker, status=RoundStatus.RUNNING)


def lock_owned(current: Round) -> None:
    """Keep the round ours until the transaction ends. Raises RoundTakenOver when it no longer is."""
    if not owned_rows(current).select_for_update().exists():
        raise RoundTakenOver


def record_failure(current: Round, error: Exception) -> None:
    with transaction.atomic():
        message = f"{type(error).__name__}: {error}"[:2000]
        if not owned_rows(current).update(status=RoundStatus.FAILED, finished_at=timezone.now(), error=message):
            return
        state, _ = LearnerState.objects.select_for_update().get_or_create(project=current.project)
        state.failures = min(state.failures + 1, 1000)
        wait = min(BACKOFF_SECONDS * 2 ** min(state.failures - 1, 10), MAX_BACKOFF_SECONDS)
        state.retry_at = timezone.now() + timedelta(seconds=wait)
        state.save()
    store().drop_scores(current.project_id)
