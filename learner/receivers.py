"""Wake a worker when annotation announces something. A message that gets lost is found by the sweep."""

from collections import Counter
from functools import partial
from threading import Lock

from django.conf import settings
from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver

from annotation.models import Project
from annotation.outbox import OUTBOX
from annotation.signals import answers_committed, items_committed, labels_changed
from learner.rounds.scheduling import request_round
from learner.rounds.waking import count_down_answers, wake_worker

LINGER_SECONDS = 0.1  # that answers are collected before they are counted in the broker
_lock = Lock()
_uncounted: Counter[int] = Counter()  # project -> answers of this process that the broker has not counted yet


@receiver(answers_committed)
def on_answers_committed(sender: object, project_id: int, count: int = 1, **kwargs: object) -> None:
    """Count the answers, beside the request; asking whether a round is due would cost more than the answer."""
    with _lock:
        _uncounted[project_id] += count
    OUTBOX.post(("answers", project_id), partial(_send_answer_count, project_id), delay_seconds=LINGER_SECONDS)


def _send_answer_count(project_id: int) -> None:
    """Count a project's new answers of this process in the broker, all at once."""
    with _lock:
        count = _uncounted.pop(project_id, 0)
    if count:
        count_down_answers(project_id, count)


@receiver(items_committed)
def on_items_committed(sender: object, project_id: int, *, done: bool = False, **kwargs: object) -> None:
    if done:
        _request_round_of_search(project_id)
        wake_worker(project_id)
    else:
        wake_worker(project_id, "build_features", done=False)


def _request_round_of_search(project_id: int) -> None:
    """Let a search begin with the answers that an import brought, however few: they are what it is to look for."""
    project = Project.objects.filter(pk=project_id).first()
    if project is not None and project.goal.finds_all and project.rounds.exists():
        request_round(project)


@receiver(labels_changed)
def on_labels_changed(sender: object, project_id: int, **kwargs: object) -> None:
    project = Project.objects.get(pk=project_id)
    if project.rounds.exists():
        request_round(project)
        wake_worker(project_id)


@receiver(post_delete, sender=Project)
def project_deleted(sender: object, instance: Project, **kwargs: object) -> None:
    """Forget its features and models once the deletion stands; a project's number is never used again."""
    from learner.engine.storage.feature_store import (
        FeatureStore,  # brings the numbers along, which the web server can do without
    )

    project_id = instance.pk
    transaction.on_commit(lambda: FeatureStore(settings.STORE_ROOT).delete_project(project_id))
