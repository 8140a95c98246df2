"""Rows such as a worked project leaves them, made in bulk for tests of what is shown about them."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any

from django.utils import timezone

from annotation.models import Annotation, Item, JobStatus, Project, QueueEntry, Reason, Split, User
from learner.models import Round, Trigger


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
    defaults: dict[str, Any] = {"outcome": "label", "reason": Reason.UNCERTAIN, "duration_seconds": 2.0}
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
        "status": JobStatus.DONE,
        "trigger": Trigger.BATCH,
        "seed": number,
        "labels": 20 * number,
        "started_at": start,
        "finished_at": start + timedelta(seconds=0.8),
        "timings": {"read": 0.1, "fit": 0.3, "score": 0.2, "publish": 0.2},
        "metrics": {"classes": sorted(set(said.values()))},
        "test_predictions": said,
        "test_scores": {position: 0.5 + 0.05 * (int(position) % 10) for position in said},
    }
    return Round.objects.create(project=project, **{**defaults, **fields})


def predictions(tested: Sequence[Item], truth: Sequence[str], right: float, rng: Random) -> dict[int, str]:
    """Return what a model says that is right with that chance, else another label."""
    names = sorted(set(truth))
    others = {name: [other for other in names if other != name] for name in names}
    return {
        item.position: label if rng.random() < right else rng.choice(others[label])
        for item, label in zip(tested, truth, strict=True)
    }


def work(project: Project, items: Sequence[Item], people: Sequence[User], rounds: int = 14, tested: int = 150) -> None:
    """Make a project look as after some hours of labelling by several people, with a loop that learnt from it."""
    rng = Random(7)
    names = project.label_names()
    shares = [0.62, *[0.38 / max(1, len(names) - 1)] * (len(names) - 1)]
    frozen = freeze(items, tested)
    truth = rng.choices(names, shares, k=tested)
    answered = tested - tested // 5
    answer(frozen[:answered], people[0], truth[:answered], reason=Reason.TEST)
    pool = list(items[tested:])
    for n, user in enumerate(people):
        mine = pool[n * 60 : n * 60 + 20 + 12 * n]
        reason = Reason.RANDOM if n % 2 else Reason.UNCERTAIN
        said = {"suggestion": {"labels": [names[0]]}, "probability": 1 / 300}
        rows = answer(mine, user, rng.choices(names, shares, k=len(mine)), reason=reason, round=1, **said)
        for row in rows:
            row.created_at = timezone.now() - timedelta(hours=abs(rng.gauss(0, 5 + n)))
            row.duration_seconds = abs(rng.gauss(3 + n, 1))
        Annotation.objects.bulk_update(rows, ["created_at", "duration_seconds"])
    for n in range(1, rounds + 1):
        row = add_round(project, predictions(frozen, truth, 0.97 - 0.35 * 0.75**n, rng), published=200)
        if n > 2:
            said = predictions(frozen, truth, 0.9 - 0.35 * 0.8**n, rng)
            row.control_predictions = {str(position): label for position, label in said.items()}
            row.control_labels = 3 * n
        row.settings = {"strategy": "boltzmann"}
        row.metrics |= {"beta": 11.273, "pool": 300, "out_of_fold": {"right": 60, "n": 90}}
        row.note = "" if n > 1 else "Only one label has answers so far."
        row.save()
    QueueEntry.objects.bulk_create(
        QueueEntry(project=project, item=item, rank=rank, reason=Reason.UNCERTAIN, round=rounds)
        for rank, item in enumerate(pool[-180:])
    )
