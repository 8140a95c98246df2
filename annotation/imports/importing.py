"""Uploaded records -> items, in chunks, idempotent; rejects are kept.

A chunk is one transaction: items, answers, rejects and the import's own counters are committed
together, so that a worker killed at any moment leaves a state from which the next one goes on
(it reads past the rows that are counted already) and ends with the same rows.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import IO, Any, cast
from uuid import uuid4

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from annotation import formats, jobs
from annotation.errors import ImportRefused, TooLarge
from annotation.events.recording import record_event
from annotation.formats import Detected, FileOptions, Hints, Record, Row, column_inference
from annotation.formats.column_inference import EXCLUSION_REASON, TITLE
from annotation.i18n import translate
from annotation.imports.row_importer import RowImporter, content_hash, import_machine_user
from annotation.json_values import cell_text
from annotation.lazy_text import LazyText
from annotation.lazy_text import LazyText as _
from annotation.models import EventKind, Import, JobStatus, Project, User
from annotation.signals import items_committed
from annotation.tasktypes import FIELDS

__all__ = [
    "content_hash",
    "create_import",
    "discard_draft",
    "import_machine_user",
    "preview_draft",
    "reread_draft",
    "run_import",
    "start_draft",
]

CHUNK_ROWS = 1000  # records of one transaction
CHUNK_FILES = 50  # the same of rows that bring files along: each costs as much as a thousand lines
CHUNK_BYTES = 8 * 1024 * 1024  # fewer records when they are long
UNPACKED_FACTOR = 10  # how much larger than the largest upload an unpacked file may be
MAX_RATIO = 200  # how much larger than itself it may be: text that people write is packed to a third or a tenth
MIN_UNPACKED_BYTES = 64 * 1024 * 1024  # that any file may have
MAX_IMPORT_ROWS = 10_000_000  # of one file
SAMPLE_ROWS = 100  # that a preview tries to read; of images with what lies beside them, only those that it shows
PREVIEW_CELL_CHARACTERS = 300  # characters
SHOWN_OPTIONS = ("format", "encoding", "gzip", "returns", "delimiter", "header", "columns")  # in a preview


# Before the run: upload, preview, start


def create_import(project: Project, user: User, uploaded: "UploadedFile[Any]", hints: Hints | None = None) -> Import:
    """Keep an uploaded file as a draft; raises ImportRefused, and keeps nothing, when it cannot be read."""
    size = uploaded.size or 0
    if size > settings.UPLOAD_MAX_BYTES:
        raise upload_too_large_error()
    found = formats.inspect_file(cast(IO[bytes], uploaded.file), hints)
    check_format_for_project(project, found.options.format)
    run = Import(project=project, created_by=user, status=JobStatus.DRAFT, size=size)
    run.name = (uploaded.name or "upload")[-255:]
    _store_detected(run, found)
    uploaded.seek(0)
    run.file.save(f"{uuid4().hex}.data", uploaded, save=False)
    try:
        run.save()
    except Exception:
        run.file.delete(save=False)
        raise
    return run


def upload_too_large_error() -> TooLarge:
    most = settings.UPLOAD_MAX_BYTES // 1024 // 1024
    return TooLarge(gettext("The file is larger than %d MB. Upload it in parts, or gzipped.") % most)


def check_format_for_project(project: Project, name: str) -> None:
    """Raise ImportRefused where a project about images is given a table, or another one images."""
    archive = project.kind.content.archive
    if archive == formats.IMAGE_ARCHIVE and name != formats.IMAGE_ARCHIVE:
        raise ImportRefused(gettext("The items of this project are images: upload them in a ZIP archive."))
    if name == formats.TABLE_ARCHIVE and archive != formats.TABLE_ARCHIVE:
        raise ImportRefused(
            gettext("Only ratings are uploaded as tables in a ZIP archive: upload a CSV, TSV or JSONL file.")
        )
    if name == formats.IMAGE_ARCHIVE and archive == formats.TABLE_ARCHIVE:
        raise ImportRefused(
            gettext("The items of this project are ratings: upload a table, or tables in a ZIP archive.")
        )
    if name == formats.IMAGE_ARCHIVE and archive != formats.IMAGE_ARCHIVE:
        raise ImportRefused(gettext("The items of this project are no images: upload a CSV, TSV or JSONL file."))


def _store_detected(run: Import, found: Detected) -> None:
    """Write into the import what a look at its file found: format, options, a first mapping, and notes for the lead."""
    run.format = found.options.format
    run.options = dataclasses.asdict(found.options)
    if found.other_encoding:
        run.options["other_encoding"] = dataclasses.asdict(found.other_encoding)
    known = _mapping_roles(run.project)
    guess = found.mapping | _exclusion_reason_column(found.options.columns)
    run.mapping = {role: columns for role, columns in guess.items() if role in known}
    if run.project.task_type in found.mapping:  # the column of answers of this very kind, or None
        run.mapping["label"] = found.mapping[run.project.task_type]
    hidden = run.mapping.get("hidden", [])
    answer_columns = run.project.kind.answer.column_names
    if answer_columns and not run.mapping.get("label"):
        columns = [name for name in found.options.columns if name not in hidden]
        run.mapping["label"] = column_inference.find_column(columns, answer_columns)
    if not run.project.kind.content.has_fields:  # where all columns are the content, only a person can tell
        hidden = list(dict.fromkeys([*hidden, *found.possible_answers]))
    used = {columns for role, columns in run.mapping.items() if isinstance(columns, str)}
    run.mapping["hidden"] = [name for name in hidden if name not in used]
    notes = [*found.notes, *_notes_on_answers(run, found)]
    run.options["notes"] = [{"pattern": note.pattern, "values": note.values} for note in notes]


def _exclusion_reason_column(columns: Sequence[str]) -> dict[str, str]:
    column = column_inference.find_column(columns, (EXCLUSION_REASON,))
    return {EXCLUSION_REASON: column} if column else {}


def _notes_on_answers(run: Import, found: Detected) -> list[LazyText]:
    """Say that no column was taken as the answer, where the file has others than those that are something."""
    used = {columns for columns in run.mapping.values() if isinstance(columns, str)}
    rest = [name for name in found.options.columns if name not in used]
    if run.mapping.get("label") or not rest:
        return []
    flags = column_inference.note_on_flag_columns(rest, found.rows)
    note = _("No column was taken as the answer: the rows come in without answers.")
    return [note] if flags is None else [note, flags]


def reread_draft(run: Import, hints: Hints) -> None:
    """Read a draft's file anew with what a person says about it."""
    with run.file.open("rb") as file:
        found = formats.inspect_file(file, hints)
    check_format_for_project(run.project, found.options.format)
    _store_detected(run, found)
    changed = {"format": run.format, "options": run.options, "mapping": run.mapping}
    if not Import.objects.filter(pk=run.pk, status=JobStatus.DRAFT).update(**changed):
        raise ImportRefused(gettext("This import was started already."))


def preview_draft(run: Import) -> dict[str, Any]:
    """Return what was detected, the first rows (long cells cut), how many of 100 cannot be read, and the mapping."""
    options = _file_options(run)
    with run.file.open("rb") as file:
        most = formats.PREVIEW_ROWS if options.format == formats.IMAGE_ARCHIVE else SAMPLE_ROWS
        read = list(islice(formats.read_rows(file, options, is_look=True), most))
    rows = [row.fields for row in read if isinstance(row, Record)][: formats.PREVIEW_ROWS]
    shown = [[cell_text(row.get(name))[:PREVIEW_CELL_CHARACTERS] for name in options.columns] for row in rows]
    unreadable = sum(not isinstance(row, Record) for row in read)
    shown_options = {name: getattr(options, name) for name in SHOWN_OPTIONS}
    return {
        **shown_options,
        "rows": shown,
        "unreadable": unreadable,
        "mapping": run.mapping,
        "notes": translated_notes_of(run),
        "other_encoding": run.options.get("other_encoding"),
    }


def translated_notes_of(run: Import) -> list[str]:
    """Return what was decided about a file, for people to read."""
    notes = run.options.get("notes", [])
    return [translate(LazyText(note["pattern"], **note["values"])) for note in notes]


def _file_options(run: Import) -> FileOptions:
    known = {one.name for one in dataclasses.fields(FileOptions)}
    return FileOptions(**{name: value for name, value in run.options.items() if name in known})


def mapping_is_certain(run: Import) -> bool:
    """Whether the guessed mapping has all that the task type needs, so that it may be started unasked.

    Of a table only a person knows whether one of its columns is the answer.
    """
    kind = run.project.kind
    other = run.options.get("other_encoding")
    if other and not other["is_excluded"]:
        return False
    return all(run.mapping.get(key) for key in kind.content.keys) and not (
        kind.content.has_fields and run.mapping.get("label") is None
    )


def start_draft(run: Import, mapping: Mapping[str, Any] | None = None) -> None:
    """Confirm the mapping of a draft (None: as guessed) and hand it to a worker."""
    cleaned = clean_mapping(run.project, run.options["columns"], run.mapping if mapping is None else mapping)
    with transaction.atomic():
        if not Import.objects.filter(pk=run.pk, status=JobStatus.DRAFT).update(mapping=cleaned):
            raise ImportRefused(gettext("This import was started already."))
        details = {"import": run.pk, "bytes": run.size, "format": run.format}
        record_event(EventKind.IMPORT_STARTED, project=run.project, subject=run.name, details=details)
    run.mapping = cleaned
    jobs.start_draft(run)


def _mapping_roles(project: Project) -> set[str]:
    """What a mapping may say."""
    several = {FIELDS} if project.kind.content.has_fields else set()
    return {*project.kind.content.keys, *several, *optional_roles(project), "hidden", "create_labels"}


def optional_roles(project: Project) -> list[str]:
    """Return what one column each may be and need not."""
    title = [TITLE] if project.kind.content.title_for else []
    return ["id", "label", *title, *([EXCLUSION_REASON] if project.goal.finds_all else [])]


def clean_mapping(project: Project, columns: Sequence[str], given: object) -> dict[str, Any]:
    """Check {text, id?, label?, hidden?, create_labels?} against the columns; raises ImportRefused.

    What the keys of the content are depends on the task type; where it takes many columns, `fields` are all that are
    nothing else unless it says which.
    """
    if not isinstance(given, Mapping):
        raise ImportRefused(gettext('The mapping is an object such as {"text": "column", "label": "column"}.'))
    content, known = project.kind.content.keys, _mapping_roles(project)
    if unknown := sorted(set(map(str, given)) - known):
        raise ImportRefused(gettext("The mapping does not know: %s.") % ", ".join(unknown), {"known": sorted(known)})
    hidden, fields = _column_list(given, "hidden"), _column_list(given, FIELDS)
    mapping: dict[str, Any] = {key: given.get(key) or None for key in (*content, *optional_roles(project))}
    for key in content:
        if mapping[key] is None:
            raise ImportRefused(gettext("Say which column is the %s of an item.") % key, _columns_detail(columns))
    used = [mapping[key] for key in mapping if mapping[key]]
    present = frozenset(columns)
    for name in [*used, *hidden, *fields]:
        if name not in present:
            message = gettext("The file has no column %(name)r. Its columns are: %(columns)s.")
            raise ImportRefused(
                message % {"name": str(name)[:60], "columns": ", ".join(columns)[:500]}, _columns_detail(columns)
            )
    hidden = [name for name in hidden if name not in used]
    if len({*used, *fields}) < len(used) + len(fields) or not set(hidden).isdisjoint(fields):
        raise ImportRefused(gettext("One column cannot be two things: choose another one."))
    if project.kind.content.has_fields:
        taken = {*used, *hidden}
        rest = [name for name in columns if name not in taken]
        mapping[FIELDS] = rest if given.get(FIELDS) is None else fields
        if not mapping[FIELDS] and not content:
            raise ImportRefused(gettext("No column is left for the record itself."), _columns_detail(columns))
    create = given.get("create_labels", not project.label_names())
    return {**mapping, "hidden": hidden, "create_labels": bool(create)}


def _column_list(given: Mapping[str, Any], role: str) -> list[Any]:
    names = given.get(role) or []
    if not isinstance(names, list | tuple):
        raise ImportRefused(gettext("%s is a list of columns.") % role)
    return list(names)


def _columns_detail(columns: Sequence[str]) -> dict[str, Any]:
    return {"columns": list(columns)}


def discard_draft(run: Import) -> None:
    """Forget a draft and its file."""
    if not Import.objects.filter(pk=run.pk, status=JobStatus.DRAFT).delete()[0]:
        raise ImportRefused(gettext("Only an import that was not started can be removed."))
    run.file.delete(save=False)


# The run


def run_import(pk: int, worker: str = "") -> None:
    """Do a waiting import, or go on with one whose worker died. Nothing when another worker has it."""
    jobs.run_job(Import, pk, add_rows, worker)


def add_rows(run: Import) -> None:
    """Add the rows of an import that this worker has claimed."""
    options, progress, turn = _file_options(run), jobs.ProgressReporter(run), jobs.Turn()
    with run.file.open("rb") as file:
        if "bytes" not in run.options:
            size = formats.check_whole_file(file, options, max_unpacked_bytes(run.size), progress)
            jobs.save_fields(run, options={**run.options, "bytes": size})
            file.seek(0)
        reader = formats.read_rows(file, options, progress)
        intake = RowImporter(run, progress)
        most = CHUNK_FILES if options.format == formats.IMAGE_ARCHIVE else CHUNK_ROWS
        for rows, position in _read_chunks(reader, run.rows_read, progress, most):
            intake.add(rows, position)
            progress()
            if turn.is_over():  # the next worker goes on behind these rows
                jobs.requeue_job(run)
                return
    jobs.save_fields(run, status=JobStatus.DONE, finished_at=timezone.now(), bytes_read=run.options["bytes"])
    items_committed.send(sender=Project, project_id=run.project_id, done=True)


def max_unpacked_bytes(size: int) -> int:
    """Return how many bytes an uploaded file of so many may have when it is unpacked."""
    return min(settings.UPLOAD_MAX_BYTES * UNPACKED_FACTOR, max(MIN_UNPACKED_BYTES, size * MAX_RATIO))


def _read_chunks(
    reader: formats.RowReader, after: int, progress: jobs.ProgressReporter, most: int
) -> Iterator[tuple[list[Row], int]]:
    """Yield lists of at most so many of the rows behind row `after`, with how many bytes of the file they end at."""
    rows: list[Row] = []
    start = 0
    for row in reader:
        if row.row <= after:
            if row.row % CHUNK_ROWS == 0:
                progress()
            start = reader.position
            continue
        if row.row > MAX_IMPORT_ROWS:
            raise ImportRefused(
                gettext(
                    "The file has more than %d rows. Those before are in; upload the others in a file of their own."
                )
                % MAX_IMPORT_ROWS
            )
        rows.append(row)
        if len(rows) >= most or reader.position - start >= CHUNK_BYTES:
            yield rows, reader.position
            rows, start = [], reader.position
    if rows:
        yield rows, reader.position
