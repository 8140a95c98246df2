"""Wake a worker when annotation announces something. A message that gets lost is found by the sweep."""

from time import monotonic

from django.conf import settings
from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver

from annotation.models import Project
from annotation.signals import answers_committed, items_committed, labels_changed
from learner.rounds.scheduling import request_round, wake

WAKE_SECONDS = 0.2
_woken: dict[int, float] = {}  # project -> when this process last sent a message


@receiver(answers_committed)
def on_answers_committed(sender: object, project_id: int, **kwargs: object) -> None:
    """Have a worker look whether a round is due; at most one message each 0.2 s a process.

    The message waits as long as the others are held back, so the worker that reads it sees
    every answer that was committed meanwhile. Asking here would cost more than the answer.
    """
    now = monotonic()
    if now - _woken.get(project_id, -WAKE_SECONDS) >= WAKE_SECONDS:
        _woken[project_id] = now
        wake(project_id, countdown=WAKE_SECONDS)


@receiver(items_committed)
def on_items_committed(sender: object, project_id: int, *, done: bool = False, **kwargs: object) -> None:
    if done:
        wake(project_id)
    else:
        wake(project_id, "build_features", done=False)


@receiver(labels_changed)
def on_labels_changed(sender: object, project_id: int, **kwargs: object) -> None:
    project = Project.objects.get(pk=project_id)
    if project.rounds.exists():
        request_round(project)
        wake(project_id)


@receiver(post_delete, sender=Project)
def project_deleted(sender: object, instance: Project, **kwargs: object) -> None:
    """Forget its features and models once the deletion stands; a project's number is never used again."""
    from learner.engine.storage.feature_store import (
        FeatureStore,  # brings the numbers along, which the web server can do without
    )

    project_id = instance.pk
    transaction.on_commit(lambda: FeatureStore(settings.STORE_ROOT).delete_project(project_id))
