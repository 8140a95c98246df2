"""Lease items: what a person labels next.

Promises, each held by a database constraint and not by luck: with overlap 1 no two people get
the same item; the same uuid changes nothing the second time; a person has one live answer about
an item. Leases expire by the clock in the query, so there is no sweeper and nothing to wedge.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from annotation.models import Annotation, Assignment, Item, Project, QueueEntry, Reason, Split, User
from annotation.queue import image_grids, statements
from annotation.queue.claiming import claim_entries, first_free_slots, needs_renewal, renew_leases
from annotation.queue.retrying import MAX_RETRIES, retry_on_conflict
from annotation.queue.suggestion_policy import SuggestionPolicy

MAX_LEASED_ITEMS = 100  # items one person may hold at once


def lease(project: Project, user: User, n: int, *, for_grids: bool = False, skipped: bool = False) -> list[Assignment]:
    """Return up to n items in the user's hands, best first: those held already, then new ones.

    New ones come from the top of the queue; when nothing is ranked, at random from what is open. With `for_grids`
    those come together of which the model says the same. With `skipped` those that the user skipped come last, the
    one that was skipped first before the others.
    Empty only when there is nothing left that this person could answer, or the project is paused.
    """
    n = max(1, min(n, MAX_LEASED_ITEMS))
    held = _renew_held(project, user)
    if len(held) < n and project.paused_at is None:
        if for_grids:
            _lease_for_grids(project, user, n - len(held), held)
        else:
            _lease_more(project, user, n - len(held))
        held = _unexpired_leases(project, user)
        if skipped and len(held) < n:
            _lease_skipped(project, user, n - len(held))
            held = _unexpired_leases(project, user)
    return held[:n]


def _unexpired_leases(project: Project, user: User) -> list[Assignment]:
    now = timezone.now()
    return [row for row in statements.active_leases(project.pk, user.pk) if row.expires_at > now]


def _renew_held(project: Project, user: User) -> list[Assignment]:
    """Renew all that the user holds (a sign of life) and return it; one query when nothing is held."""
    held = statements.active_leases(project.pk, user.pk)
    overlap = project.options.overlap
    lost = [row.pk for row in held if row.item.answers >= overlap]  # a late answer of somebody else came in
    if lost:
        Assignment.objects.filter(pk__in=lost).delete()
        held = [row for row in held if row.pk not in lost]
    if needs_renewal(project, held):
        renew_leases(project, user)
    return held


def _lease_more(project: Project, user: User, n: int) -> None:
    """Put up to n more items into the user's hands."""
    for _ in range(MAX_RETRIES):
        got = _lease_ranked(project, user, n)
        n -= got.taken
        if n <= 0 or not got.seen:
            break
    for _ in range(MAX_RETRIES):
        if n <= 0:
            break
        got = _lease_random(project, user, n)
        n -= got.taken
        if not got.seen:
            break


@dataclass(frozen=True)
class _Taken:
    seen: int  # candidates looked at
    taken: int  # candidates won


@retry_on_conflict
def _lease_ranked(project: Project, user: User, n: int) -> _Taken:
    entries = statements.free_entries(project.pk, user.pk, project.options.overlap, timezone.now(), limit=2 * n)
    chosen: dict[int, QueueEntry] = {}
    for entry in entries:
        chosen.setdefault(entry.item_id, entry)  # one slot of an item is enough for one person
    wanted = list(chosen.values())[:n]
    return _Taken(len(wanted), claim_entries(project, user, wanted))


def _lease_for_grids(project: Project, user: User, n: int, held: Sequence[Assignment]) -> None:
    """Put up to n more items into the user's hands, for grids; what is not ranked only into empty ones."""
    policy = SuggestionPolicy.of_project(project)
    max_singles = image_grids.SINGLE_ITEMS - sum(not policy.is_groupable(row) for row in held)
    taken = 0
    for _ in range(MAX_RETRIES):
        got = _lease_alike(project, user, n - taken, max_singles, policy)
        taken += got.taken
        if got.taken == got.seen:
            break
    if not held and not taken:
        _lease_more(project, user, min(n, image_grids.SINGLE_ITEMS))


@retry_on_conflict
def _lease_alike(project: Project, user: User, n: int, max_singles: int, policy: SuggestionPolicy) -> _Taken:
    """Take from all of the queue. It locks nothing: others would pass over the whole queue and find it empty."""
    overlap = project.options.overlap
    free: dict[int, QueueEntry] = {}
    for entry in QueueEntry.objects.filter(project=project).free_for(user.pk, overlap, timezone.now()):
        free.setdefault(entry.item_id, entry)
    entries = list(free.values())
    labels = [
        project.kind.answer.target(entry.suggestion or {}) if policy.is_groupable(entry) else None for entry in entries
    ]
    wanted = [entries[place] for place in image_grids.choose_items(labels, n, max_singles)]
    for entry in wanted:
        if policy.is_groupable(entry):
            entry.probability = None  # no draw has picked it out of the queue, but what it looks like
    return _Taken(len(wanted), claim_entries(project, user, wanted))


@retry_on_conflict
def _lease_random(project: Project, user: User, n: int) -> _Taken:
    """Nothing is ranked: pick open items at random positions, then in order from a random one."""
    overlap = project.options.overlap
    count = project.item_count
    open_items = Item.objects.filter(project=project).open(overlap).with_free_slot(overlap).never_given_to(user)
    items = list(open_items.filter(position__in=random.sample(range(count), min(count, n * 8))))
    random.shuffle(items)
    if len(items) < n and count:
        start = random.randrange(count)
        for part in (open_items.filter(position__gte=start), open_items.filter(position__lt=start)):
            known = {item.pk for item in items}
            items += [item for item in part[:n] if item.pk not in known]
    slots = first_free_slots([item.pk for item in items[:n]], overlap)
    entries = []
    for item in items[:n]:
        if item.pk in slots:
            reason = Reason.TEST if item.split == Split.TEST else Reason.RANDOM
            entries.append(QueueEntry(project=project, item=item, slot=slots[item.pk], rank=0, reason=reason))
    return _Taken(len(items[:n]), claim_entries(project, user, entries))


@retry_on_conflict
def _lease_skipped(project: Project, user: User, n: int) -> None:
    """Put up to n items that the user skipped, and that nobody else has, into the user's hands again."""
    overlap = project.options.overlap
    skips = Annotation.objects.skipped_by(user, project)
    free = skips.filter(item__in=Item.objects.filter(project=project).with_free_slot(overlap))
    rows = list(free.exclude(item__assignments__user=user).order_by("pk")[:n])
    slots = first_free_slots([row.item_id for row in rows], overlap)
    entries = [
        QueueEntry(item_id=row.item_id, slot=slots[row.item_id], rank=rank, **row.provenance())
        for rank, row in enumerate(rows)
        if row.item_id in slots  # else somebody was faster
    ]
    claim_entries(project, user, entries)


def release_leases(project: Project, user: User | None = None) -> int:
    """Give back what is in the user's (or everybody's) hands; return how many items."""
    rows = Assignment.objects.filter(project=project, answered=False)
    if user is not None:
        rows = rows.filter(user=user)
    return rows.delete()[0]
