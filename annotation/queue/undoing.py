"""Take an answer back: the item is leased to its annotator again."""

import uuid as uuids

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext

from annotation.errors import Conflict
from annotation.models import Annotation, Assignment, Item, Outcome, Project, QueueEntry, User
from annotation.queue.claiming import claim_entries, lease_expiry
from annotation.queue.retrying import retry_on_conflict
from annotation.signals import answers_committed


def undo_answer(annotation: Annotation, user: User) -> Assignment | None:
    """Take an answer back; the item is in the user's hands again. A second time changes nothing.

    Returns the assignment, or None when the item's place has gone to somebody else meanwhile.
    Raises Conflict when a later answer stands in its place.
    """
    assignment, changed = _undo_in_transaction(annotation.pk, user)
    if changed:
        transaction.on_commit(lambda: answers_committed.send(sender=Project, project_id=annotation.project_id))
    return assignment


@retry_on_conflict
def _undo_in_transaction(pk: int, user: User) -> tuple[Assignment | None, bool]:
    """Return what `undo_answer` returns, and whether anything changed."""
    row = _renamed_successor(Annotation.objects.select_for_update(of=("self",)).select_related("project").get(pk=pk))
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
    _restore_lease(row, user)
    return mine.first(), True


def _renamed_successor(row: Annotation) -> Annotation:
    """Return the answer that stands for this one since labels were renamed or merged: still the person's own."""
    while not row.live and (successor := Annotation.objects.filter(supersedes=row).first()):
        if successor.change_id is None or successor.outcome == Outcome.UNDO:
            break
        row = successor
    return row


def _restore_lease(row: Annotation, user: User) -> None:
    expires_at = lease_expiry(row.project)
    kept = Assignment.objects.filter(item=row.item_id, user=user).update(answered=False, expires_at=expires_at)
    if not kept:
        entry = QueueEntry(item_id=row.item_id, slot=row.slot or 0, rank=0, **row.provenance())
        claim_entries(row.project, user, [entry])
