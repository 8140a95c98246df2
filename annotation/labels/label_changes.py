"""Rename, merge or split a label that has answers.

Answers are never written over: for each that names the label a row is added that supersedes it and points to the
change. The person, the time of the answer and its provenance stay. A split withdraws the answers, so that the items are
asked about again. The names change at once; the answers with them or, where there are many, in the background,
chunk by chunk, each one transaction: a worker that takes over goes on with the answers that are left.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid5

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation import jobs
from annotation.errors import Conflict, InvalidRequest
from annotation.events.recording import record_event
from annotation.labels.label_set import LabelSpec, find_similar_name, set_labels, similar_labels_error
from annotation.models import (
    Annotation,
    Assignment,
    EventKind,
    Item,
    JobStatus,
    Label,
    LabelChange,
    Outcome,
    Project,
    QueueEntry,
    Split,
    User,
)
from annotation.project_settings.groups import all_settings
from annotation.project_settings.setting_types import LabelSetting
from annotation.signals import answers_committed, labels_changed
from annotation.tasktypes import label_names_in, label_ranking, rename_labels

Kind = LabelChange.Kind
CHUNK_ANSWERS = 500  # answers of one transaction
MAX_ANSWERS_AT_ONCE = 2000  # answers that are changed while the person waits
LATE_ANSWER_PERIOD = timedelta(minutes=15)  # after a change: answers that were checked before it may still come


@dataclass(frozen=True)
class ChangePlan:
    """A change as a person asks for it: `into` are names, of new labels or of those there are."""

    kind: str
    label: str
    into: tuple[str, ...]
    allow_similar: bool = False  # whether a new name may look like that of another label


@dataclass(frozen=True)
class ChangeEffects:
    """What a change does, before it is done."""

    answers: int = 0  # that stand and name the label
    items: int = 0  # that these are about
    imported: int = 0  # of the answers, those that came with an upload
    test: int = 0  # of the answers, those about the test sample
    suggestions: int = 0  # of models, about items that are queued or in somebody's hands
    settings: list[str] = field(default_factory=list)  # of the project that name the label
    in_background: bool = False


def check_change(
    project: Project, kind: str, label: str, into: Sequence[str], *, allow_similar: bool = False
) -> ChangePlan:
    """Check a change against the project's labels; raises InvalidRequest or Conflict that says what to do instead."""
    if project.kind.built_in_labels:
        raise InvalidRequest(_("The labels of this task type follow a rule and cannot be changed like that."))
    names = {row.name: row.retired_at is None for row in project.labels.all()}
    if label not in names:
        raise InvalidRequest(_("There is no label “%(name)s”.") % {"name": label}, {"field": "label"})
    new_names = tuple(LabelSpec.read({"name": name}, names).name for name in into)
    if not new_names or len(set(new_names)) < len(new_names) or (kind != Kind.SPLIT and len(new_names) != 1):
        raise InvalidRequest(_("Name one label; for a split one or more, each once."), {"field": "targets"})
    if label in new_names:
        raise InvalidRequest(_("The new name is the old one: choose another."), {"field": "targets"})
    if kind == Kind.RENAME and new_names[0] in names:
        message = _("There is a label “%(name)s” already. To make one of the two, merge them.")
        raise Conflict(message % {"name": new_names[0]}, {"field": "targets"})
    if kind == Kind.MERGE and not names.get(new_names[0]):
        message = _("There is no label “%(name)s” that can be given.") % {"name": new_names[0]}
        raise InvalidRequest(message, {"field": "targets"})
    if retired := [name for name in new_names if names.get(name) is False]:
        message = _("“%(name)s” is retired: choose another, or take it back into use first.")
        raise Conflict(message % {"name": retired[0]}, {"field": "targets"})
    others = [name for name in names if name != label]
    for name in new_names if not allow_similar else ():
        if name not in names and (other := find_similar_name(name, others)):
            raise similar_labels_error(name, other)
    return ChangePlan(kind, label, new_names, allow_similar)


def preview_change(project: Project, plan: ChangePlan) -> ChangeEffects:
    """Count what a change would touch; nothing is changed. It reads every answer that names the label once."""
    found = _answers_naming(project, plan.label, ("item", "user__is_machine", "item__split"))
    rows = [(item, machine, split) for _pk, _value, item, machine, split in found]
    return ChangeEffects(
        answers=len(rows),
        items=len({item for item, _machine, _split in rows}),
        imported=sum(machine for _item, machine, _split in rows),
        test=sum(split == Split.TEST for _item, _machine, split in rows),
        suggestions=sum(len(some) for some in _rows_suggesting(project, plan.label).values()),
        settings=_settings_naming(project, plan.label),
        in_background=len(rows) > MAX_ANSWERS_AT_ONCE,
    )


def change_label(project: Project, user: User, plan: ChangePlan) -> LabelChange:
    """Do a change: names, settings and suggestions now, and the answers as well unless they are many."""
    with transaction.atomic():
        project = Project.objects.select_for_update().get(pk=project.pk)  # new answers wait for the end of this
        plan = check_change(project, plan.kind, plan.label, plan.into, allow_similar=plan.allow_similar)
        effects = preview_change(project, plan)
        row = LabelChange.objects.create(
            project=project,
            created_by=user,
            kind=plan.kind,
            label=plan.label,
            into=list(plan.into),
            upto=Annotation.objects.filter(project=project).aggregate(last=Max("pk"))["last"] or 0,
            effects=asdict(effects),
        )
        details = {"change": row.pk, "kind": plan.kind, "into": list(plan.into), "answers": effects.answers}
        record_event(EventKind.LABEL_CHANGED, project=project, by=user, subject=plan.label, details=details)
        _change_labels(project, plan)
        _change_settings(project, plan, effects.settings)
        _change_suggestions(project, row)
        if effects.in_background:
            jobs.wake_worker_after_commit(row)
        else:
            row.answers_done = _change_answers(row)
            row.status, row.finished_at = JobStatus.DONE, timezone.now()
            row.save(update_fields=["status", "finished_at", "answers_done"])
        _send_signals_on_commit(project.pk)
    return row


def run_label_change(pk: int, worker: str = "") -> None:
    """Change the answers of a waiting change, or go on with one whose worker died."""
    jobs.run_job(LabelChange, pk, change_answers, worker)


def change_answers(row: LabelChange) -> None:
    """Change the answers of a change that this worker has claimed, and note how many."""
    _change_answers(row, lambda done: jobs.save_progress(row, answers_done=row.answers_done + done))
    jobs.save_fields(row, status=JobStatus.DONE, finished_at=timezone.now())
    _send_signals_on_commit(row.project_id)


def change_late_answers() -> None:
    """Change answers that lost the race: checked before a label changed, and stored after its answers were changed."""
    for row in LabelChange.objects.filter(status=JobStatus.DONE, finished_at__gt=timezone.now() - LATE_ANSWER_PERIOD):
        gone = not Label.objects.filter(project=row.project_id, name=row.label).exists()
        if gone and (done := _change_answers(row, after=row.upto)):
            LabelChange.objects.filter(pk=row.pk).update(answers_done=F("answers_done") + done)
            _send_signals_on_commit(row.project_id)


def _send_signals_on_commit(project: int) -> None:
    transaction.on_commit(lambda: labels_changed.send(sender=Project, project_id=project))
    transaction.on_commit(lambda: answers_committed.send(sender=Project, project_id=project))


# Names


def _change_labels(project: Project, plan: ChangePlan) -> None:
    if plan.kind == Kind.RENAME:
        Label.objects.filter(project=project, name=plan.label).update(name=plan.into[0])
        return
    new_names: list[dict[str, Any]] = []
    there = {row.name: row.retired_at is not None for row in project.labels.all()}
    for name, retired in there.items():
        if name != plan.label:
            new_names.append({"name": name, "retired": retired})
        elif plan.kind == Kind.SPLIT:
            new_names += [{"name": new} for new in plan.into if new not in there]
    set_labels(project, new_names, dropped_labels={plan.label}, allow_similar=True)


def _settings_naming(project: Project, label: str) -> list[str]:
    labels = {name: one for name, one in all_settings().items() if isinstance(one, LabelSetting)}
    return [
        name
        for name, setting in labels.items()
        if project.resolve_label(project.settings.get(name, setting.default)) == label  # whether or not it counts now
    ]


def _change_settings(project: Project, plan: ChangePlan, names: Sequence[str]) -> None:
    """Let settings name the new label; those that named one that was split name none."""
    if names:
        new = "" if plan.kind == Kind.SPLIT else plan.into[0]
        project.settings = {**project.settings, **dict.fromkeys(names, new)}
        project.save(update_fields=["settings"])


# Suggestions of models: they are about the future, so they are written over


def _rows_suggesting(project: Project, label: str) -> dict[type[QueueEntry | Assignment], list[Any]]:
    """Return the rows still to be answered whose suggestion names the label."""
    rows: tuple[Any, ...] = (
        (QueueEntry, QueueEntry.objects.filter(project=project, suggestion__isnull=False)),
        (Assignment, Assignment.objects.filter(project=project, answered=False, suggestion__isnull=False)),
    )
    return {
        model: [row for row in some if label in label_names_in([row.suggestion, row.label_scores])]
        for model, some in rows
    }


def _change_suggestions(project: Project, change: LabelChange) -> None:
    for model, rows in _rows_suggesting(project, change.label).items():
        for row in rows:
            row.suggestion = _current_value(change, row.suggestion)
            row.suggestion_score = None if row.suggestion is None else row.suggestion_score
            row.label_scores = _current_label_scores(change, row.label_scores)
        model.objects.bulk_update(rows, ["suggestion", "suggestion_score", "label_scores"], batch_size=CHUNK_ANSWERS)


def _current_value(change: LabelChange, value: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return a value with the new name; None where nobody knows what it would be."""
    if value is None or change.label not in label_names_in(value):
        return value
    if change.kind == Kind.SPLIT:
        return None
    return rename_labels(change.project.kind.answer, value, {change.label: change.into[0]})


def _current_label_scores(
    change: LabelChange, found: label_ranking.LabelScores | None
) -> label_ranking.LabelScores | None:
    """Return the likely labels as they are called now, without one that was split."""
    if found is None:
        return None
    if change.kind == Kind.SPLIT:
        return label_ranking.drop_label(found, change.label)
    return label_ranking.rename_score_labels(found, {change.label: change.into[0]})


# Answers


def _answers_naming(
    project: Project, label: str, more: Sequence[str] = (), after: int = 0
) -> Iterator[tuple[Any, ...]]:
    """Yield (pk, value, *more) of the answers that stand and name the label, in their order."""
    rows = Annotation.objects.naming_label(project, label).filter(pk__gt=after).order_by("pk")
    for row in rows.values_list("pk", "value", *more).iterator(chunk_size=2000):
        if label in label_names_in(row[1]):
            yield row


def _change_answers(change: LabelChange, note: Callable[[int], object] | None = None, after: int = 0) -> int:
    """Change the answers that stand and name the label; return how many.

    `note` is called with how many in the transaction of each chunk.
    """
    ids = [row[0] for row in _answers_naming(change.project, change.label, after=after)]
    done = 0
    for start in range(0, len(ids), CHUNK_ANSWERS):
        with transaction.atomic():
            # whoever edits one of them at the same moment comes before this or after it
            rows = Annotation.objects.answers().filter(pk__in=ids[start : start + CHUNK_ANSWERS])
            changed = _replace_answers(change, list(rows.order_by("pk").select_for_update(of=("self",))))
            if note:
                note(changed)
        done += changed
    return done


def _replace_answers(change: LabelChange, rows: Sequence[Annotation]) -> int:
    Annotation.objects.filter(pk__in=[row.pk for row in rows]).update(live=False)
    Annotation.objects.bulk_create([_superseding_answer(change, row) for row in rows])
    if change.kind == Kind.SPLIT:
        _undo_counts_and_assignments(rows)
    return len(rows)


def _superseding_answer(change: LabelChange, row: Annotation) -> Annotation:
    """Return the row that supersedes an answer: in the person's name, of the same time, with the same provenance."""
    withdrawn = change.kind == Kind.SPLIT
    value = None if withdrawn else _current_value(change, row.value)
    suggested = {
        "suggestion": _current_value(change, row.suggestion),
        "label_scores": _current_label_scores(change, row.label_scores),
    }
    provenance = {**row.provenance(), **suggested}
    kept = ("duration_seconds", "active_seconds", "comment", "exclusion_reason", "suggestion_shown", "mark")
    return Annotation(
        uuid=uuid5(row.uuid, f"label change {change.pk}"),
        project_id=row.project_id,
        item_id=row.item_id,
        user_id=row.user_id,
        outcome=Outcome.UNDO if withdrawn else Outcome.LABEL,
        value=value,
        slot=row.slot,
        supersedes=row,
        live=not withdrawn,
        change=change,
        created_at=timezone.now() if withdrawn else row.created_at,
        suggestion_changed=change.project.kind.answer.differs(provenance["suggestion"], value),
        **({} if withdrawn else {name: getattr(row, name) for name in kept}),
        **provenance,
    )


def _undo_counts_and_assignments(rows: Sequence[Annotation]) -> None:
    """Take withdrawn answers off the counts of their items, and let the same people be asked again."""
    answers = Counter(row.item_id for row in rows)
    for number in set(answers.values()):
        items = [item for item, count in answers.items() if count == number]
        Item.objects.filter(pk__in=items, answers__gte=number).update(answers=F("answers") - number)
    whose = {(row.item_id, row.user_id) for row in rows}
    places = Assignment.objects.filter(item__in=list(answers)).values_list("pk", "item_id", "user_id")
    Assignment.objects.filter(pk__in=[pk for pk, *one in places if tuple(one) in whose]).delete()
