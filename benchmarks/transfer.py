"""Import and export through the real worker, over what parsing the same file costs by itself."""

import time
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from annotation import formats
from annotation.exports import exporting
from annotation.formats import Hints, Record
from annotation.imports import importing
from annotation.models import Job, Project, User
from benchmarks.report import Report
from benchmarks.stand import Stand, wait_until

PATIENCE = 600


def parsing_rate(data: bytes) -> float:
    """Return records per CPU second of reading the file with Margin's own parser."""
    file = BytesIO(data)
    options = formats.detect_text_format(file, Hints()).options
    file.seek(0)
    started = time.process_time()
    reader = formats.FORMATS[options.format].read(formats.open_unpacked_text(file, options), options)
    count = sum(isinstance(row, Record) for row in reader)
    return count / (time.process_time() - started)


def import_file(stand: Stand, report: Report, project: Project, lead: User, data: bytes) -> None:
    """Import a CSV file with the columns text and label, the label hidden."""
    parsing = parsing_rate(data)
    run = importing.create_import(project, lead, SimpleUploadedFile("bench.csv", data))
    cpu = stand.cpu("worker-default")
    importing.start_draft(run, {"text": "text", "hidden": ["label"]})
    rows = _finished(run, "rows_added")
    _say(stand, report, "Import", run, rows, stand.cpu("worker-default") - cpu, parsing)


def export_everything(stand: Stand, report: Report, project: Project, lead: User) -> None:
    """Export every item, answered or not, as CSV; parsing what came out is the measure to compare with."""
    cpu = stand.cpu("worker-default")
    run = exporting.create_export(project, lead, "csv", {"answers": "gold", "unlabelled": True})
    rows = _finished(run, "rows_written")
    used = stand.cpu("worker-default") - cpu
    with run.file.open("rb") as file:
        parsing = parsing_rate(file.read())
    _say(stand, report, "Export", run, rows, used, parsing)


def _finished(run: Any, field: str) -> int:
    def ended() -> bool:
        run.refresh_from_db()
        return run.status in ("done", "failed")

    wait_until(ended, PATIENCE, "the worker")
    if run.status == "failed":
        raise RuntimeError(run.error)
    return int(getattr(run, field))


def _say(stand: Stand, report: Report, what: str, run: Job, rows: int, cpu: float, parsing: float) -> None:
    seconds = (run.finished_at - run.started_at).total_seconds() if run.finished_at and run.started_at else 0
    report.say(f"{what}: rows per second ({rows} rows, CSV)", f"{rows / max(seconds, 1e-9):,.0f}")
    report.say(f"{what}: rows per CPU second over parsing alone", f"1 : {parsing * cpu / rows:.1f}")
    report.say(f"{what}: largest memory of the worker so far", f"{stand.peak_mb('worker-default'):.0f} MB")
