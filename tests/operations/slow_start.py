"""For a worker's --include: its processes take as long to start as on a machine that is busy with other things."""

import time

from celery.signals import worker_process_init

SECONDS = 6.0  # more than the four that Celery waits unless it is told otherwise


@worker_process_init.connect
def linger(**kwargs: object) -> None:
    time.sleep(SECONDS)
