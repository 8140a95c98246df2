"""Imports whose worker is killed at any moment end with the same rows; a large file takes no more memory."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db.models import Count

from annotation.imports import importing
from annotation.models import Import, Item, JobStatus, Project, User
from tests.annotation.workers import environment
from tests.scale import scaled

pytestmark = [pytest.mark.service, pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

# A worker of its own process: small chunks, so that there is much to be killed in.
WORKER = """
import os, sys
import django
django.setup()
from django.conf import settings
settings.MEDIA_ROOT, settings.STALE_SECONDS = sys.argv[2], 0.05
from annotation import signals
from annotation.imports import importing
for signal in (signals.items_committed, signals.answers_committed, signals.labels_changed):
    signal.receivers = []
importing.CHUNK_ROWS = int(sys.argv[3])
from annotation.models import Import
Import.MAX_DEATHS = 100  # on a busy machine it may be killed again and again before its first chunk
import tracemalloc
if len(sys.argv) > 4:
    tracemalloc.start()
print("ready", flush=True)
while True:
    importing.run_import(int(sys.argv[1]))
    if Import.objects.get(pk=int(sys.argv[1])).status in ("done", "failed"):
        break
print(tracemalloc.get_traced_memory()[1], flush=True)
"""


def start_worker(row: Import, media: Path, chunk: int = 10, *more: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", WORKER, str(row.pk), str(media), str(chunk), *more]
    worker = subprocess.Popen(command, env=environment(media), stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"
    return worker


def draft(project: Project, lead: User, text: str) -> Import:
    file = ContentFile(text.encode(), name="data.csv")
    row = importing.create_import(project, lead, file)  # type: ignore[arg-type]
    importing.start_draft(row)
    return row


def rows_of(project: Project) -> list[Any]:
    rows = Item.objects.filter(project=project).order_by("position")
    return list(rows.values_list("position", "external_id", "content", "meta", "answers"))


def table(n: int) -> str:
    lines = [f'id{i},"text {i if i % 7 else 0}\nof two lines",{"ham" if i % 3 else "eggs"},{i}' for i in range(n)]
    return "\n".join(["id,text,label,note", *lines, "broken", ""])


def test_killed_at_any_moment_it_ends_the_same(
    project: Project, lead: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    n, most, chance = scaled(1500), scaled(3), random.Random(7)
    whole = Project.objects.create(name="whole", task_type=project.task_type)
    for name in ("ham", "spam"):
        whole.labels.create(name=name)
    monkeypatch.setattr(importing, "CHUNK_ROWS", 10)
    uninterrupted = draft(whole, lead, table(n))
    importing.run_import(uninterrupted.pk)
    row = draft(project, lead, table(n))
    kills = 0
    while row.status != JobStatus.DONE and kills < most:
        worker = start_worker(row, settings.MEDIA_ROOT)
        time.sleep(chance.uniform(0.0, 0.25))
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        kills += 1
        row.refresh_from_db()
        # One query, for one snapshot: the server may still be committing what the dead worker sent.
        told, there = Import.objects.filter(pk=row.pk).values_list("rows_added", Count("project__items")).get()
        assert told == there
    worker = start_worker(row, settings.MEDIA_ROOT)
    worker.communicate(timeout=scaled(120))
    row.refresh_from_db()
    uninterrupted.refresh_from_db()
    counted = ("status", "rows_read", "rows_added", "rows_duplicate", "rows_rejected", "bytes_read")
    assert [getattr(row, k) for k in counted] == [getattr(uninterrupted, k) for k in counted]
    assert kills >= 1
    assert rows_of(project) == rows_of(whole)
    assert list(row.rejects.values_list("row", "kind")) == list(uninterrupted.rejects.values_list("row", "kind"))
    assert project.annotations.count() == whole.annotations.count() > 0


def test_memory_does_not_grow_with_the_file(project: Project, lead: User, settings: Any) -> None:
    def peak(n: int) -> int:
        text = "text\n" + "".join(f"{'words ' * 100}{n} {i}\n" for i in range(n))
        row = draft(project, lead, text)
        worker = start_worker(row, settings.MEDIA_ROOT, 500, "trace")
        out, _ = worker.communicate(timeout=240)
        row.refresh_from_db()
        assert (row.status, row.rows_added) == (JobStatus.DONE, n)
        return int(out.split()[-1])  # bytes that Python objects took at most

    small, large = peak(2_000), peak(12_000)  # 1.2 MB and 7.2 MB
    assert large - small < 1_000_000
