"""Signs of life: what a worker that computes leaves behind so that nobody takes it for dead."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import QuerySet
from django.utils import timezone

from annotation.models import WorkerSign
from learner.rounds.scheduling import QUEUE

logger = logging.getLogger(__name__)


@contextmanager
def sign_of_life(work: QuerySet[Any] | None = None, queue: str = QUEUE) -> Iterator[None]:
    """Show that this worker (and the round or run it works for) is alive, from a thread with its own connection."""
    done = threading.Event()

    def sign() -> None:
        WorkerSign.leave(queue)
        if work is not None:
            work.update(heartbeat_at=timezone.now())

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
