"""What a Celery worker does besides: it shows that it takes messages, and it does not outlive its consumer.

Both run in the worker's main process, which does no work itself. What its pool is doing says nothing about the
consumer: a worker whose consumer has died waits for its running tasks, maybe for hours, and takes no message meanwhile.
"""

import logging
import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from celery import Celery, Task, bootsteps
from celery.platforms import EX_FAILURE
from celery.signals import task_postrun, task_prerun
from kombu.asynchronous.timer import Entry

if TYPE_CHECKING:
    from celery.worker import WorkController
    from celery.worker.consumer import Consumer

logger = logging.getLogger(__name__)

LEAVE_SECONDS = 10.0  # that running tasks have to end once the consumer has died


class ConsumerHeartbeat(bootsteps.StartStopStep):
    """Writes a heartbeat of each queue from the event loop that takes its messages.

    The step starts when the consumer is connected and stops when it is not: a worker that waits for its broker, or
    whose consumer has died, is silent.
    """

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, parent: "Consumer", **kwargs: object) -> None:
        super().__init__(parent, **kwargs)
        self._timer: Entry | None = None

    def start(self, parent: "Consumer") -> None:
        from annotation.heartbeat import heartbeat_interval_seconds, touch_queues  # Django is set up by now

        def beat() -> None:
            touch_queues(parent.app.amqp.queues.consume_from)

        beat()
        self._timer = parent.timer.call_repeatedly(heartbeat_interval_seconds(), beat)

    def stop(self, parent: "Consumer") -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class LeaveWithConsumer(bootsteps.StartStopStep):
    """Ends the worker soon after its consumer has died of an error; whoever looks after it starts another.

    A worker that was asked to stop finishes what it has begun.
    """

    def close(self, parent: "WorkController") -> None:
        if parent.exitcode == EX_FAILURE:
            logger.critical("The consumer has died; this worker ends in %g seconds.", LEAVE_SECONDS)
            leave_after(LEAVE_SECONDS)


def leave_after(seconds: float, leave: Callable[[int], object] = os._exit) -> threading.Timer:
    """End this process after so many seconds, whatever it is doing then."""
    timer = threading.Timer(seconds, leave, (EX_FAILURE,))
    timer.daemon = True
    timer.start()
    return timer


def keep_usable_connections(task: "Task[..., object]", **kwargs: object) -> None:
    """Close, between two messages, the connections that broke or are too old, as Django does between requests."""
    from django.db import close_old_connections

    if task.request.is_eager:  # called in somebody's transaction, by no message
        return

    close_old_connections()


def install_steps(app: Celery) -> None:
    task_prerun.connect(keep_usable_connections)
    task_postrun.connect(keep_usable_connections)
    app.steps["consumer"].add(ConsumerHeartbeat)
    app.steps["worker"].add(LeaveWithConsumer)
