"""Who may answer about which item, and which answers come beyond what was asked for.

An answer about an item is taken from whoever has it or had it: a lease, an earlier answer, or the signed proof that
it was assigned, as a lease that ran out is deleted. Anybody else could choose what to answer, the test sample
included, or outvote an answer. Reviewers and leads may answer items of the pool that they searched for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils import timezone

from annotation.access import may_see_all_answers, role_in
from annotation.errors import Forbidden
from annotation.lazy_text import LazyText as _
from annotation.models import Annotation, Assignment, Item, Mark, Project, QueueEntry, Reason, Split, User
from annotation.queue.assignment_proof import read_proof
from annotation.queue.claiming import claim_entries, first_free_slots


class NotAssigned(Forbidden):
    """The person has not been given the item; `details` names the answer."""

    message = _("This item was not assigned to you: take items from the queue.")
    code = "not_assigned"


class UnleasedAnswer(Protocol):
    """What is looked at of an answer without a lease."""

    @property
    def uuid(self) -> object: ...
    @property
    def item(self) -> int: ...
    @property
    def assignment(self) -> str: ...


@dataclass(frozen=True)
class Admission:
    """How an answer without a lease is taken: how its item was chosen, and what is to be noted."""

    provenance: dict[str, Any]
    mark: Mark | None = None


def admit_unleased_answers(
    project: Project, user: User, answers: Sequence[UnleasedAnswer], items: Iterable[Item]
) -> dict[int, Admission]:
    """Decide about answers without a lease; return {item: how it is taken}, without those that have a lease now.

    A person to whom the item was assigned gets a place of it again where one is left. `items` has those of the
    answers. Raises NotAssigned that names the first answer to refuse.
    """
    by_pk = {item.pk: item for item in items}
    provenances = _earlier_provenances(project, user, answers, by_pk)
    others = [answer for answer in answers if answer.item not in provenances]
    admissions = _admit_unassigned(project, user, others, by_pk) if others else {}
    leased = _lease_again(project, user, [by_pk[pk] for pk in provenances], provenances)
    late = {pk: Admission(how, Mark.LATE) for pk, how in provenances.items() if pk not in leased}
    return admissions | late


def _earlier_provenances(
    project: Project, user: User, answers: Sequence[UnleasedAnswer], items: dict[int, Item]
) -> dict[int, dict[str, Any]]:
    """Return {item: how it was chosen} of those that the person has had, by an earlier answer or by proof."""
    earlier = Annotation.objects.filter(user=user, item__in=items).order_by("pk")
    provenances = {row.item_id: row.provenance() for row in earlier}
    for answer in answers:
        if proof := read_proof(answer.assignment, project.pk, user.pk, answer.item):
            provenances.setdefault(answer.item, proof.provenance(items[answer.item]))
    return provenances


def _admit_unassigned(
    project: Project, user: User, answers: Sequence[UnleasedAnswer], items: dict[int, Item]
) -> dict[int, Admission]:
    """Return how to store answers about items nobody was asked about; raises where the person may not choose items."""
    if may_see_all_answers(role_in(user, project)):
        mark = None
    elif accepts_unsigned(project):
        mark = Mark.UNASSIGNED
    else:
        raise _not_assigned_error(answers[0])
    for answer in answers:
        if items[answer.item].split != Split.POOL:
            raise _not_assigned_error(answer)
    return {answer.item: Admission({"reason": Reason.SEARCH}, mark) for answer in answers}


def _not_assigned_error(answer: UnleasedAnswer) -> NotAssigned:
    return NotAssigned(details={"uuid": str(answer.uuid), "item": answer.item})


def accepts_unsigned(project: Project) -> bool:
    """Whether browsers may still have answers from before assignments were signed."""
    return project.unsigned_until is not None and timezone.now() < project.unsigned_until


def _lease_again(
    project: Project, user: User, items: Sequence[Item], provenances: dict[int, dict[str, Any]]
) -> set[int]:
    """Lease those of the items that still want an answer and have a place that nobody else has; return which."""
    overlap = project.options.overlap
    wanted = [item.pk for item in items if item.answers < overlap]
    if not wanted:
        return set()
    slots = first_free_slots(wanted, overlap)
    entries = [QueueEntry(item_id=pk, slot=slot, rank=0, **provenances[pk]) for pk, slot in slots.items()]
    claim_entries(project, user, entries)
    leases = Assignment.objects.filter(user=user, item__in=[entry.item_id for entry in entries])
    return set(leases.values_list("item_id", flat=True))
