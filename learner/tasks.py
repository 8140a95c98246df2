"""Celery tasks of the queues `train` and `features`: ids in, one call, idempotent.

The numbers are imported when a worker starts, before its processes are forked; whoever merely sends a message needs
none.
"""

from celery import shared_task
from celery.signals import worker_init, worker_ready

from annotation import jobs
from learner.rounds import waking
from learner.rounds.scheduling import due_projects, stalled_sharded_rounds


@worker_init.connect
def load_numbers(**kwargs: object) -> None:
    """Import what rounds need before the first one is due, once for all of the worker's processes."""
    from learner.rounds import feature_matrices, shard_rounds  # noqa: F401


@worker_ready.connect
def forget_messages(**kwargs: object) -> None:
    """Let messages be sent again that were lost with the worker before this one."""
    waking.clear_all_pending_messages()


@shared_task
def run_rounds(project_pk: int) -> None:
    """Run the rounds of one project that are due; none is, when another worker was first."""
    from learner.rounds import running

    running.run_due_rounds(project_pk)


@shared_task(ignore_result=False)  # a chord counts the results of its tasks
def score_shard(pk: int, start: int, stop: int) -> None:
    """Score the items start..stop-1 for a sharded round; nothing to do when that is done, or the round."""
    from learner.rounds import shard_rounds

    shard_rounds.score_shard(pk, (start, stop))


@shared_task
def go_on(pk: int, worker: str) -> None:
    """Publish a sharded round, or send again the shards that are lost; `worker` is the one who had it."""
    from learner.rounds import shard_rounds

    shard_rounds.finish_sharded_round(pk, worker)


@shared_task
def build_features(project_pk: int, done: bool = True) -> None:  # noqa: FBT001, FBT002  (messages of the first releases have it so)
    """Bring the feature matrix up to the project's items; while they still come in, only what is quick."""
    from learner.rounds import feature_matrices

    waking.clear_pending_message(project_pk, "build_features", done=done)
    feature_matrices.build_features(project_pk, done=done)


@shared_task
def evaluate_chosen(project_pk: int) -> None:
    """Add the out-of-fold accuracy on the chosen labels to the newest round."""
    from learner.rounds import chosen_labels

    waking.clear_pending_message(project_pk, "evaluate_chosen")
    chosen_labels.add_out_of_fold_accuracy(project_pk)


@shared_task
def simulate(pk: int) -> None:
    """Wake a worker of the queue `default`, so that rounds never wait for a simulation."""
    jobs.run_next_job()


@shared_task
def sweep() -> None:
    """Find what a lost message or a dead worker left behind."""
    for project_pk, _ in due_projects():
        waking.wake_worker(project_pk)
    for pk, worker in stalled_sharded_rounds():
        waking.resume_sharded_round(pk, worker)
