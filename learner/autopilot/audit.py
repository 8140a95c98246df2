"""Did the server keep its promises? Compares what the annotators know with what the database holds."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from annotation.models import Annotation, Item, Project
from learner.autopilot.api_client import Annotator

ANSWERS_PER_QUERY = 500


@dataclass(frozen=True)
class Audit:
    """What went wrong; all zero when nothing did."""

    lost: int  # answers that the server confirmed and the database does not hold
    changed: int  # answers that are stored for another item than the one they are about
    doubled: int  # items that more people answered than the overlap asks for
    leased_twice: int  # items that two people had leased although the overlap is one
    miscounted: int  # items whose count of answers is not the number of their answers

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.changed or self.doubled or self.leased_twice or self.miscounted)


def audit_answers(project: Project, annotators: Sequence[Annotator]) -> Audit:
    """Check every answer of these annotators, and every item of the project."""
    confirmed = {uuid: item for annotator in annotators for uuid, item in annotator.answered.items()}
    stored = _stored_items_by_uuid(list(confirmed))
    overlap = project.options.overlap
    answers = Annotation.objects.answers().filter(project=project, user__is_machine=False).order_by()
    people = answers.values("item").annotate(people=Count("user", distinct=True))
    return Audit(
        lost=len(confirmed.keys() - stored.keys()),
        changed=sum(stored[uuid] != confirmed[uuid] for uuid in stored),
        doubled=people.filter(people__gt=overlap).count(),
        leased_twice=_count_leased_twice(annotators) if overlap == 1 else 0,
        miscounted=_count_miscounted(project),
    )


def _stored_items_by_uuid(uuids: list[str]) -> dict[str, int]:
    """Return {uuid of an answer: its item} of those that the database holds."""
    rows: dict[str, int] = {}
    for low in range(0, len(uuids), ANSWERS_PER_QUERY):
        answers = Annotation.objects.filter(uuid__in=uuids[low : low + ANSWERS_PER_QUERY]).values_list(
            "uuid", "item_id"
        )
        rows.update((str(uuid), item) for uuid, item in answers)
    return rows


def _count_leased_twice(annotators: Sequence[Annotator]) -> int:
    """Count items that two people had, unless one of them gave it back by skipping."""
    holders = Counter(item for annotator in annotators for item in annotator.seen - annotator.skipped)
    return sum(count > 1 for count in holders.values())


def _count_miscounted(project: Project) -> int:
    live = dict(
        Annotation.objects.answers().filter(project=project).order_by().values_list("item").annotate(n=Count("pk"))
    )
    kept = dict(Item.objects.filter(project=project, answers__gt=0).values_list("pk", "answers"))
    return sum(live.get(pk, 0) != kept.get(pk, 0) for pk in live.keys() | kept.keys())
