"""Rows such as a worked project leaves them, made in bulk for tests of what is shown about them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from annotation.models import Annotation, Item, Project, Reason, Split, User
from learner.models import Round, RoundStatus, Trigger


def freeze(items: Sequence[Item], n: int) -> list[Item]:
    """Make the first n items the test sample."""
    chosen = list(items[:n])
    for item in chosen:
        item.split = Split.TEST
    Item.objects.bulk_update(chosen, ["split"])
    return chosen


def answer(items: Sequence[Item], user: User, labels: Sequence[str], **fields: Any) -> list[Annotation]:
    """Give each item one live answer, the newest one minute ago and each earlier one ten seconds before the next."""
    now = timezone.now() - timedelta(minutes=1)
    defaults: dict[str, Any] = {"outcome": "label", "reason": Reason.UNCERTAIN, "seconds": 2.0}
    rows = [
        Annotation(
            project_id=item.project_id,
            item=item,
            user=user,
            value={"labels": [label]},
            created_at=now - timedelta(seconds=10 * (len(items) - n)),
            **{**defaults, **fields},
        )
        for n, (item, label) in enumerate(zip(items, labels, strict=True))
    ]
    for item in items:
        item.answers += 1
    Item.objects.bulk_update(items, ["answers"], batch_size=1000)
    return Annotation.objects.bulk_create(rows)


def add_round(project: Project, predictions: dict[int, str] | None = None, **fields: Any) -> Round:
    """Add a finished round with the model's predictions of the test sample."""
    number = project.rounds.count() + 1
    start = timezone.now() - timedelta(minutes=30) + timedelta(seconds=number)
    said = {str(position): label for position, label in (predictions or {}).items()}
    defaults: dict[str, Any] = {
        "number": number,
        "status": RoundStatus.DONE,
        "trigger": Trigger.BATCH,
        "seed": number,
        "labels": 20 * number,
        "started_at": start,
        "finished_at": start + timedelta(seconds=0.8),
        "timings": {"read": 0.1, "fit": 0.3, "score": 0.2, "publish": 0.2},
        "metrics": {"classes": sorted(set(said.values()))},
        "test_predictions": said,
    }
    return Round.objects.create(project=project, **{**defaults, **fields})
