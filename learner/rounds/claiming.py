"""Who runs a round: claim one, keep it while working, record why it failed.

A project has one running round by constraint. What a worker that died has left is failed, and the next round has a new
number. Failures in a row, by an error or by a death, make the next try wait; the first death does not, since workers
are also stopped on purpose.
"""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_noop

from annotation import jobs
from annotation.models import JobStatus, Project
from learner.models import LearnerState, Round, Trigger
from learner.rounds.feature_matrices import feature_store

logger = logging.getLogger(__name__)

MAX_FAILURES = 1000  # that are counted
WORKER_STOPPED = gettext_noop("The worker stopped in the middle of this round.")


def claim_round(project_pk: int, trigger: Trigger) -> Round | None:
    """Make a round of the project that is this worker's, or return None when another was first or it must wait."""
    project = Project.objects.get(pk=project_pk)
    fail_stale_round(project)
    now = timezone.now()
    if LearnerState.objects.filter(project=project, retry_at__gt=now).exists():
        return None
    number = (Round.objects.filter(project=project).aggregate(last=Max("number"))["last"] or 0) + 1
    try:
        with transaction.atomic():
            return Round.objects.create(
                project=project,
                number=number,
                trigger=trigger,
                seed=project.seed ^ number,
                status=JobStatus.RUNNING,
                worker=jobs.worker_name(),
                attempts=1,
                started_at=now,
                heartbeat_at=now,
            )
    except IntegrityError:
        return None


def fail_stale_round(project: Project) -> None:
    """Fail the round of a worker that died, if there is one, and count it."""
    with transaction.atomic():
        dead = Round.objects.stale().filter(project=project)
        if dead.update(status=JobStatus.FAILED, finished_at=timezone.now(), error=WORKER_STOPPED):
            _count_failure_and_back_off(project, free=1)


def run_claimed_round(current: Round, step: Callable[[Round], None]) -> bool:
    """Work on a round that is this worker's; a failure is kept in it. Return whether all went well."""
    return jobs.run_claimed(current, step, message=_error_message, on_failure=_count_failure_and_drop_scores)


def fail_round(current: Round, error: Exception) -> None:
    """Fail a round that is whoever's, as the failure of one shard fails it."""
    jobs.fail_job(current, _error_message(error), _count_failure_and_drop_scores)


def _error_message(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:2000]


def _count_failure_and_drop_scores(current: Round) -> None:
    """Count the failure of a round, and remove its shards once that is committed."""
    _count_failure_and_back_off(current.project)
    transaction.on_commit(lambda: feature_store().drop_scores(current.project_id))


def _count_failure_and_back_off(project: Project, free: int = 0) -> None:
    """Count a failure, and let the next round wait; not after the first `free` ones in a row."""
    state, _ = LearnerState.objects.select_for_update().get_or_create(project=project)
    state.failures = min(state.failures + 1, MAX_FAILURES)
    wait = jobs.backoff_seconds(state.failures - free)
    state.retry_at = timezone.now() + timedelta(seconds=wait) if wait else None
    state.save()
