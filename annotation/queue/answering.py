"""Take answers: each uuid counts once, a person has one live answer about an item, all of a list or none.

`admission` says who may answer about what.
"""

import uuid as uuids
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils.translation import gettext, gettext_noop

from annotation.database.conflicts import is_conflict
from annotation.database.plain_sql import insert_row
from annotation.errors import Conflict, InvalidRequest, InvalidValue
from annotation.labels.renamed_labels import clean_under_old_names
from annotation.models import Annotation, Assignment, Item, Outcome, Project, User
from annotation.queue import statements
from annotation.queue.admission import Admission, admit_unleased_answers
from annotation.queue.claiming import lease_time, needs_renewal, renew_leases
from annotation.queue.retrying import retry_on_conflict
from annotation.signals import answers_committed
from annotation.tasktypes import AnswerContext


@dataclass(frozen=True)
class Answer:
    """What a person said about one item; `uuid` is made by the client and makes it idempotent."""

    uuid: uuids.UUID
    item: int
    outcome: str
    value: dict[str, Any] | None = None
    duration_seconds: float | None = None  # while the item was on the screen
    active_seconds: float | None = None  # of these, those in which the person did something
    comment: str = ""
    suggestion_shown: bool = False
    assignment: str = ""  # the signed proof that came with the item
    replaces: uuids.UUID | None = None  # the person's answer about the item that this one is to replace
    exclusion_reason: str = ""  # why it is not of the label to find: one of the project's reasons


class AlreadyAnswered(Conflict):
    """The person has answered the item before, on another device perhaps; `details` has that answer."""

    message = gettext_noop("You have answered this item already: name that answer in `replaces` to replace it.")
    code = "already_answered"


@dataclass
class SubmitResult:
    """What became of a list of answers: those stored now and those that were there already."""

    created: list[Annotation] = field(default_factory=list)
    repeated: list[Annotation] = field(default_factory=list)


def submit_answers(project: Project, user: User, answers: Sequence[Answer]) -> SubmitResult:
    """Store answers; each uuid counts once, whoever sends it again. All of them or none.

    Late answers (the lease ran out) are accepted from those to whom the item was assigned. A second answer about the
    same item supersedes the first where it says so. Raises InvalidValue, InvalidRequest, NotAssigned or
    AlreadyAnswered that names the answer.
    """
    cleaned = _clean_answers(project, answers)
    result = _save_answers(project, user, cleaned)
    if result.created:
        count = len(result.created)
        transaction.on_commit(lambda: answers_committed.send(sender=Project, project_id=project.pk, count=count))
    return result


def _clean_answers(project: Project, answers: Sequence[Answer]) -> list[Answer]:
    """Return the answers with their values checked and in the form that is stored. Raises InvalidRequest."""
    if len({answer.uuid for answer in answers}) < len(answers):
        raise InvalidRequest(gettext("Two of the answers have the same uuid."))
    if len({answer.item for answer in answers}) < len(answers):
        raise InvalidRequest(gettext("Two of the answers are about the same item: send them one after the other."))
    labels = statements.usable_label_names(project.pk)
    contents: dict[int, Any] = {}
    if project.kind.answer.reads_content:
        items = Item.objects.filter(project=project, pk__in=[answer.item for answer in answers])
        contents = dict(items.values_list("pk", "content"))
    return [
        _clean_one(project, answer, AnswerContext(labels, contents.get(answer.item), project.settings))
        for answer in answers
    ]


def _clean_one(project: Project, answer: Answer, context: AnswerContext) -> Answer:
    if answer.outcome != Outcome.LABEL:
        return replace(answer, value=None, exclusion_reason="")
    try:
        try:
            value = project.kind.answer.clean(answer.value, context)
        except InvalidValue as error:
            value = clean_under_old_names(project, answer.value, context, error)
        if answer.exclusion_reason:
            check_exclusion_reason(project, answer.exclusion_reason, value)
        return replace(answer, value=value)
    except InvalidValue as error:
        error.details.update(uuid=str(answer.uuid), item=answer.item)
        raise


def check_exclusion_reason(project: Project, reason: str, value: Mapping[str, Any]) -> None:
    """Raise InvalidValue where the project does not have this reason, or the answer excludes nothing."""
    reasons = project.goal.exclusion_reasons
    if reason not in reasons:
        message = gettext("“%(reason)s” is none of this project's reasons for exclusion.") % {"reason": reason}
        raise InvalidValue(message, {"part": "exclusion_reason", "known": list(reasons)})
    if project.kind.answer.target(value) == project.label_to_find:
        message = gettext("An answer with the label to find has no reason for exclusion.")
        raise InvalidValue(message, {"part": "exclusion_reason"})


def _save_answers(project: Project, user: User, answers: Sequence[Answer]) -> SubmitResult:
    """Take the short way when every item is in the user's hands, which is nearly always.

    An item in hand has no live answer of this person, and a new uuid is not stored yet: the unique
    constraints say so when it is not true, and then the long way sorts it out.
    """
    try:
        rows = _save_if_all_leased(project, user, answers)
    except DatabaseError as error:
        if not is_conflict(error):
            raise
        rows = None
    return _save_checking_each(project, user, answers) if rows is None else SubmitResult(created=rows)


@transaction.atomic
def _save_if_all_leased(project: Project, user: User, answers: Sequence[Answer]) -> list[Annotation] | None:
    """Save answers about items that are all in the user's hands; return None, and save nothing, where one is not."""
    leases = _leases_of(project, user, answers)
    if len(leases) < len(answers) or any(row.answered for row in leases.values()):
        return None
    return _insert_answers(project, user, answers, leases, {}, {})


@retry_on_conflict
def _save_checking_each(project: Project, user: User, answers: Sequence[Answer]) -> SubmitResult:
    """Save answers of which some may be repeated, replace another, or come without a lease."""
    stored = {row.uuid: row for row in Annotation.objects.filter(uuid__in=[answer.uuid for answer in answers])}
    if any(row.user_id != user.pk or row.project_id != project.pk for row in stored.values()):
        raise Conflict(gettext("An answer with this uuid exists already and is not yours: make a new uuid."))
    new = [answer for answer in answers if answer.uuid not in stored]
    result = SubmitResult(repeated=list(stored.values()))
    if new:
        items = _items_of(project, new)
        superseded = {row.item_id: row for row in Annotation.objects.live().filter(user=user, item__in=items)}
        _check_replaced(new, superseded)
        leases = _leases_of(project, user, new)
        edited = {pk for pk, row in superseded.items() if row.outcome != Outcome.SKIP}
        unleased = [answer for answer in new if answer.item not in leases and answer.item not in edited]
        admissions: dict[int, Admission] = {}
        if unleased:
            admissions = admit_unleased_answers(project, user, unleased, [items[answer.item] for answer in unleased])
            leases = _leases_of(project, user, new)
        result.created = _insert_answers(project, user, new, leases, superseded, admissions)
    return result


def _items_of(project: Project, answers: Sequence[Answer]) -> dict[int, Item]:
    ids = sorted(answer.item for answer in answers)
    items = {item.pk: item for item in Item.objects.filter(project=project, pk__in=ids).defer("content", "meta")}
    if missing := [pk for pk in ids if pk not in items]:
        message = gettext("Item %(number)d is not in this project.") % {"number": missing[0]}
        raise InvalidRequest(message, {"items": missing})
    return items


def _check_replaced(answers: Sequence[Answer], superseded: Mapping[int, Annotation]) -> None:
    """Raise AlreadyAnswered for an answer that would replace another without saying so.

    A skip is no answer, and the same answer again replaces nothing.
    """
    for answer in answers:
        row = superseded.get(answer.item)
        if row is None or row.outcome == Outcome.SKIP or _is_same_answer(row, answer):
            continue
        if answer.replaces is None or answer.replaces not in _uuids_of(row):
            stored = {"uuid": str(row.uuid), "outcome": row.outcome, "value": row.value, "created_at": row.created_at}
            raise AlreadyAnswered(details={"uuid": str(answer.uuid), "item": answer.item, "answer": stored})


def _is_same_answer(row: Annotation, answer: Answer) -> bool:
    stored = (row.outcome, row.value, row.exclusion_reason or "")
    return stored == (answer.outcome, answer.value, answer.exclusion_reason)


def _uuids_of(row: Annotation) -> set[uuids.UUID]:
    """Return the uuids under which a person knows an answer: also those from before its labels were renamed."""
    names = {row.uuid}
    while row.change_id is not None and row.supersedes is not None:
        row = row.supersedes
        names.add(row.uuid)
    return names


def _leases_of(project: Project, user: User, answers: Sequence[Answer]) -> dict[int, Assignment]:
    if len(answers) == 1:
        rows = statements.lease_of_item(project.pk, user.pk, answers[0].item)
    else:
        items = [answer.item for answer in answers]
        rows = list(Assignment.objects.filter(project=project, user=user, item__in=items))
    return {row.item_id: row for row in rows}


def _insert_answers(
    project: Project,
    user: User,
    answers: Sequence[Answer],
    leases: dict[int, Assignment],
    superseded: dict[int, Annotation],
    admissions: dict[int, Admission],
) -> list[Annotation]:
    """Insert answers as annotations, bring the counts of their items up to date and close their leases."""
    if superseded:
        Annotation.objects.filter(pk__in=[row.pk for row in superseded.values()]).update(live=False)
    rows = [
        _annotation_row(project, user, a, leases.get(a.item), superseded.get(a.item), admissions.get(a.item))
        for a in answers
    ]
    _insert_annotations(rows)
    _update_answer_counts(rows, superseded)
    _close_leases(project, user, rows, leases)
    return rows


def _annotation_row(
    project: Project,
    user: User,
    answer: Answer,
    lease: Assignment | None,
    superseded: Annotation | None,
    admission: Admission | None,
) -> Annotation:
    """Return the row to insert for an answer; why it was asked is taken from the lease or the answer it replaces."""
    source = lease or superseded
    provenance = source.provenance() if source else admission.provenance if admission else {}
    suggestion: Any = provenance.get("suggestion")
    is_label = answer.outcome == Outcome.LABEL
    mark = admission.mark if admission else superseded.mark if superseded else None
    return Annotation(
        uuid=answer.uuid,
        project=project,
        item_id=answer.item,
        user=user,
        outcome=answer.outcome,
        value=answer.value,
        duration_seconds=answer.duration_seconds,
        active_seconds=_active_seconds(project, answer),
        comment=answer.comment,
        exclusion_reason=answer.exclusion_reason or None,
        suggestion_shown=answer.suggestion_shown and suggestion is not None,
        suggestion_changed=project.kind.answer.differs(suggestion, answer.value if is_label else None),
        slot=source.slot if source else None,
        supersedes=superseded,
        mark=mark if is_label else None,
        **provenance,
    )


def _active_seconds(project: Project, answer: Answer) -> float | None:
    """Return how long the person was at work: what the client counted, else all the time; at most a lease."""
    counted = [seconds for seconds in (answer.active_seconds, answer.duration_seconds) if seconds is not None]
    return min(*counted, lease_time(project).total_seconds()) if counted else None


def _insert_annotations(rows: Sequence[Annotation]) -> None:
    if len(rows) == 1:
        insert_row(rows[0])
    else:
        Annotation.objects.bulk_create(rows)


def _update_answer_counts(rows: Sequence[Annotation], superseded: dict[int, Annotation]) -> None:
    """Keep Item.answers: up where a value came, down where one was withdrawn."""
    up: list[int] = []
    down: list[int] = []
    for row in rows:
        before = row.item_id in superseded and superseded[row.item_id].outcome == Outcome.LABEL
        after = row.outcome == Outcome.LABEL
        if after != before:
            (up if after else down).append(row.item_id)
    if len(up) == 1:
        statements.increment_answer_count(up[0])
    elif up:
        Item.objects.filter(pk__in=up).update(answers=F("answers") + 1)
    if down:
        Item.objects.filter(pk__in=down, answers__gt=0).update(answers=F("answers") - 1)


def _close_leases(project: Project, user: User, rows: Sequence[Annotation], leases: dict[int, Assignment]) -> None:
    """Close the assignments of answered items, give back the skipped ones, renew the rest."""
    done = [row.item_id for row in rows if row.outcome != Outcome.SKIP and row.item_id in leases]
    if len(done) == 1:
        statements.close_lease(user.pk, done[0])
    elif done:
        Assignment.objects.filter(user=user, item__in=done).update(answered=True)
    skipped = [row.item_id for row in rows if row.outcome == Outcome.SKIP and row.item_id in leases]
    if skipped:
        Assignment.objects.filter(user=user, item__in=skipped).delete()
    if needs_renewal(project, leases.values()):
        renew_leases(project, user)
