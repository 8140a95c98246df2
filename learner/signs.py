"""Signs of life: what a worker that computes leaves behind so that nobody takes it for dead."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from annotation.models import WorkerSign
from learner.due import QUEUE
from learner.models import RoundQuerySet

logger = logging.getLogger(__name__)


@contextmanager
def sign_of_life(rounds: RoundQuerySet | None = None) -> Iterator[None]:
    """Show that this worker (and the round it works for) is alive, from a thread with its own connection."""
    done = threading.Event()

    def sign() -> None:
        WorkerSign.leave(QUEUE)
        if rounds is not None:
            rounds.update(heartbeat_at=timezone.now())

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
