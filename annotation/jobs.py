"""What background runs have in common: claimed by one worker, with a heartbeat, taken over when it dies.

The row is the truth. A worker claims it with a conditional update and writes its name there; every
later write asks for that name, so that a worker thought dead cannot write after its successor.
"""

import logging
import os
import secrets
import socket
import time
from collections.abc import Callable
from typing import Any, TypeAlias

from celery import current_app
from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models.functions import Coalesce, Now
from django.utils import timezone
from django.utils.translation import gettext
from kombu.exceptions import OperationalError as BrokerError

from annotation.errors import Conflict, MarginError
from annotation.models import Export, Import, LabelChange, Run, RunStatus, WorkerSign

logger = logging.getLogger(__name__)

AnyRun: TypeAlias = Run
# Other apps add theirs when they start.
TASKS: dict[type[AnyRun], str] = {
    Import: "annotation.tasks.import_run",
    Export: "annotation.tasks.export_run",
    LabelChange: "annotation.tasks.label_change_run",
}
QUEUE = "default"


class Lost(Exception):
    """Another worker has taken this run over."""


def worker_name() -> str:
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"


def enqueue(run: AnyRun) -> None:
    """Make a draft wait for a worker and wake one after commit; raises Conflict when it was started before."""
    rows = type(run).objects.filter(pk=run.pk, status=RunStatus.DRAFT)
    if rows.update(status=RunStatus.QUEUED) != 1:
        raise Conflict(gettext("This was started already."))
    run.status = RunStatus.QUEUED
    wake_on_commit(run)


def wake_on_commit(run: AnyRun) -> None:
    transaction.on_commit(lambda: wake(type(run), run.pk))


def wake(model: type[AnyRun], pk: int) -> None:
    """Tell a worker. A message that cannot be sent is no loss: the sweep finds the run."""
    try:
        current_app.send_task(TASKS[model], [pk], queue=QUEUE, ignore_result=True)
    except BrokerError as error:
        logger.warning("%s %s waits for the sweep: %s", model.__name__, pk, error)


def claim(model: type[AnyRun], pk: int, worker: str) -> AnyRun | None:
    """Return the run when it is now this worker's, None when somebody else has it or it has ended."""
    rows = model.objects.waiting().filter(pk=pk)
    started = Coalesce("started_at", Now())
    got = rows.update(
        status=RunStatus.RUNNING, worker=worker, heartbeat_at=timezone.now(), started_at=started, error=""
    )
    if got != 1:
        return None
    return model.objects.select_related("project").get(pk=pk)  # type: ignore[misc, no-any-return]


def save(run: AnyRun, **fields: Any) -> None:
    """Write fields and a heartbeat, in one query; raises Lost when the run is no longer this worker's."""
    rows = type(run).objects.filter(pk=run.pk, worker=run.worker, status=RunStatus.RUNNING)
    if rows.update(heartbeat_at=timezone.now(), **fields) != 1:
        raise Lost
    for name, value in fields.items():
        setattr(run, name, value)


class Pulse:
    """Call it often; every few seconds it leaves a sign of life of the run and of the worker."""

    def __init__(self, run: AnyRun) -> None:
        self._run = run
        self._every = max(0.2, settings.STALE_SECONDS / 6)
        self._last = 0.0

    def __call__(self, _progress: int = 0, **fields: Any) -> None:
        if time.monotonic() - self._last >= self._every:
            self._last = time.monotonic()
            save(self._run, **fields)
            WorkerSign.leave(QUEUE)


def perform(model: type[AnyRun], pk: int, work: Callable[[Any], None], worker: str = "") -> None:
    """Claim a run and do its work; an error that is a person's affair is kept with the run.

    An error of the database leaves the run as it is: the sweep has it taken over when its heartbeat is stale.
    """
    run = claim(model, pk, worker or worker_name())
    if run is None:
        return
    try:
        work(run)
    except Lost:
        logger.warning("%s %s was taken over by another worker", model.__name__, pk)
    except MarginError as error:
        _fail(run, error.message)
    except OperationalError:
        raise
    except Exception as error:
        logger.exception("%s %s failed", model.__name__, pk)
        _fail(run, gettext("Something went wrong (%s). The log of the worker says more.") % type(error).__name__)


def _fail(run: AnyRun, message: str) -> None:
    try:
        save(run, status=RunStatus.FAILED, error=message, finished_at=timezone.now())
    except Lost:
        logger.warning("%s %s failed after it was taken over: %s", type(run).__name__, run.pk, message)


def sweep() -> None:
    """Leave the worker's sign, and wake a worker for whatever waits or was left by a dead one."""
    WorkerSign.leave(QUEUE)
    for model in TASKS:
        for pk in model.objects.waiting().values_list("pk", flat=True):
            wake(model, pk)


def worker_is_there() -> bool:
    sign = WorkerSign.objects.filter(queue=QUEUE).first()
    return sign is not None and sign.is_fresh
