"""Celery tasks of the `train` queue: ids in, one call, idempotent."""

from celery import shared_task

from annotation.models import WorkerSign
from learner import rounds


@shared_task
def run_rounds(project_pk: int) -> None:
    """Run the rounds of one project that are due; none is, when another worker was first."""
    rounds.run_due(project_pk)


@shared_task
def build_features(project_pk: int) -> None:
    """Bring the feature matrix up to the project's items."""
    rounds.build_features(project_pk)


@shared_task
def sweep() -> None:
    """Find what a lost message or a dead worker left behind."""
    WorkerSign.leave(rounds.QUEUE)
    for project_pk, _ in rounds.due():
        run_rounds.delay(project_pk)
