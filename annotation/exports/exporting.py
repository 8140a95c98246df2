"""Items and answers -> a file with provenance: in the background, streamed, constant memory.

`answers` is `gold` (one row an item, with the answer most people gave; of equally many, the one given
first) or `all` (one row an annotation that stands). Rows come in the order of the items' positions, read by
position a block at a time: two queries a block, no long transaction, no cursor to keep open.
"""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from typing import IO, Any
from uuid import uuid4

from django.core.files import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from annotation import formats, jobs
from annotation.errors import InvalidRequest
from annotation.events.recording import record_event
from annotation.exports.export_table import PREVIEW_ITEMS, Column, Filters, Table
from annotation.exports.recall import recall_of
from annotation.formats import formula_cells
from annotation.formats.column_inference import RAW_CELLS
from annotation.models import EventKind, Export, JobStatus, Project, User
from annotation.tasktypes import AnswerKind

PREVIEW_ROWS = 5


def create_export(project: Project, user: User, name: str, given: object = None) -> Export:
    """Ask for an export; a worker makes it."""
    filters = Filters.clean(given or {})
    form = _writable_format(project, name)
    with transaction.atomic():
        run = Export.objects.create(project=project, created_by=user, format=form.name, filters=asdict(filters))
        details = {"export": run.pk, "format": form.name, **run.filters}
        record_event(EventKind.EXPORT_CREATED, project=project, by=user, details=details)
    jobs.wake_worker_after_commit(run)
    return run


def formats_for(answer: AnswerKind) -> dict[str, formats.Writable]:
    """Return the formats that can hold such answers."""
    return {
        name: form
        for name, form in formats.WRITABLE.items()
        if isinstance(answer, formats.ONLY_ANSWER_KIND.get(name, AnswerKind))
    }


def _writable_format(project: Project, name: str) -> formats.Writable:
    known = formats_for(project.kind.answer)
    if name not in known:
        raise InvalidRequest(gettext("The format is one of: %s.") % ", ".join(known))
    return known[name]


def preview_export(project: Project, name: str, filters: Filters) -> dict[str, Any]:
    """Return the first rows of an export as cells and as the text of the file, and how many cells got an apostrophe."""
    table, form = Table(project, filters), _writable_format(project, name)
    columns = table.read_columns(PREVIEW_ITEMS)
    records = list(islice(table.read_records(columns), PREVIEW_ROWS))
    written, names = _table_as_written(form, records, columns, filters)
    shown = list(written)
    return {
        "columns": names,
        "rows": [[formats.cell_text(record.get(name)) for name in names] for record in shown],
        "text": "".join(form.write(shown, names)),
        "rows_total": table.count_rows(),
        "defused_cells": _count_escaped_cells(records, columns) if _escapes_formulas(form, filters) else 0,
    }


def _escapes_formulas(form: formats.Writable, filters: Filters) -> bool:
    return form.name in formats.TABLES and not filters.raw


def _table_as_written(
    form: formats.Writable, records: Iterable[dict[str, Any]], columns: Sequence[Column], filters: Filters
) -> tuple[Iterable[dict[str, Any]], list[str]]:
    """Return the records and the names of their columns as the file has them; tables are safe for spreadsheets."""
    names = [column.name for column in columns]
    if _escapes_formulas(form, filters):
        return formula_cells.escape_formulas(records, names), list(map(formula_cells.escape_formula, names))
    if form.name in formats.TABLES:
        return ({**record, RAW_CELLS: True} for record in records), [*names, RAW_CELLS]
    return records, names


def _count_escaped_cells(records: Iterable[dict[str, Any]], columns: Sequence[Column]) -> int:
    names = [column.name for column in columns]
    texts = [value for record in records for value in map(record.get, names) if isinstance(value, str)]
    return sum(formula_cells.escape_formula(text) != text for text in (*names, *texts))


def run_export(pk: int, worker: str = "") -> None:
    """Do a waiting export, or anew one whose worker died. Nothing when another worker has it."""
    jobs.run_job(Export, pk, write_file, worker)


def write_file(run: Export) -> None:
    """Make the file of an export that this worker has claimed."""
    progress = jobs.ProgressReporter(run)
    format_ = _writable_format(run.project, run.format)
    filters = Filters(**run.filters)
    table = Table(run.project, filters)
    jobs.save_fields(run, rows_total=table.count_rows(), rows_written=0)
    columns = table.read_columns(progress=progress)
    with tempfile.TemporaryFile(prefix="margin-export-") as file:
        records = _Counted(table.read_records(columns))
        for number, text in enumerate(format_.write(*_table_as_written(format_, records, columns, filters))):
            file.write(text.encode())
            if number % 1000 == 0:
                progress(rows_written=records.taken)
        _attach_file(run, format_, file, file.tell(), records.taken)


class _Counted:
    """Records, and how many of them were taken."""

    def __init__(self, records: Iterator[dict[str, Any]]) -> None:
        self._records = records
        self.taken = 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for row in self._records:
            self.taken += 1
            yield row


def _attach_file(run: Export, format_: formats.Writable, file: IO[bytes], size: int, rows: int) -> None:
    """Give the run its whole file, or leave none behind when another worker has taken it over."""
    file.seek(0)
    storage = run.file.storage
    name = storage.save(run.file.field.generate_filename(run, f"{uuid4().hex}{format_.suffix}"), File(file))
    try:
        done = {"status": JobStatus.DONE, "finished_at": timezone.now(), "recall": recall_of(run.project)}
        jobs.save_fields(run, file=name, size=size, rows_written=rows, rows_total=rows, **done)
    except BaseException:
        storage.delete(name)
        raise
