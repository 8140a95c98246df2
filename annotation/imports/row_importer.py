"""Rows of one import -> items, answers and rejects of its project, a chunk a transaction."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import uuid4

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from annotation import jobs
from annotation.database import bulk_insert
from annotation.errors import InvalidValue
from annotation.formats import BadFile, BadRow, File, Row, image_reading
from annotation.formats.box_rotation import rotate_boxes_upright
from annotation.formats.column_inference import EXCLUSION_REASON, TITLE
from annotation.formats.contract import excerpt
from annotation.formats.image_reading import BadImage
from annotation.imports import image_storage
from annotation.imports.column_labels import ColumnLabels
from annotation.imports.existing_items import ExistingItems, Twin, item_ids_by_value
from annotation.imports.row_cells import RowRefused, external_id_cell, field_cells, text_cell, titled_text_cell
from annotation.json_values import CANONICAL, ENCODER, cell_text
from annotation.models import Annotation, Import, ImportReject, Item, Label, Outcome, Project, Reason, Split, User
from annotation.project_settings.goal import MAX_REASON_CHARACTERS, MAX_REASONS
from annotation.signals import answers_committed, items_committed, labels_changed
from annotation.tasktypes import FIELDS
from annotation.text.look_alikes import skeleton

NO_VERDICTS = ("reject", "ignore")  # of an annotator about the label of a row: it is not the answer
ITEM_FIELDS = (
    "project", "position", "external_id", "content", "meta", "export_only",
    "content_hash", "split", "answers", "created_at"
)  # fmt: skip
ANSWER_FIELDS = (
    "project", "item", "user", "uuid", "outcome", "value", "reason", "comment", "exclusion_reason", "suggestion_shown",
    "live", "created_at"
)  # fmt: skip
MAX_KEPT_REJECTS = 1000  # of an import and a kind; more are counted only
REJECT_FIELDS = ("run", "row", "kind", "reason", "excerpt")


def content_hash(content: Mapping[str, Any]) -> str:
    """Return 32 hex digits that are equal for equal content."""
    return _content_digest(CANONICAL.encode(content))


def _content_digest(canonical: str) -> str:
    return hashlib.blake2b(canonical.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def import_machine_user() -> User:
    """The machine user in whose name uploaded labels stand; made once."""
    user = User.objects.filter(is_machine=True, username__startswith="imported").first()
    if user is None:
        taken = User.objects.filter(name_skeleton=skeleton("imported")).exists()
        user = User(username=f"imported-{uuid4().hex[:8]}" if taken else "imported", is_machine=True, is_active=False)
        user.set_unusable_password()
        user.save()
    return user


class _Candidate(NamedTuple):
    """A row that is well formed and has content."""

    row: int
    text: str  # of the content, for the report
    content: str  # JSON
    hash: str
    external_id: str
    label: str
    meta: str  # JSON
    export_only: str  # JSON
    note: str  # why it comes without its answer
    exclusion_reason: str = ""


class _ImportedAnswer(NamedTuple):
    value: dict[str, Any]
    exclusion_reason: str | None = None


class _Accepted(NamedTuple):
    """A candidate that becomes an item, with its imported answer if there is one."""

    candidate: _Candidate
    answer: _ImportedAnswer | None


@dataclass
class _ChunkOutcome:
    """What becomes of the rows of a chunk."""

    accepted: list[_Accepted] = field(default_factory=list)
    late_answers: dict[int, _ImportedAnswer] = field(default_factory=dict)  # by item, which had none
    rejects: list[tuple[int, int, str, str, str]] = field(default_factory=list)  # REJECT_FIELDS

    @property
    def has_answers(self) -> bool:
        return bool(self.late_answers) or any(accepted.answer for accepted in self.accepted)

    @property
    def exclusion_reasons(self) -> list[str]:
        """Return those that came with the answers, each once."""
        answers = [*self.late_answers.values(), *(accepted.answer for accepted in self.accepted if accepted.answer)]
        return list(dict.fromkeys(answer.exclusion_reason for answer in answers if answer.exclusion_reason))

    def count(self, kind: str) -> int:
        return sum(reject[2] == kind for reject in self.rejects)


class RowImporter:
    """Adds the rows of one import to its project."""

    def __init__(self, run: Import, progress: Callable[[], object] = lambda: None) -> None:
        """`progress` is called between rows that take long."""
        self._run = run
        self._progress = progress
        mapping = run.mapping
        self._content = {key: mapping[key] for key in run.project.kind.content.keys}
        self._fields: list[str] = mapping[FIELDS] if run.project.kind.content.has_fields else []
        self._id, self._label, self._title = mapping.get("id"), mapping.get("label"), mapping.get(TITLE)
        self._exclusion_reason = mapping.get(EXCLUSION_REASON)
        self._export_only = frozenset(mapping.get("hidden", ()))
        self._used = self._export_only | {*self._content.values(), *self._fields, self._id, self._label}
        self._used |= {self._title, self._exclusion_reason}
        self._verdict: str = run.options.get("verdict_column", "")
        self._answer = run.project.kind.answer
        self._imported = import_machine_user() if self._label else None
        self._images: dict[str, str] = {}  # of the chunk: {hash of the content: name of its file}

    def add(self, rows: Sequence[Row], position: int) -> None:
        """Commit rows that end at a byte of the file; a fixed number of queries. Raises as `jobs.save_fields` does."""
        run, result = self._run, _ChunkOutcome()
        self._images.clear()
        try:
            self._add_chunk(rows, position, run, result)
        except jobs.JobCancelled:
            self._delete_refused_images()
            raise
        if result.rejects:
            self._delete_refused_images()

    def _delete_refused_images(self) -> None:
        """Remove the files of the chunk that no item has."""
        if self._images:
            kept = item_ids_by_value(self._run.project, "content_hash", list(self._images))
            image_storage.delete_images(name for hash_, name in self._images.items() if hash_ not in kept)

    def _add_chunk(self, rows: Sequence[Row], position: int, run: Import, result: _ChunkOutcome) -> None:
        """Insert the rows of a chunk with their answers and rejects, and how far the import is, in one transaction."""
        candidates = self._read_candidates(rows, result)
        with transaction.atomic():
            # The lock makes positions dense and duplicates certain while others import, too.
            project = Project.objects.select_for_update().get(pk=run.project_id)
            labels = ColumnLabels(
                project,
                create=bool(run.mapping.get("create_labels")),
                decimal_comma=bool(run.options.get("decimal_comma")),
            )
            self._sort_out_duplicates(project, candidates, labels, result)
            self._insert_rows(project, result, labels)
            jobs.save_progress(
                run,
                bytes_read=position,
                rows_read=rows[-1].row,
                rows_added=run.rows_added + len(result.accepted),
                rows_duplicate=run.rows_duplicate + result.count("duplicate"),
                rows_rejected=run.rows_rejected + result.count("rejected"),
                rows_unanswered=run.rows_unanswered + result.count("unanswered"),
            )
            _send_signals_on_commit(project.pk, result, labels)

    # Sorting

    def _read_candidates(self, rows: Sequence[Row], result: _ChunkOutcome) -> list[_Candidate]:
        """Return what may become items; what cannot be read becomes a reject of the result."""
        candidates = []
        for row in rows:
            try:
                candidates.append(self._read_candidate(row))
            except RowRefused as refused:
                text = row.excerpt if isinstance(row, BadRow) else ENCODER.encode(row.fields)
                result.rejects.append(self._reject_values(row.row, refused, text))
        return candidates

    def _sort_out_duplicates(
        self, project: Project, candidates: Sequence[_Candidate], labels: ColumnLabels, result: _ChunkOutcome
    ) -> None:
        """Put each candidate among the accepted of the result or among its rejects.

        The answer of a duplicate goes to the item that has its content or id.
        """
        hashes = [candidate.hash for candidate in candidates]
        ids = [candidate.external_id for candidate in candidates if candidate.external_id]
        existing = ExistingItems(project, hashes, ids, with_answers=self._label is not None)
        for candidate in candidates:
            try:
                twin = existing.twin_of(candidate.hash, candidate.external_id)
                if twin:
                    raise RowRefused(_give_answer_to_twin(twin, candidate, labels, result), "duplicate")
                answer = _read_answer(candidate, labels) if candidate.label else None
            except RowRefused as refused:
                result.rejects.append(self._reject_values(candidate.row, refused, candidate.text))
                continue
            values = [] if answer is None else [answer.value]
            twin = Twin(f"row {candidate.row}", index=len(result.accepted), values=values)
            existing.add(candidate.hash, candidate.external_id, twin)
            result.accepted.append(_Accepted(candidate, answer))
            if candidate.note:
                result.rejects.append(
                    self._reject_values(candidate.row, RowRefused(candidate.note, "unanswered"), candidate.text)
                )

    def _reject_values(self, row: int, refused: RowRefused, text: str) -> tuple[int, int, str, str, str]:
        """Return the values of REJECT_FIELDS."""
        return self._run.pk, row, refused.kind, str(refused)[:300], excerpt(text)

    def _read_candidate(self, row: Row) -> _Candidate:
        """Return a row as it may become an item, or raise RowRefused."""
        if isinstance(row, BadRow):
            raise RowRefused(row.reason)
        fields = row.fields
        said: dict[str, Any] = {key: self._content_cell(fields, key) for key in self._content}
        content, label, note = said, fields.get(self._label or ""), ""
        if row.file is not None:
            content, label, note = self._store_picture(row.file, label, row.drawn_on)
        words = [*said.values()]
        if self._fields:
            content[FIELDS] = field_cells(fields, self._fields, alone=not self._content)
            words += map(cell_text, content[FIELDS].values())
        canonical = CANONICAL.encode(content)
        used, export_only, encode = self._used, self._export_only, ENCODER.encode
        return _Candidate(
            row=row.row,
            text=" ".join(words),
            content=canonical,
            hash=_content_digest(canonical),
            external_id=external_id_cell(fields.get(self._id)) if self._id else "",
            label=self._label_cell(label) if self._label and not self._is_rejected_by_annotator(fields) else "",
            meta=encode({name: value for name, value in fields.items() if name not in used}),
            export_only=encode({name: fields[name] for name in export_only if name in fields}) if export_only else "{}",
            note=note,
            exclusion_reason=self._exclusion_reason_cell(fields),
        )

    def _content_cell(self, fields: Mapping[str, Any], key: str) -> str:
        if self._title and key == self._run.project.kind.content.title_for:
            return titled_text_cell(fields, self._title, self._content[key])
        return text_cell(fields, self._content[key])

    def _exclusion_reason_cell(self, fields: Mapping[str, Any]) -> str:
        text = cell_text(fields.get(self._exclusion_reason)).strip() if self._exclusion_reason else ""
        return " ".join(text.split())[:MAX_REASON_CHARACTERS]

    def _is_rejected_by_annotator(self, fields: Mapping[str, Any]) -> bool:
        return bool(self._verdict) and fields.get(self._verdict) in NO_VERDICTS

    def _label_cell(self, value: object) -> str:
        try:
            return self._answer.cell_of(value)
        except InvalidValue as invalid:
            raise RowRefused(invalid.message) from invalid

    def _store_picture(
        self, file: File, label: object, drawn_on: tuple[int, int] | None
    ) -> tuple[dict[str, Any], Any, str]:
        """Return the content of an image, its answer on the upright image, and why it has none."""
        self._progress()
        try:
            raw = file.read()
            content = image_storage.store_image(self._run.project_id, raw)
            self._images[content_hash(content)] = content["image"]
        except (BadFile, BadImage) as bad:
            raise RowRefused(str(bad)) from bad
        width, height = content["width"], content["height"]
        if drawn_on in (None, (width, height)) or not isinstance(label, list):
            return content, label, ""
        orientation = image_reading.orientation_of_file(raw)
        if drawn_on == (height, width) and orientation in image_reading.SIDEWAYS_ORIENTATIONS:
            return content, rotate_boxes_upright(label, orientation, drawn_on), ""
        stated = f"{drawn_on[0]} x {drawn_on[1]}"
        note = f"Its boxes were not taken: they are for an image of {stated} pixels, and it has {width} x {height}."
        return content, None, note

    # Storing

    def _insert_rows(self, project: Project, result: _ChunkOutcome, labels: ColumnLabels) -> None:
        """Insert the accepted items, their answers, new labels and rejects."""
        if labels.new:
            Label.objects.bulk_create(labels.new)
        if result.accepted:
            bulk_insert.insert_rows(Item, ITEM_FIELDS, _item_rows(project, result.accepted))
            Project.objects.filter(pk=project.pk).update(item_count=F("item_count") + len(result.accepted))
        if self._imported and result.has_answers:
            added = Item.objects.filter(project=project, position__gte=project.item_count)
            items = added.order_by("position").values_list("pk", flat=True)
            given = [accepted.answer for accepted in result.accepted]
            answers = {pk: answer for pk, answer in zip(items, given, strict=True) if answer}
            _add_exclusion_reasons(project, result.exclusion_reasons)
            rows = _answer_rows(project, self._imported, answers | result.late_answers)
            bulk_insert.insert_rows(Annotation, ANSWER_FIELDS, rows)
        if result.late_answers:
            Item.objects.filter(pk__in=result.late_answers).update(answers=F("answers") + 1)
        if rejects := self._rejects_to_keep(result):
            bulk_insert.insert_rows(ImportReject, REJECT_FIELDS, rejects)

    def _rejects_to_keep(self, result: _ChunkOutcome) -> list[tuple[int, int, str, str, str]]:
        """Return those that are told one by one: the first MAX_KEPT_REJECTS of each kind. The rest is counted."""
        counts = Counter(
            {kind: getattr(self._run, f"rows_{kind}") for kind in {reject[2] for reject in result.rejects}}
        )
        kept = []
        for reject in result.rejects:
            counts[reject[2]] += 1
            if counts[reject[2]] <= MAX_KEPT_REJECTS:
                kept.append(reject)
        return kept


def _read_answer(candidate: _Candidate, labels: ColumnLabels) -> _ImportedAnswer:
    """Return the answer that a row brings; raises RowRefused."""
    value = labels.answer_in_cell(candidate.label, candidate.content)
    excludes = value != labels.value_to_find
    return _ImportedAnswer(value, candidate.exclusion_reason or None if excludes else None)


def _add_exclusion_reasons(project: Project, reasons: Sequence[str]) -> None:
    """Let people give the reasons that a file brings, as far as the project's list has room for them."""
    known = project.goal.exclusion_reasons
    room = MAX_REASONS - len(known)
    if new := [reason for reason in reasons if reason not in known][: max(room, 0)]:
        project.settings = {**project.settings, "exclusion_reasons": [*known, *new]}
        project.save(update_fields=["settings"])


def _give_answer_to_twin(twin: Twin, candidate: _Candidate, labels: ColumnLabels, result: _ChunkOutcome) -> str:
    """Give the answer of a row to an item of the same content that has none; return what became of the row."""
    same = f"The same as {twin.name}."
    if not candidate.label:
        return same
    if twin.values:
        if labels.answer_without_new_labels(candidate.label, candidate.content) in twin.values:
            return same
        return f"{same} That has another answer, so the answer of this row was not taken: {candidate.label[:100]}"
    try:
        answer = _read_answer(candidate, labels)
    except RowRefused as refused:
        return f"{same} Its answer was not taken: {refused}"
    twin.values.append(answer.value)
    if twin.pk is None:
        result.accepted[twin.index] = _Accepted(result.accepted[twin.index].candidate, answer)
    else:
        result.late_answers[twin.pk] = answer
    return f"The same as {twin.name}, which had no answer and has taken this one."


def _item_rows(project: Project, accepted: Sequence[_Accepted]) -> list[tuple[Any, ...]]:
    """Rows of ITEM_FIELDS at the next free positions."""
    now = bulk_insert.to_database_value(Item, "created_at", timezone.now())
    pk, start, split = project.pk, project.item_count, Split.POOL.value
    return [
        (
            pk,
            position,
            row.external_id,
            row.content,
            row.meta,
            row.export_only,
            row.hash,
            split,
            int(answer is not None),
            now,
        )
        for position, (row, answer) in enumerate(accepted, start)
    ]


def _answer_rows(project: Project, user: User, answers: Mapping[int, _ImportedAnswer]) -> list[tuple[Any, ...]]:
    """Rows of ANSWER_FIELDS for answers by item."""
    now = bulk_insert.to_database_value(Annotation, "created_at", timezone.now())
    outcome, reason = Outcome.LABEL.value, Reason.IMPORTED.value
    return [
        (project.pk, item, user.pk, uuid4().hex, outcome, ENCODER.encode(value), reason, "", why, False, True, now)
        for item, (value, why) in answers.items()
    ]


def _send_signals_on_commit(project: int, result: _ChunkOutcome, labels: ColumnLabels) -> None:
    if labels.new:
        transaction.on_commit(lambda: labels_changed.send(sender=Project, project_id=project))
    if result.accepted:
        transaction.on_commit(lambda: items_committed.send(sender=Project, project_id=project, done=False))
    if result.has_answers:
        transaction.on_commit(lambda: answers_committed.send(sender=Project, project_id=project))
