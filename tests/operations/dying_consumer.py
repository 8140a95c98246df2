"""For a worker to include: a task that takes long, and one that makes the event loop of the consumer fail."""

import time

from celery import bootsteps, shared_task

from alproject.celery import app

WAIT_SECONDS = 3.0


@shared_task
def take_long() -> None:
    time.sleep(600)


class Die(bootsteps.StartStopStep):
    """Ends the consumer by an error that it cannot recover from, as a fault in the broker's library did."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def start(self, parent: "bootsteps.Step") -> None:
        def fail() -> None:
            raise AttributeError("'NoneType' object has no attribute 'hostname'")

        # as an acknowledgement is called, which nothing guards; errors of timers and readers are only logged
        parent.hub.call_later(WAIT_SECONDS, parent.hub.call_soon, fail)  # type: ignore[attr-defined]


app.steps["consumer"].add(Die)
