"""Wake a worker when annotation announces something. A message that gets lost is found by the sweep."""

import logging
from time import monotonic
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver
from kombu.exceptions import OperationalError

from annotation.announcements import answers_committed, items_committed, labels_changed
from annotation.models import Project
from learner import rounds, tasks

logger = logging.getLogger(__name__)

WAKE_SECONDS = 0.2
_woken: dict[int, float] = {}  # project -> when this process last sent a message


def _wake(task: Any, project_id: int, countdown: float = 0) -> None:
    try:
        task.apply_async((project_id,), countdown=countdown)
    except OperationalError:
        logger.warning("no broker: the sweep will find project %s", project_id)


@receiver(answers_committed)
def answers_came(sender: object, project_id: int, **kwargs: object) -> None:
    """Have a worker look whether a round is due; at most one message each 0.2 s a process.

    The message waits as long as the others are held back, so the worker that reads it sees
    every answer that was committed meanwhile. Asking here would cost more than the answer.
    """
    now = monotonic()
    if now - _woken.get(project_id, -WAKE_SECONDS) >= WAKE_SECONDS:
        _woken[project_id] = now
        _wake(tasks.run_rounds, project_id, countdown=WAKE_SECONDS)


@receiver(items_committed)
def items_came(sender: object, project_id: int, done: bool = False, **kwargs: object) -> None:
    _wake(tasks.run_rounds if done else tasks.build_features, project_id)


@receiver(labels_changed)
def labels_came(sender: object, project_id: int, **kwargs: object) -> None:
    project = Project.objects.get(pk=project_id)
    if project.rounds.exists():
        rounds.ask(project)
        _wake(tasks.run_rounds, project_id)


@receiver(post_delete, sender=Project)
def project_deleted(sender: object, instance: Project, **kwargs: object) -> None:
    """Forget its features and models once the deletion stands; a project's number is never used again."""
    project_id = instance.pk
    transaction.on_commit(lambda: rounds.store().drop(project_id))
