"""A full disk, a dead process and old uploads: nothing half-written stays, and people read what is wrong."""

import errno
import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotation import file_storage, jobs, tasks
from annotation.errors import DiskFull
from annotation.exports import exporting
from annotation.file_storage import WholeFileStorage, is_disk_full
from annotation.imports import image_storage, importing
from annotation.models import Export, Import, Job, JobStatus, Project, User
from annotation.projects.projects import create_project
from tests.pictures import archive, picture

pytestmark = pytest.mark.django_db


def no_space(*_args: object, **_options: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


class _FullAfterOneBlock(ContentFile[bytes]):
    """A file of which only the first block finds room."""

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        yield b"first block"
        no_space()


def stored_files(settings: LazySettings) -> list[str]:
    return sorted(path.name for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())


@pytest.fixture(autouse=True)
def media(settings: LazySettings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


# Files are there whole or not at all


def test_a_file_that_finds_no_room_leaves_nothing(settings: LazySettings) -> None:
    assert isinstance(default_storage._wrapped, WholeFileStorage)  # type: ignore[attr-defined]
    with pytest.raises(OSError, match="No space"):
        default_storage.save("exports/a.csv", _FullAfterOneBlock(b"whatever"))
    assert stored_files(settings) == []


def test_a_taken_name_is_not_written_over(settings: LazySettings) -> None:
    storage = WholeFileStorage()
    assert storage._save("a.csv", ContentFile(b"first")) == "a.csv"
    second = storage._save("a.csv", ContentFile(b"second"))  # as when another process was quicker
    assert second != "a.csv"
    assert [storage.open(name).read() for name in ("a.csv", second)] == [b"first", b"second"]
    assert len(stored_files(settings)) == 2


def test_what_a_dead_process_left_is_removed_after_a_day(settings: LazySettings) -> None:
    for name, age in (("old.part", file_storage.MAX_PART_SECONDS + 60), ("new.part", 60), ("old.csv", 10**6)):
        path = Path(settings.MEDIA_ROOT) / "exports" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
        os.utime(path, (time.time() - age,) * 2)
    assert file_storage.remove_unfinished_files() == 1
    assert stored_files(settings) == ["new.part", "old.csv"]


# What people read


@pytest.mark.parametrize(
    ("error", "is_full"),
    [
        (OSError(errno.ENOSPC, "x"), True),
        (OSError(errno.EDQUOT, "x"), True),
        (OSError(errno.EACCES, "x"), False),
        (psycopg.errors.DiskFull("x"), True),
        (psycopg.errors.OutOfMemory("x"), False),
        (ValueError("x"), False),
    ],
    ids=repr,
)
def test_which_errors_mean_a_full_disk(error: Exception, is_full: bool) -> None:
    assert is_disk_full(error) is is_full
    wrapped = OperationalError("x")
    wrapped.__cause__ = error
    assert is_disk_full(wrapped) is is_full


def test_a_job_that_finds_no_room_says_so_and_leaves_nothing(
    project: Project, make_items: Any, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_items(project, 3)
    export = Export.objects.create(project=project, format="csv")
    monkeypatch.setattr(exporting, "File", lambda file: _FullAfterOneBlock(file.read()))
    for _ in range(Job.MAX_ATTEMPTS):
        exporting.run_export(export.pk)
        Export.objects.update(retry_at=timezone.now())
    export.refresh_from_db()
    assert (export.status, export.error) == (JobStatus.FAILED, str(DiskFull.message))
    assert stored_files(settings) == []


def test_an_upload_that_finds_no_room_is_told_in_json(
    project: Project, lead: User, api_of: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WholeFileStorage, "_save", no_space)
    url = reverse("api-imports", args=[project.pk])
    response = api_of(lead).post(url, {"file": SimpleUploadedFile("a.csv", b"text\na\n")})
    assert response.status_code == 507
    assert response.json()["error"]["code"] == "disk_full"
    assert not Import.objects.exists()


# What nobody needs


@pytest.fixture
def flowers(lead: User) -> Project:
    return create_project(lead, "Flowers", "image_classification", [{"name": "rose"}, {"name": "tulip"}])


def bring(project: Project, lead: User, raw: bytes) -> Import:
    run = importing.create_import(project, lead, SimpleUploadedFile("a.zip", raw))
    importing.start_draft(run)
    importing.run_import(run.pk)
    run.refresh_from_db()
    return run


def test_images_of_refused_rows_are_removed(flowers: Project, lead: User, settings: LazySettings) -> None:
    labels = b"file,label\n1.png,rose\n2.png,weed\n"
    raw = archive({"1.png": picture("red"), "2.png": picture("blue"), "3.png": picture("red"), "labels.csv": labels})
    for rejected in (1, 1):
        run = bring(flowers, lead, raw)
        assert run.rows_rejected == rejected
        [item] = flowers.items.all()
        images = {path.name for path in Path(settings.MEDIA_ROOT, "images").rglob("*") if path.is_file()}
        stem = Path(item.content["image"]).stem
        assert images == {f"{stem}.png", f"{stem}.screen.jpg", f"{stem}.thumb.jpg"}


def test_images_of_a_cancelled_chunk_are_removed(
    flowers: Project, lead: User, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, kept = image_storage.store_image, []

    def keep_and_cancel(project: int, raw: bytes) -> dict[str, Any]:
        kept.append(keep(project, raw))
        if len(kept) == 2:
            raise jobs.JobCancelled
        return kept[-1]

    monkeypatch.setattr(image_storage, "store_image", keep_and_cancel)
    run = bring(flowers, lead, archive({f"{n}.png": picture((n, 0, 0)) for n in range(3)}))
    assert run.status == JobStatus.CANCELLED
    assert flowers.items.count() == 0
    assert len(list(Path(settings.MEDIA_ROOT, "images").rglob("*.png"))) == 1, "the one whose import was cut short"


def test_old_uploads_are_removed_and_drafts_with_their_rows(
    project: Project, lead: User, settings: LazySettings
) -> None:
    def upload() -> Import:
        return importing.create_import(project, lead, SimpleUploadedFile("a.csv", b"text\na\n"))

    rows = {name: upload() for name in ("old draft", "new draft", "old", "new", "waiting")}
    for name in ("old", "new"):
        importing.start_draft(rows[name])
        importing.run_import(rows[name].pk)
    importing.start_draft(rows["waiting"])
    long_ago = timezone.now() - timedelta(days=settings.UPLOAD_KEEP_DAYS, minutes=1)
    Import.objects.exclude(pk__in=[rows["new"].pk, rows["new draft"].pk]).update(created_at=long_ago)
    Import.objects.filter(pk=rows["old"].pk).update(finished_at=long_ago)
    tasks.clean_up()
    tasks.clean_up()
    left = {name for name, row in rows.items() if Import.objects.filter(pk=row.pk).exclude(file="").exists()}
    assert left == {"new draft", "new", "waiting"}
    assert set(Import.objects.values_list("pk", flat=True)) == {row.pk for row in rows.values()} - {
        rows["old draft"].pk
    }
    assert len(stored_files(settings)) == 3
    settings.UPLOAD_KEEP_DAYS = 0
    Import.objects.update(finished_at=long_ago)
    tasks.clean_up()
    assert len(stored_files(settings)) == 3, "0 keeps all"
