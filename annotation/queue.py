"""Lease, submit, undo, publish: the only code that hands out items and takes answers.

Promises, each held by a database constraint and not by luck: with overlap 1 no two people get
the same item; the same uuid changes nothing the second time; a person has one live answer about
an item. Leases expire by the clock in the query, so there is no sweeper and nothing to wedge.
"""

import logging
import random
import uuid as uuids
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, ParamSpec, TypeVar

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from annotation import grids
from annotation.agreement import says_otherwise
from annotation.database.bulk_insert import insert, insert_possible, stored
from annotation.database.prepared_queries import Prepared, PreparedInsert, PreparedUpdate
from annotation.errors import Conflict, InvalidRequest, InvalidValue
from annotation.labelhistory import clean_late, outdated
from annotation.models import Annotation, Assignment, Item, Label, Outcome, Project, QueueEntry, Reason, Split, User
from annotation.signals import answers_committed
from annotation.suggesting import Suggesting
from annotation.tasktypes import Question, renamed
from annotation.tasktypes.label_ranking import Likely
from annotation.tasktypes.label_ranking import renamed as likely_renamed

logger = logging.getLogger(__name__)

RACES = 5  # how often a statement that lost a race is tried again
MOST_IN_HAND = 100  # items one person may hold at once
ENTRY_FIELDS = ("project", "item", "slot", "rank", *QueueEntry.PROVENANCE)
ASSIGNMENT_FIELDS = (
    *("project", "user", "answered", "leased_at", "expires_at", "item", "slot", "rank"),
    *QueueEntry.PROVENANCE,
)

# these run for every answer, or nearly
_mine = Prepared(
    (int, int),
    lambda project, user: (
        Assignment.objects.filter(project=project, user=user, answered=False)
        .select_related("item")
        .order_by("leased_at", "rank", "pk")
    ),
)
_assignment = Prepared(
    (int, int, int),
    lambda project, user, item: Assignment.objects.filter(project=project, user=user, item=item),
)
_open_labels = Prepared((int,), lambda project: Label.objects.filter(project=project, retired_at=None))
_add_annotation = PreparedInsert(Annotation)
_one_answer_more = PreparedUpdate((int,), lambda item: Item.objects.filter(pk=item), answers=F("answers") + 1)
_answered = PreparedUpdate(
    (int, int), lambda user, item: Assignment.objects.filter(user=user, item=item), answered=True
)


@cache
def _free(overlap: int, limit: int) -> Prepared[QueueEntry]:
    """Free entries for a project, a user and a moment: runs whenever items are handed out."""

    def rows(project: int, user: int, now: datetime) -> QuerySet[QueueEntry]:
        entries = QueueEntry.objects.filter(project=project).free_for(user, overlap, now)
        return entries.select_for_update(skip_locked=True, of=("self",))[:limit]

    return Prepared((int, int, datetime), rows)


P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Answer:
    """What a person said about one item; `uuid` is made by the client and makes it idempotent."""

    uuid: uuids.UUID
    item: int
    outcome: str
    value: dict[str, Any] | None = None
    seconds: float | None = None
    comment: str = ""
    suggestion_shown: bool = False


@dataclass(frozen=True)
class Ranked:
    """One item of a queue to publish; its place in the sequence is its rank."""

    item: int
    reason: str
    score: float | None = None
    probability: float | None = None
    suggestion: dict[str, Any] | None = None
    suggestion_score: float | None = None
    likely: Likely | None = None


@dataclass
class Submitted:
    """What became of a list of answers: those stored now and those that were there already."""

    created: list[Annotation] = field(default_factory=list)
    repeated: list[Annotation] = field(default_factory=list)


def _again_when_raced(function: Callable[P, R]) -> Callable[P, R]:
    """Run a transaction again when a concurrent one won a unique key or a deadlock was broken."""

    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(RACES):
            try:
                with transaction.atomic():
                    return function(*args, **kwargs)
            except (IntegrityError, OperationalError) as error:
                if attempt == RACES - 1 or transaction.get_connection().in_atomic_block:
                    raise
                logger.info("%s lost a race, trying again: %s", function.__name__, error)
        raise AssertionError("unreachable")

    return run


# Handing out


def lease(project: Project, user: User, n: int, for_grids: bool = False) -> list[Assignment]:
    """Return up to n items in the user's hands, best first: those held already, then new ones.

    New ones come from the top of the queue; when nothing is ranked, at random from what is open. With `for_grids`
    those come together of which the model says the same.
    Empty only when there is nothing left that this person could answer, or the project is paused.
    """
    n = max(1, min(n, MOST_IN_HAND))
    held = _renew(project, user)
    if len(held) < n and project.paused_at is None:
        if for_grids:
            _take_for_grids(project, user, n - len(held), held)
        else:
            _take(project, user, n - len(held))
        now = timezone.now()
        held = [row for row in _mine(project.pk, user.pk) if row.expires_at > now]
    return held[:n]


def _renew(project: Project, user: User) -> list[Assignment]:
    """Renew all that the user holds (a sign of life) and return it; one query when nothing is held."""
    held = _mine(project.pk, user.pk)
    overlap = project.setting("overlap")
    lost = [row.pk for row in held if row.item.answers >= overlap]  # a late answer of somebody else came in
    if lost:
        Assignment.objects.filter(pk__in=lost).delete()
        held = [row for row in held if row.pk not in lost]
    if _want_renewal(project, held):
        _renew_all(project, user)
    return held


def _renew_all(project: Project, user: User) -> None:
    Assignment.objects.filter(project=project, user=user, answered=False).update(expires_at=_expiry(project))


def _want_renewal(project: Project, held: Iterable[Assignment]) -> bool:
    """Tell whether half the time of any lease is over: renewing earlier would be a write for nothing."""
    half = timezone.now() + _lease_time(project) / 2
    return any(row.expires_at < half for row in held)


def _lease_time(project: Project) -> timedelta:
    return timedelta(minutes=project.setting("lease_minutes"))


def _expiry(project: Project) -> datetime:
    return timezone.now() + _lease_time(project)


def _take(project: Project, user: User, n: int) -> None:
    """Put up to n more items into the user's hands."""
    for _ in range(RACES):
        got = _take_ranked(project, user, n)
        n -= got.taken
        if n <= 0 or not got.seen:
            break
    for _ in range(RACES):
        if n <= 0:
            break
        got = _take_random(project, user, n)
        n -= got.taken
        if not got.seen:
            break


@dataclass(frozen=True)
class _Taken:
    seen: int  # candidates looked at
    taken: int  # candidates won


@_again_when_raced
def _take_ranked(project: Project, user: User, n: int) -> _Taken:
    entries = _free(project.setting("overlap"), n * 2)(project.pk, user.pk, timezone.now())
    chosen: dict[int, QueueEntry] = {}
    for entry in entries:
        chosen.setdefault(entry.item_id, entry)  # one slot of an item is enough for one person
    wanted = list(chosen.values())[:n]
    return _Taken(len(wanted), _claim(project, user, wanted))


def _take_for_grids(project: Project, user: User, n: int, held: Sequence[Assignment]) -> None:
    """Put up to n more items into the user's hands, for grids; what is not ranked only into empty ones."""
    suggesting = Suggesting.of(project)
    alone = grids.ALONE - sum(not suggesting.together(row) for row in held)
    taken = 0
    for _ in range(RACES):
        got = _take_alike(project, user, n - taken, alone, suggesting)
        taken += got.taken
        if got.taken == got.seen:
            break
    if not held and not taken:
        _take(project, user, min(n, grids.ALONE))


@_again_when_raced
def _take_alike(project: Project, user: User, n: int, alone: int, suggesting: Suggesting) -> _Taken:
    """Take from all of the queue. It locks nothing: others would pass over the whole queue and find it empty."""
    overlap = project.setting("overlap")
    free: dict[int, QueueEntry] = {}
    for entry in QueueEntry.objects.filter(project=project).free_for(user.pk, overlap, timezone.now()):
        free.setdefault(entry.item_id, entry)
    entries = list(free.values())
    labels = [project.kind.target(entry.suggestion or {}) if suggesting.together(entry) else None for entry in entries]
    wanted = [entries[place] for place in grids.gathered(labels, n, alone)]
    for entry in wanted:
        if suggesting.together(entry):
            entry.probability = None  # no draw has picked it out of the queue, but what it looks like
    return _Taken(len(wanted), _claim(project, user, wanted))


@_again_when_raced
def _take_random(project: Project, user: User, n: int) -> _Taken:
    """Nothing is ranked: pick open items at random positions, then in order from a random one."""
    overlap = project.setting("overlap")
    count = project.item_count
    open_items = Item.objects.filter(project=project).open(overlap).with_free_slot(overlap).untouched_by(user)
    items = list(open_items.filter(position__in=random.sample(range(count), min(count, n * 8))))
    random.shuffle(items)
    if len(items) < n and count:
        start = random.randrange(count)
        for part in (open_items.filter(position__gte=start), open_items.filter(position__lt=start)):
            known = {item.pk for item in items}
            items += [item for item in part[:n] if item.pk not in known]
    taken_slots = _taken_slots(items[:n])
    entries = []
    for item in items[:n]:
        slot = next(s for s in range(overlap + 1) if (item.pk, s) not in taken_slots)
        reason = Reason.TEST if item.split == Split.TEST else Reason.RANDOM
        entries.append(QueueEntry(project=project, item=item, slot=slot, rank=0, reason=reason))
    return _Taken(len(entries), _claim(project, user, [entry for entry in entries if entry.slot < overlap]))


def _taken_slots(items: Iterable[Item]) -> set[tuple[int, int]]:
    rows = Assignment.objects.taken().filter(item__in=list(items))
    return set(rows.values_list("item_id", "slot"))


def _claim(project: Project, user: User, entries: Sequence[QueueEntry]) -> int:
    """Make assignments of entries; return how many: those that somebody else won in the meantime are left out."""
    # one order for everybody, so that two transactions cannot wait for each other
    wanted = sorted(entries, key=lambda entry: (entry.item_id, entry.slot))
    period = [stored(Assignment, "leased_at", timezone.now()), stored(Assignment, "expires_at", _expiry(project))]
    rows = [
        (project.pk, user.pk, False, *period, entry.item_id, entry.slot, entry.rank, *_stored_provenance(entry))
        for entry in wanted
    ]
    got = insert_possible(Assignment, ASSIGNMENT_FIELDS, rows) if rows else 0
    if got < len(rows):  # in the way of some may be leases that ran out
        Assignment.objects.expired().filter(item__in=[entry.item_id for entry in wanted]).delete()
        got += insert_possible(Assignment, ASSIGNMENT_FIELDS, rows)
    return got


def _stored_provenance(entry: QueueEntry) -> list[Any]:
    return [stored(Assignment, name, value) for name, value in entry.provenance().items()]


def release(project: Project, user: User | None = None) -> int:
    """Give back what is in the user's (or everybody's) hands; return how many items."""
    rows = Assignment.objects.filter(project=project, answered=False)
    if user is not None:
        rows = rows.filter(user=user)
    return rows.delete()[0]


# Taking answers


def submit(project: Project, user: User, answers: Sequence[Answer]) -> Submitted:
    """Store answers; each uuid counts once, whoever sends it again. All of them or none.

    Late answers (the lease ran out) are accepted. A second answer about the same item
    supersedes the first. Raises InvalidValue or InvalidRequest that names the answer.
    """
    cleaned = _clean(project, answers)
    result = _store(project, user, cleaned)
    if result.created:
        transaction.on_commit(lambda: answers_committed.send(sender=Project, project_id=project.pk))
    return result


def _clean(project: Project, answers: Sequence[Answer]) -> list[Answer]:
    if len({answer.uuid for answer in answers}) < len(answers):
        raise InvalidRequest(gettext("Two of the answers have the same uuid."))
    if len({answer.item for answer in answers}) < len(answers):
        raise InvalidRequest(gettext("Two of the answers are about the same item: send them one after the other."))
    labels = [label.name for label in _open_labels(project.pk)]
    contents = _contents(project, answers) if project.kind.needs_content else {}
    return [
        _clean_one(project, answer, Question(labels, contents.get(answer.item), project.settings)) for answer in answers
    ]


def _contents(project: Project, answers: Sequence[Answer]) -> dict[int, Any]:
    items = Item.objects.filter(project=project, pk__in=[answer.item for answer in answers])
    return dict(items.values_list("pk", "content"))


def _clean_one(project: Project, answer: Answer, question: Question) -> Answer:
    if answer.outcome != Outcome.LABEL:
        return Answer(**{**answer.__dict__, "value": None})
    try:
        try:
            value = project.kind.clean(answer.value, question)
        except InvalidValue as error:
            value = clean_late(project, answer.value, question, error)
        return Answer(**{**answer.__dict__, "value": value})
    except InvalidValue as error:
        error.details.update(uuid=str(answer.uuid), item=answer.item)
        raise


def _store(project: Project, user: User, answers: Sequence[Answer]) -> Submitted:
    """Take the short way when every item is in the user's hands, which is nearly always.

    An item in hand has no live answer of this person, and a new uuid is not stored yet: the unique
    constraints say so when it is not true, and then the long way sorts it out.
    """
    try:
        rows = _store_in_hand(project, user, answers)
    except (IntegrityError, OperationalError):
        rows = None
    return _store_any(project, user, answers) if rows is None else Submitted(created=rows)


@transaction.atomic
def _store_in_hand(project: Project, user: User, answers: Sequence[Answer]) -> list[Annotation] | None:
    held = _held(project, user, answers)
    if len(held) < len(answers) or any(row.answered for row in held.values()):
        return None
    return _add(project, user, answers, held, {})


@_again_when_raced
def _store_any(project: Project, user: User, answers: Sequence[Answer]) -> Submitted:
    known = {row.uuid: row for row in Annotation.objects.filter(uuid__in=[answer.uuid for answer in answers])}
    if any(row.user_id != user.pk or row.project_id != project.pk for row in known.values()):
        raise Conflict(gettext("An answer with this uuid exists already and is not yours: make a new uuid."))
    new = [answer for answer in answers if answer.uuid not in known]
    result = Submitted(repeated=list(known.values()))
    if new:
        ids = sorted(answer.item for answer in new)
        existing = set(Item.objects.filter(project=project, pk__in=ids).values_list("pk", flat=True))
        if missing := [pk for pk in ids if pk not in existing]:
            message = gettext("Item %(number)d is not in this project.") % {"number": missing[0]}
            raise InvalidRequest(message, {"items": missing})
        earlier = {row.item_id: row for row in Annotation.objects.live().filter(user=user, item__in=ids)}
        result.created = _add(project, user, new, _held(project, user, new), earlier)
    return result


def _held(project: Project, user: User, answers: Sequence[Answer]) -> dict[int, Assignment]:
    if len(answers) == 1:
        rows = _assignment(project.pk, user.pk, answers[0].item)
    else:
        items = [answer.item for answer in answers]
        rows = list(Assignment.objects.filter(project=project, user=user, item__in=items))
    return {row.item_id: row for row in rows}


def _add(
    project: Project,
    user: User,
    answers: Sequence[Answer],
    held: dict[int, Assignment],
    earlier: dict[int, Annotation],
) -> list[Annotation]:
    if earlier:
        Annotation.objects.filter(pk__in=[row.pk for row in earlier.values()]).update(live=False)
    rows = [_row(project, user, a, held.get(a.item), earlier.get(a.item)) for a in answers]
    _insert(rows)
    _count(rows, earlier)
    _settle(project, user, rows, held)
    return rows


def _row(
    project: Project, user: User, answer: Answer, held: Assignment | None, earlier: Annotation | None
) -> Annotation:
    source = held or earlier
    provenance = source.provenance() if source else {"reason": Reason.SEARCH}
    suggestion: Any = provenance.get("suggestion")
    said = answer.value if answer.outcome == Outcome.LABEL else None
    return Annotation(
        uuid=answer.uuid,
        project=project,
        item_id=answer.item,
        user=user,
        outcome=answer.outcome,
        value=answer.value,
        seconds=answer.seconds,
        comment=answer.comment,
        suggestion_shown=answer.suggestion_shown and suggestion is not None,
        suggestion_changed=says_otherwise(project.kind, suggestion, said),
        slot=source.slot if source else None,
        supersedes=earlier,
        **provenance,
    )


def _insert(rows: Sequence[Annotation]) -> None:
    if len(rows) == 1:
        _add_annotation(rows[0])
    else:
        Annotation.objects.bulk_create(rows)


def _count(rows: Sequence[Annotation], earlier: dict[int, Annotation]) -> None:
    """Keep Item.answers: up where a value came, down where one was withdrawn."""
    up: list[int] = []
    down: list[int] = []
    for row in rows:
        before = row.item_id in earlier and earlier[row.item_id].outcome == Outcome.LABEL
        after = row.outcome == Outcome.LABEL
        if after != before:
            (up if after else down).append(row.item_id)
    if len(up) == 1:
        _one_answer_more(up[0])
    elif up:
        Item.objects.filter(pk__in=up).update(answers=F("answers") + 1)
    if down:
        Item.objects.filter(pk__in=down, answers__gt=0).update(answers=F("answers") - 1)


def _settle(project: Project, user: User, rows: Sequence[Annotation], held: dict[int, Assignment]) -> None:
    """Close the assignments of answered items, give back the skipped ones, renew the rest."""
    done = [row.item_id for row in rows if row.outcome != Outcome.SKIP and row.item_id in held]
    if len(done) == 1:
        _answered(user.pk, done[0])
    elif done:
        Assignment.objects.filter(user=user, item__in=done).update(answered=True)
    skipped = [row.item_id for row in rows if row.outcome == Outcome.SKIP and row.item_id in held]
    if skipped:
        Assignment.objects.filter(user=user, item__in=skipped).delete()
    if _want_renewal(project, held.values()):
        _renew_all(project, user)


def undo(annotation: Annotation, user: User) -> Assignment | None:
    """Take an answer back; the item is in the user's hands again. A second time changes nothing.

    Returns the assignment, or None when the item's place has gone to somebody else meanwhile.
    Raises Conflict when a later answer stands in its place.
    """
    assignment, changed = _undo(annotation.pk, user)
    if changed:
        transaction.on_commit(lambda: answers_committed.send(sender=Project, project_id=annotation.project_id))
    return assignment


@_again_when_raced
def _undo(pk: int, user: User) -> tuple[Assignment | None, bool]:
    row = _as_it_is_called_now(Annotation.objects.select_for_update(of=("self",)).select_related("project").get(pk=pk))
    mine = Assignment.objects.select_related("item").filter(item=row.item_id, user=user)
    if not row.live:
        successor = Annotation.objects.filter(supersedes=row).first()
        if successor is None or successor.outcome != Outcome.UNDO:
            raise Conflict(gettext("A later answer about this item stands in place of this one: take that one back."))
        return mine.filter(answered=False).first(), False
    Annotation.objects.filter(pk=row.pk).update(live=False)
    Annotation.objects.create(
        uuid=uuids.uuid5(row.uuid, "undo"),
        project=row.project,
        item_id=row.item_id,
        user=user,
        outcome=Outcome.UNDO,
        slot=row.slot,
        supersedes=row,
        live=False,
        **row.provenance(),
    )
    if row.outcome == Outcome.LABEL:
        Item.objects.filter(pk=row.item_id, answers__gt=0).update(answers=F("answers") - 1)
    _hand_back(row, user)
    return mine.first(), True


def _as_it_is_called_now(row: Annotation) -> Annotation:
    """Return the answer that stands for this one since labels were renamed or merged: still the person's own."""
    while not row.live and (successor := Annotation.objects.filter(supersedes=row).first()):
        if successor.change_id is None or successor.outcome == Outcome.UNDO:
            break
        row = successor
    return row


def _hand_back(row: Annotation, user: User) -> None:
    expires_at = _expiry(row.project)
    kept = Assignment.objects.filter(item=row.item_id, user=user).update(answered=False, expires_at=expires_at)
    if not kept:
        entry = QueueEntry(item_id=row.item_id, slot=row.slot or 0, rank=0, **row.provenance())
        _claim(row.project, user, [entry])


# Ranking


def publish(project: Project, ranked: Sequence[Ranked], round_number: int | None) -> int:
    """Swap the queue for a new one in one transaction; return how many entries it has."""
    return swap(project, entries(project, ranked, round_number))


def entries(project: Project, ranked: Sequence[Ranked], round_number: int | None) -> list[tuple[Any, ...]]:
    """Return the rows of a new queue, to `swap` in; items answered or in hand by now are left out.

    Apart from the swap, because nobody can lease or answer while a transaction writes to SQLite.
    What is answered or taken between the two stays in the queue, where `lease` passes it over.
    """
    overlap = project.setting("overlap")
    names = outdated(project)  # a label may have been renamed since the model learnt
    ids = [row.item for row in ranked]
    open_items = set(Item.objects.filter(project=project, pk__in=ids).open(overlap).values_list("pk", flat=True))
    taken = set(Assignment.objects.taken().filter(item__in=ids).values_list("item_id", "slot"))
    first: dict[tuple[int, int], tuple[Any, ...]] = {}
    for rank, row in enumerate(ranked):
        chosen = (row.reason, row.score, row.probability, round_number)
        suggestion = renamed(project.kind, row.suggestion, names) if names and row.suggestion else row.suggestion
        likely = likely_renamed(row.likely, names) if names and row.likely else row.likely
        suggested = (
            stored(QueueEntry, "suggestion", suggestion),
            row.suggestion_score,
            stored(QueueEntry, "likely", likely),
        )
        for slot in range(overlap):
            if row.item in open_items and (row.item, slot) not in taken:
                first.setdefault((row.item, slot), (project.pk, row.item, slot, rank, *chosen, *suggested))
    return list(first.values())


@transaction.atomic
def swap(project: Project, rows: Sequence[tuple[Any, ...]]) -> int:
    """Put rows made by `entries` in place of the queue; return how many there are.

    Items in hand stay in hand. Who leases at the same moment sees the old queue or the new one, never none.
    """
    QueueEntry.objects.filter(project=project).delete()
    insert(QueueEntry, ENTRY_FIELDS, rows)
    return len(rows)
