"""Leases: claim free places of the queue for a person, and renew them."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from annotation.database.bulk_insert import insert_unless_taken, to_database_value
from annotation.models import Assignment, Project, QueueEntry, User

ASSIGNMENT_FIELDS = (
    *("project", "user", "answered", "leased_at", "expires_at", "item", "slot", "rank"),
    *QueueEntry.PROVENANCE,
)


def renew_leases(project: Project, user: User) -> None:
    Assignment.objects.filter(project=project, user=user, answered=False).update(expires_at=lease_expiry(project))


def needs_renewal(project: Project, held: Iterable[Assignment]) -> bool:
    """Tell whether half the time of any lease is over: renewing earlier would be a write for nothing."""
    half = timezone.now() + lease_time(project) / 2
    return any(row.expires_at < half for row in held)


def lease_time(project: Project) -> timedelta:
    return timedelta(minutes=project.options.lease_minutes)


def lease_expiry(project: Project) -> datetime:
    return timezone.now() + lease_time(project)


def first_free_slots(items: Sequence[int], overlap: int) -> dict[int, int]:
    """Return {item: its first slot that nobody has}, without items that have none left; one query."""
    taken = set(Assignment.objects.taken().filter(item__in=items).values_list("item_id", "slot"))
    first = {item: next((slot for slot in range(overlap) if (item, slot) not in taken), None) for item in items}
    return {item: slot for item, slot in first.items() if slot is not None}


def claim_entries(project: Project, user: User, entries: Sequence[QueueEntry]) -> int:
    """Make assignments of entries; return how many: those that somebody else won in the meantime are left out."""
    # one order for everybody, so that two transactions cannot wait for each other
    wanted = sorted(entries, key=lambda entry: (entry.item_id, entry.slot))
    period = [
        to_database_value(Assignment, "leased_at", timezone.now()),
        to_database_value(Assignment, "expires_at", lease_expiry(project)),
    ]
    rows = [
        (
            *(project.pk, user.pk, False, *period, entry.item_id, entry.slot, entry.rank),
            *(to_database_value(Assignment, name, value) for name, value in entry.provenance().items()),
        )
        for entry in wanted
    ]
    got = insert_unless_taken(Assignment, ASSIGNMENT_FIELDS, rows) if rows else 0
    if got < len(rows):  # in the way of some may be leases that ran out
        Assignment.objects.expired().filter(item__in=[entry.item_id for entry in wanted]).delete()
        got += insert_unless_taken(Assignment, ASSIGNMENT_FIELDS, rows)
    return got
