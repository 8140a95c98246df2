"""Rows of one import -> items, answers and rejects of its project, a chunk a transaction."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from uuid import uuid4

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from annotation import jobs
from annotation.database import bulk_insert
from annotation.errors import InvalidValue
from annotation.formats import BadFile, BadRow, File, Row
from annotation.formats.contract import excerpt
from annotation.formats.image_reading import BadImage
from annotation.imports import image_storage
from annotation.imports.existing_items import items_with
from annotation.imports.row_cells import RowRefused, external_id_cell, field_cells, label_cell, text_cell
from annotation.json_values import CANONICAL, ENCODER, cell
from annotation.labels.label_set import default_keys, similar_name
from annotation.labels.renamed_labels import replaced_names
from annotation.models import Annotation, Import, ImportReject, Item, Label, Outcome, Project, Reason, Split, User
from annotation.signals import answers_committed, items_committed, labels_changed
from annotation.tasktypes import FIELDS, AnswerContext, renamed
from annotation.text.label_text import canonical_name, invisible_character
from annotation.text.look_alikes import skeleton

MAX_COLUMN_LABELS = 200  # in a project whose labels come from a column: more is a column of something else
MAX_LABEL_CHARACTERS = 120  # characters
ITEM_FIELDS = (
    "project", "position", "external_id", "content", "meta", "export_only",
    "content_hash", "split", "answers", "created_at"
)  # fmt: skip
ANSWER_FIELDS = (
    "project", "item", "user", "uuid", "outcome", "value", "reason", "comment", "suggestion_shown", "live", "created_at"
)  # fmt: skip
MAX_KEPT_REJECTS = 1000  # of an import and a kind; more are counted only
REJECT_FIELDS = ("run", "row", "kind", "reason", "excerpt")


def content_hash(content: Mapping[str, Any]) -> str:
    """Return 32 hex digits that are equal for equal content."""
    return _digest(CANONICAL.encode(content))


def _digest(canonical: str) -> str:
    return hashlib.blake2b(canonical.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def imported_user() -> User:
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


class _Accepted(NamedTuple):
    """A candidate that becomes an item, with its imported answer if there is one."""

    candidate: _Candidate
    value: dict[str, Any] | None


@dataclass
class _ChunkOutcome:
    """What becomes of the rows of a chunk."""

    accepted: list[_Accepted] = field(default_factory=list)
    rejects: list[tuple[int, int, str, str, str]] = field(default_factory=list)  # REJECT_FIELDS

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
        self._id, self._label = mapping.get("id"), mapping.get("label")
        self._export_only = frozenset(mapping.get("hidden", ()))
        self._used = self._export_only | {*self._content.values(), *self._fields, self._id, self._label}
        self._imported = imported_user() if self._label else None
        self._images: dict[str, str] = {}  # of the chunk: {hash of the content: name of its file}

    def add(self, rows: Sequence[Row], position: int) -> None:
        """Commit rows that end at a byte of the file; a fixed number of queries. Raises as `jobs.save` does."""
        run, result = self._run, _ChunkOutcome()
        self._images.clear()
        try:
            self._add(rows, position, run, result)
        except jobs.JobCancelled:
            self._drop_refused_images()
            raise
        if result.rejects:
            self._drop_refused_images()

    def _drop_refused_images(self) -> None:
        """Remove the files of the chunk that no item has."""
        if self._images:
            kept = items_with(self._run.project, "content_hash", list(self._images))
            image_storage.drop_images(name for hash_, name in self._images.items() if hash_ not in kept)

    def _add(self, rows: Sequence[Row], position: int, run: Import, result: _ChunkOutcome) -> None:
        candidates = self._candidates(rows, result)
        with transaction.atomic():
            # The lock makes positions dense and duplicates certain while others import, too.
            project = Project.objects.select_for_update().get(pk=run.project_id)
            labels = _Labels(project, create=bool(run.mapping.get("create_labels")))
            self._decide(project, candidates, labels, result)
            self._store(project, result, labels)
            jobs.save_progress(
                run,
                bytes_read=position,
                rows_read=rows[-1].row,
                rows_added=run.rows_added + len(result.accepted),
                rows_duplicate=run.rows_duplicate + result.count("duplicate"),
                rows_rejected=run.rows_rejected + result.count("rejected"),
            )
            _announce(project.pk, result, labels)

    # Sorting

    def _candidates(self, rows: Sequence[Row], result: _ChunkOutcome) -> list[_Candidate]:
        candidates = []
        for row in rows:
            try:
                candidates.append(self._candidate(row))
            except RowRefused as refused:
                text = row.excerpt if isinstance(row, BadRow) else ENCODER.encode(row.fields)
                result.rejects.append(self._reject(row.row, refused, text))
        return candidates

    def _decide(
        self, project: Project, candidates: Sequence[_Candidate], labels: "_Labels", result: _ChunkOutcome
    ) -> None:
        known = _ExistingItems(project, candidates)
        for candidate in candidates:
            try:
                known.check(candidate)
                value = labels.value(candidate.label, candidate.content) if candidate.label else None
            except RowRefused as refused:
                result.rejects.append(self._reject(candidate.row, refused, candidate.text))
                continue
            known.add(candidate)
            result.accepted.append(_Accepted(candidate, value))

    def _reject(self, row: int, refused: RowRefused, text: str) -> tuple[int, int, str, str, str]:
        return self._run.pk, row, refused.kind, str(refused)[:300], excerpt(text)

    def _candidate(self, row: Row) -> _Candidate:
        if isinstance(row, BadRow):
            raise RowRefused(row.reason)
        fields = row.fields
        said: dict[str, Any] = {key: text_cell(fields, column) for key, column in self._content.items()}
        content = said if row.file is None else self._picture(row.file)
        words = [*said.values()]
        if self._fields:
            content[FIELDS] = field_cells(fields, self._fields, alone=not self._content)
            words += map(cell, content[FIELDS].values())
        canonical = CANONICAL.encode(content)
        used, export_only, encode = self._used, self._export_only, ENCODER.encode
        return _Candidate(
            row=row.row,
            text=" ".join(words),
            content=canonical,
            hash=_digest(canonical),
            external_id=external_id_cell(fields.get(self._id)) if self._id else "",
            label=label_cell(fields.get(self._label)) if self._label else "",
            meta=encode({name: value for name, value in fields.items() if name not in used}),
            export_only=encode({name: fields[name] for name in export_only if name in fields}) if export_only else "{}",
        )

    def _picture(self, file: File) -> dict[str, Any]:
        self._progress()
        try:
            content = image_storage.keep(self._run.project_id, file.read())
            self._images[content_hash(content)] = content["image"]
            return content
        except (BadFile, BadImage) as bad:
            raise RowRefused(str(bad)) from bad

    # Storing

    def _store(self, project: Project, result: _ChunkOutcome, labels: "_Labels") -> None:
        if labels.new:
            Label.objects.bulk_create(labels.new)
        if result.accepted:
            bulk_insert.insert(Item, ITEM_FIELDS, _item_rows(project, result.accepted))
            Project.objects.filter(pk=project.pk).update(item_count=F("item_count") + len(result.accepted))
        if self._imported and any(accepted.value for accepted in result.accepted):
            added = Item.objects.filter(project=project, position__gte=project.item_count)
            items = list(added.order_by("position").values_list("pk", flat=True))
            bulk_insert.insert(Annotation, ANSWER_FIELDS, _answer_rows(project, self._imported, items, result.accepted))
        if rejects := self._first_rejects(result):
            bulk_insert.insert(ImportReject, REJECT_FIELDS, rejects)

    def _first_rejects(self, result: _ChunkOutcome) -> list[tuple[int, int, str, str, str]]:
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


def _item_rows(project: Project, accepted: Sequence[_Accepted]) -> list[tuple[Any, ...]]:
    """Rows of ITEM_FIELDS at the next free positions."""
    now = bulk_insert.to_database(Item, "created_at", timezone.now())
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
            int(value is not None),
            now,
        )
        for position, (row, value) in enumerate(accepted, start)
    ]


def _answer_rows(
    project: Project, user: User, items: Sequence[int], accepted: Sequence[_Accepted]
) -> list[tuple[Any, ...]]:
    """Rows of ANSWER_FIELDS for those that came with an answer."""
    now = bulk_insert.to_database(Annotation, "created_at", timezone.now())
    outcome, reason = Outcome.LABEL.value, Reason.IMPORTED.value
    return [
        (project.pk, item, user.pk, uuid4().hex, outcome, ENCODER.encode(value), reason, "", False, True, now)
        for item, (_, value) in zip(items, accepted, strict=True)
        if value
    ]


def _announce(project: int, result: _ChunkOutcome, labels: "_Labels") -> None:
    if labels.new:
        transaction.on_commit(lambda: labels_changed.send(sender=Project, project_id=project))
    if result.accepted:
        transaction.on_commit(lambda: items_committed.send(sender=Project, project_id=project, done=False))
    if count := sum(accepted.value is not None for accepted in result.accepted):
        transaction.on_commit(lambda: answers_committed.send(sender=Project, project_id=project, count=count))


class _ExistingItems:
    """What is there already of the contents and ids of a chunk: in the project, or earlier in the chunk."""

    def __init__(self, project: Project, candidates: Sequence[_Candidate]) -> None:
        hashes = [candidate.hash for candidate in candidates]
        ids = [candidate.external_id for candidate in candidates if candidate.external_id]
        same = items_with(project, "content_hash", hashes)
        named = items_with(project, "external_id", ids) if ids else {}
        self._hashes = {key: f"item {pk}" for key, pk in same.items()}
        self._ids = {key: f"item {pk}" for key, pk in named.items()}

    def check(self, candidate: _Candidate) -> None:
        """Raise RowRefused when the content or the id of a row is taken."""
        if where := self._hashes.get(candidate.hash):
            raise RowRefused(f"The same as {where}.", "duplicate")
        if where := self._ids.get(candidate.external_id):
            raise RowRefused(f"The id {candidate.external_id!r} belongs to {where}, whose content is another.")

    def add(self, candidate: _Candidate) -> None:
        self._hashes[candidate.hash] = f"row {candidate.row}"
        if candidate.external_id:
            self._ids[candidate.external_id] = f"row {candidate.row}"


class _Labels:
    """The labels of a project as a label column meets them; makes new ones where that is wanted."""

    def __init__(self, project: Project, *, create: bool) -> None:
        self._project = project
        self._create = create
        labels = list(project.labels.all())
        self._names = [label.name for label in labels if label.retired_at is None]
        self._outdated: dict[str, str] | None = None
        self._retired = {label.name for label in labels if label.retired_at is not None}
        self._keys = {label.key for label in labels}
        self._order = max((label.order for label in labels), default=-1)
        self._values: dict[tuple[str, str], dict[str, Any] | RowRefused] = {}
        self.new: list[Label] = []

    def value(self, text: str, content: str) -> dict[str, Any]:
        """Return the answer in a cell about a content (JSON); raises RowRefused, which names the labels there are."""
        seen = (text, content if self._project.kind.answer.reads_content else "")
        value = self._values.get(seen)
        if value is None:
            value = self._values[seen] = self._read(*seen)
        if isinstance(value, RowRefused):
            raise value
        return value

    def _read(self, text: str, content: str) -> "dict[str, Any] | RowRefused":
        kind = self._project.kind
        context = AnswerContext(self._names, json.loads(content) if content else None, self._project.settings)
        try:
            return kind.answer.from_column(text, context)
        except InvalidValue as error:
            if (value := self._of_before(text, context)) is not None:
                return value
            new = [name for name in map(canonical_name, kind.answer.names(text)) if name not in self._names]
            if not self._create or not new or self._retired.intersection(new):
                return RowRefused(error.message)
        if len(self._names) + len(new) > MAX_COLUMN_LABELS:
            return RowRefused(
                f"The project has {MAX_COLUMN_LABELS} labels already: is that really the column of the label?"
            )
        if refused := self._why_no_label(new):
            return refused
        try:
            value = kind.answer.from_column(text, replace(context, labels=[*self._names, *new]))
        except InvalidValue as error:
            return RowRefused(error.message)
        for name in new:
            self._add(name)
        return value

    def _why_no_label(self, new: Sequence[str]) -> RowRefused | None:
        """Return why one of these names cannot become a label's; None where they all can."""
        if max(map(len, new)) > MAX_LABEL_CHARACTERS:
            return RowRefused(
                f"The label is longer than {MAX_LABEL_CHARACTERS} characters: is that really the column of the label?"
            )
        for index, name in enumerate(new):
            if character := invisible_character(name):
                return RowRefused(f"The label {name!r} has a character that nobody can see ({character}).")
            if other := similar_name(name, [*self._names, *self._retired, *new[:index]]):
                reason = f"The label {name!r} looks like {other!r}."
                return RowRefused(f"{reason} If both are meant, add it in the project's settings first.")
        return None

    def _of_before(self, text: str, context: AnswerContext) -> dict[str, Any] | None:
        """Return the answer in a cell that is older than the labels' names; None where it is not that."""
        if self._outdated is None:
            self._outdated = replaced_names(self._project)
        kind, names = self._project.kind, self._outdated
        try:
            value = kind.answer.from_column(text, replace(context, labels=[*self._names, *names])) if names else None
            return None if value is None else kind.answer.clean(renamed(kind.answer, value, names), context)
        except InvalidValue:
            return None

    def _add(self, name: str) -> None:
        key = next((key for key in default_keys(self._project.kind) if key not in self._keys), "")
        self._keys.add(key)
        self._order += 1
        self._names.append(name)
        self.new.append(Label(project=self._project, name=name, key=key, order=self._order))
