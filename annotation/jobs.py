"""How background jobs are done: claimed by one worker, kept by a heartbeat, taken over, tried again, cancelled.

The row is the truth. A worker claims it with a conditional update and writes its name there; every later write asks for
that name, so that a worker thought dead cannot write after its successor. A message only wakes a worker: which job it
does, the database says, so that no project waits for all jobs of another.
"""

import logging
import os
import secrets
import socket
import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Count, F, Max, Q
from django.db.models.functions import Coalesce, Now
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext, gettext_noop

from annotation.broker import send_message
from annotation.errors import Conflict, DiskFull, MarginError
from annotation.file_storage import is_disk_full
from annotation.heartbeat import heartbeat
from annotation.models import Export, Import, Job, JobQuerySet, JobStatus, LabelChange, WorkerHeartbeat
from annotation.outbox import OUTBOX

logger = logging.getLogger(__name__)

QUEUE = "default"
NEVER = datetime.min.replace(tzinfo=UTC)
BACKOFF_SECONDS, MAX_BACKOFF_SECONDS = 5, 600
MAX_WAKES = 10  # messages of one sweep; each worker that has done a job sends the next
MAX_RUNNING_JOBS = 1  # of one project: the worker's other places are for others
TURN_SECONDS = 10.0  # that a long job works while others wait
TRANSIENT = (OperationalError, InterfaceError, OSError, MemoryError)  # errors that may pass: a job is tried again
WORKER_DIED = gettext_noop(
    "The worker stopped in every attempt, and it was not tried again. It may need more memory than the server has; "
    "the log of the worker says more."
)


@dataclass(frozen=True)
class JobKind:
    """What is done for the jobs of a model."""

    task: str  # the Celery task whose message wakes a worker
    work: str  # dotted path of the function that does a claimed job


# Other apps add theirs when they start.
JOB_KINDS: dict[type[Job], JobKind] = {
    Import: JobKind("annotation.tasks.import_run", "annotation.imports.importing.add_rows"),
    Export: JobKind("annotation.tasks.export_run", "annotation.exports.exporting.write_file"),
    LabelChange: JobKind("annotation.tasks.label_change_run", "annotation.labels.label_changes.change_answers"),
}


class JobTakenOver(Exception):
    """Another worker has this job now, or it has ended."""


class JobCancelled(Exception):
    """A person has cancelled this job."""


# Asking for a job


def start_draft(job: Job) -> None:
    """Queue a draft; raises Conflict when it was started before."""
    rows = type(job).objects.filter(pk=job.pk, status=JobStatus.DRAFT)
    if rows.update(status=JobStatus.QUEUED) != 1:
        raise Conflict(gettext("This was started already."))
    job.status = JobStatus.QUEUED
    wake_worker_after_commit(job)


def wake_worker_after_commit(job: Job) -> None:
    """Wake a worker for a queued job, after commit."""
    transaction.on_commit(lambda: wake_worker(type(job), job.pk))


def wake_worker(model: type[Job], pk: int, expires: float | None = None) -> None:
    """Send a message. One that cannot be sent is no loss: the sweep finds the job."""
    task = JOB_KINDS[model].task
    OUTBOX.post((task, pk), partial(send_message, task, pk, expires=expires))


def cancel_job(job: Job) -> None:
    """Cancel a job that has not ended; a second time changes nothing. Raises Conflict for a draft.

    One that is queued has ended at once, one that runs when its worker next reports progress.
    """
    if job.status == JobStatus.DRAFT:
        raise Conflict(gettext("This was not started yet."))
    rows = type(job).objects.filter(pk=job.pk)
    rows.unfinished().update(cancel_requested=True)  # nobody claims or queues it from now on
    rows.filter(status=JobStatus.QUEUED, cancel_requested=True).update(
        status=JobStatus.CANCELLED, finished_at=timezone.now()
    )
    job.refresh_from_db(fields=["status", "cancel_requested", "finished_at"])


# Which job is next


def run_next_job() -> None:
    """Do the job that is next, if any, and wake a worker for the one after it."""
    job = _claim_next(worker_name())
    if job is None:
        return
    run_claimed(job, import_string(JOB_KINDS[type(job)].work))
    for model, pk in waiting_jobs()[:1]:
        wake_worker(model, pk)


def _claim_next(worker: str) -> Job | None:
    """Claim the job that is next; the order is another where another worker was quicker: its project is at work now."""
    for _ in range(MAX_WAKES):
        candidates = waiting_jobs()
        if not candidates:
            break
        if (job := claim_job(*candidates[0], worker)) is not None:
            return job
    return None


def waiting_jobs(models: Collection[type[Job]] = JOB_KINDS.keys()) -> list[tuple[type[Job], int]]:
    """Return the jobs that wait for a worker, in the order in which they are done.

    First those of the projects that were served longest ago: one with fifty jobs takes turns with one that has one.
    Within a project, the job that nobody has worked on for longest. Of a project at work none waits for a worker, it
    waits for the one that runs.
    """
    jobs = [(model, *row) for model in models for row in _rows_with_last_work(model.objects.waiting())]
    if not jobs:
        return []
    running, served = _recent_work({project for _model, _pk, project, _since in jobs})
    jobs.sort(key=lambda job: (served.get(job[2], NEVER), job[3]))
    return [(model, pk) for model, pk, project, _since in jobs if running[project] < MAX_RUNNING_JOBS]


def _rows_with_last_work(rows: JobQuerySet) -> list[tuple[int, int, datetime]]:
    """Return (pk, project, when it was last worked on, else made) of each job, in no order."""
    return list(rows.order_by().values_list("pk", "project", Coalesce("heartbeat_at", "created_at")))


def _recent_work(projects: set[int]) -> tuple[Counter[int], dict[int, datetime]]:
    """Return how many jobs of each project run, and when any of its jobs was last worked on."""
    running: Counter[int] = Counter()
    served: dict[int, datetime] = {}
    for model in JOB_KINDS:
        live = Q(status=JobStatus.RUNNING) & ~Q(pk__in=model.objects.stale().values("pk"))
        manager: Any = model.objects  # an abstract Job has no project, its models have
        rows = manager.filter(project__in=projects).order_by().values("project")
        for row in rows.annotate(running=Count("pk", filter=live), served=Max("heartbeat_at")):
            running[row["project"]] += row["running"]
            if row["served"] is not None:
                served[row["project"]] = max(row["served"], served.get(row["project"], row["served"]))
    return running, served


def sweep() -> None:
    """Wake workers for what waits or was left by a dead one."""
    busy = [
        model for model in JOB_KINDS if model.objects.unfinished().exists()
    ]  # mostly none: a sweep costs little then
    for model in busy:
        _end_abandoned(model.objects.all())
    for model, pk in waiting_jobs(busy)[:MAX_WAKES]:
        wake_worker(model, pk, expires=settings.SWEEP_SECONDS)


def worker_is_running() -> bool:
    row = WorkerHeartbeat.objects.filter(queue=QUEUE).first()
    return row is not None and row.is_fresh


# Doing a job


def worker_name() -> str:
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"


def claim_job(model: type[Job], pk: int, worker: str) -> Job | None:
    """Return the job when it is now this worker's, None when somebody else has it or it has ended."""
    rows = model.objects.filter(pk=pk)
    _end_abandoned(rows)
    got = rows.waiting().update(
        status=JobStatus.RUNNING,
        worker=worker,
        heartbeat_at=timezone.now(),
        started_at=Coalesce("started_at", Now()),
        attempts=F("attempts") + 1,
        retry_at=None,
        error="",
    )
    if got != 1:
        return None
    manager: Any = model.objects
    job: Job = manager.select_related("project").get(pk=pk)
    return job


def _end_abandoned(rows: JobQuerySet) -> None:
    """End jobs of dead workers that nobody is to take over: those cancelled, and those that were tried too often."""
    stale, now = rows.stale(), timezone.now()
    stale.filter(cancel_requested=True).update(status=JobStatus.CANCELLED, finished_at=now)
    given_up = stale.filter(attempts__gte=rows.model.MAX_DEATHS)
    if given_up.update(status=JobStatus.FAILED, finished_at=now, error=WORKER_DIED):
        logger.error("%s: its worker died in each of %s attempts", rows.model.__name__, rows.model.MAX_DEATHS)


def run_job(model: type[Job], pk: int, work: Callable[[Any], None], worker: str = "") -> None:
    """Claim a job and do it; nothing when another worker has it."""
    job = claim_job(model, pk, worker or worker_name())
    if job is not None:
        run_claimed(job, work)


def run_claimed(
    job: Job,
    work: Callable[[Any], None],
    *,
    message: Callable[[Exception], str] | None = None,
    on_failure: Callable[[Any], None] | None = None,
) -> bool:
    """Work on a job that this worker has claimed, with a heartbeat. Return whether all went well.

    Where it has failed, the row keeps why: a MarginError's own words, or what `message` makes of another error.
    `on_failure` is called in the same transaction. An error that may pass is no failure yet: the job is queued again,
    with growing pauses, as long as it has attempts left.
    """
    try:
        with heartbeat(job):
            work(job)
        return True
    except JobTakenOver:
        logger.warning("%s was taken over by another worker", _job_name(job))
    except JobCancelled:
        owned_rows(job).update(status=JobStatus.CANCELLED, finished_at=timezone.now())
        logger.info("%s was cancelled", _job_name(job))
    except MarginError as error:
        fail_job(job, error.message, on_failure)
    except TRANSIENT as error:
        logger.exception("%s met an error", _job_name(job))
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()  # the next query opens another
        if job.attempts < job.MAX_ATTEMPTS:
            _queue_for_retry(job)
        else:
            fail_job(job, (message or _failure_message)(error), on_failure)
    except Exception as error:
        logger.exception("%s failed", _job_name(job))
        fail_job(job, (message or _failure_message)(error), on_failure)
    return False


def _job_name(job: Job) -> str:
    return f"{type(job).__name__} {job.pk}"


def _failure_message(error: Exception) -> str:
    if is_disk_full(error):
        return str(DiskFull.message)
    return gettext("Something went wrong (%s). The log of the worker says more.") % type(error).__name__


def fail_job(job: Job, message: str, on_failure: Callable[[Any], None] | None = None) -> None:
    """End a job that is this worker's, with the reason."""
    with transaction.atomic():
        ended = owned_rows(job).update(status=JobStatus.FAILED, error=message, finished_at=timezone.now())
        if ended and on_failure is not None:
            on_failure(job)
    if not ended:
        logger.warning("%s failed after it was taken over: %s", _job_name(job), message)


def _queue_for_retry(job: Job) -> None:
    """Queue a job again, for later; one that was cancelled meanwhile has ended."""
    at = timezone.now() + timedelta(seconds=backoff_seconds(job.attempts))
    owned_rows(job).filter(cancel_requested=False).update(status=JobStatus.QUEUED, retry_at=at)
    owned_rows(job).filter(cancel_requested=True).update(status=JobStatus.CANCELLED, finished_at=timezone.now())


def backoff_seconds(failures: int) -> int:
    """Return how long to wait after so many failures in a row: twice as long each time, up to ten minutes."""
    return min(BACKOFF_SECONDS * 2 ** min(failures - 1, 10), MAX_BACKOFF_SECONDS) if failures > 0 else 0


# What the work of a job calls


def owned_rows(job: Job) -> JobQuerySet:
    """Return the job as a set of one; of none once it has ended or another worker has it."""
    return type(job).objects.filter(pk=job.pk, worker=job.worker, status=JobStatus.RUNNING)


def lock_owned(job: Job) -> None:
    """Keep the job this worker's until the transaction ends. Raises JobTakenOver when it no longer is."""
    if not owned_rows(job).select_for_update().exists():
        raise JobTakenOver


def save_fields(job: Job, **fields: object) -> None:
    """Write fields of this worker's job and a heartbeat, in one query. Raises JobTakenOver or JobCancelled."""
    rows = owned_rows(job).filter(cancel_requested=False)
    if rows.update(heartbeat_at=timezone.now(), **fields) != 1:
        raise JobCancelled if owned_rows(job).exists() else JobTakenOver
    for name, value in fields.items():
        setattr(job, name, value)


def save_progress(job: Job, **fields: object) -> None:
    """Write fields of what is done for good: the next worker goes on from there, with all its attempts."""
    save_fields(job, attempts=1, **fields)


def requeue_job(job: Job) -> None:
    """Queue a job that is not done, so that others have their turn, and wake a worker. Raises as `save_fields` does."""
    save_fields(job, status=JobStatus.QUEUED, attempts=0)
    wake_worker(type(job), job.pk)


class Turn:
    """How long a job may work before it makes room for those that wait; begins with the first question."""

    def __init__(self) -> None:
        self._ends_at: float | None = None

    def is_over(self) -> bool:
        """Whether the job has worked for a turn and others wait, which is looked up once a turn."""
        now = time.monotonic()
        if self._ends_at is not None:
            if now < self._ends_at:
                return False
            if waiting_jobs():
                return True
        self._ends_at = now + TURN_SECONDS
        return False


class ProgressReporter:
    """Call it often; every few seconds it writes how far the job is, and raises JobCancelled or JobTakenOver."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._interval = max(0.2, settings.STALE_SECONDS / 6)
        self._last = 0.0

    def __call__(self, _progress: int = 0, **fields: object) -> None:
        if time.monotonic() - self._last >= self._interval:
            self._last = time.monotonic()
            save_fields(self._job, **fields)
