"""Celery tasks of the `train` queue: ids in, one call, idempotent.

The numbers are imported when a worker process starts, and by nobody who merely sends a message.
"""

from celery import shared_task
from celery.signals import worker_process_init

from annotation.models import WorkerSign
from learner.rounds.scheduling import QUEUE, due, forgotten, wake


@worker_process_init.connect
def load_numbers(**kwargs: object) -> None:
    """Import what rounds need before the first one is due: it takes a second or two."""
    from learner.rounds import feature_matrices, shard_rounds  # noqa: F401


@shared_task
def run_rounds(project_pk: int) -> None:
    """Run the rounds of one project that are due; none is, when another worker was first."""
    from learner.rounds import running

    running.run_due(project_pk)


@shared_task(ignore_result=False)  # a chord counts the results of its tasks
def score_shard(pk: int, start: int, stop: int) -> None:
    """Score the items start..stop-1 for a round that was handed out; nothing to do when that is done, or the round."""
    from learner.rounds import shard_rounds

    shard_rounds.score_shard(pk, (start, stop))


@shared_task
def go_on(pk: int, worker: str) -> None:
    """Publish a round that was handed out, or hand out again what is lost; `worker` is the one who had it."""
    from learner.rounds import shard_rounds

    shard_rounds.finish_sharded(pk, worker)


@shared_task
def build_features(project_pk: int, done: bool = True) -> None:
    """Bring the feature matrix up to the project's items; while they still come in, only what is quick."""
    from learner.rounds import feature_matrices

    feature_matrices.build_features(project_pk, done)


@shared_task
def simulate(pk: int) -> None:
    """Go on with a simulation; sent to the queue `default`, so that rounds never wait for it."""
    from learner.simulations.worker import run

    run(pk)


@shared_task
def sweep() -> None:
    """Find what a lost message or a dead worker left behind."""
    WorkerSign.leave(QUEUE)
    for project_pk, _ in due():
        wake(project_pk)
    for pk, worker in forgotten():
        go_on.delay(pk, worker)
