"""Wake a worker when annotation announces something. A message that gets lost is found by the sweep."""

import logging
from typing import Any

from django.dispatch import receiver
from kombu.exceptions import OperationalError

from annotation.announcements import answers_committed, items_committed, labels_changed
from annotation.models import Project
from learner import rounds, tasks

logger = logging.getLogger(__name__)


def _wake(task: Any, project_id: int) -> None:
    try:
        task.delay(project_id)
    except OperationalError:
        logger.warning("no broker: the sweep will find project %s", project_id)


@receiver(answers_committed)
def answers_came(sender: object, project_id: int, **kwargs: object) -> None:
    if rounds.due(project_id):
        _wake(tasks.run_rounds, project_id)


@receiver(items_committed)
def items_came(sender: object, project_id: int, done: bool = False, **kwargs: object) -> None:
    _wake(tasks.run_rounds if done else tasks.build_features, project_id)


@receiver(labels_changed)
def labels_came(sender: object, project_id: int, **kwargs: object) -> None:
    project = Project.objects.get(pk=project_id)
    if project.rounds.exists():
        rounds.ask(project)
        _wake(tasks.run_rounds, project_id)
