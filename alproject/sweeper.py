"""Beat's scheduler: it does the sweeps itself, so that they wait in no queue behind the work that they are to find.

What may take long, an entry with options, is sent to a worker as ever.
"""

import logging
from functools import partial

from celery.beat import PersistentScheduler, ScheduleEntry
from django.db import close_old_connections

from annotation.broker import send_message
from annotation.outbox import OUTBOX

logger = logging.getLogger(__name__)


class Sweeper(PersistentScheduler):
    """Runs what is due in this process; a broker that is away does not stop it."""

    producer = None  # type: ignore[assignment]  # else it would wait for a connection that it does not need

    def apply_entry(self, entry: ScheduleEntry, producer: object = None) -> None:
        """Run or send a task of the schedule; what it raises is logged, and it is due again."""
        if entry.options:
            OUTBOX.post(entry.task, partial(send_message, str(entry.task), **entry.options))
            return
        close_old_connections()
        try:
            self.app.tasks[str(entry.task)]()
        except Exception:
            logger.exception("%s failed; it is tried again", entry.task)
