"""Background jobs: whose turn it is, how often one is tried, and how one is cancelled."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from annotation import jobs, tasks
from annotation.errors import Conflict, InvalidRequest
from annotation.exports import exporting
from annotation.imports import importing
from annotation.models import Export, Import, Job, JobStatus, LabelChange, Project, User

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

Woken = list[tuple[type[Job], int]]


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> Woken:
    """The messages that were sent."""
    sent: Woken = []
    monkeypatch.setattr(jobs, "wake_worker", lambda model, pk, **_expires: sent.append((model, pk)))
    return sent


@pytest.fixture
def export(project: Project) -> Export:
    return Export.objects.create(project=project, format="csv")


def claimed(export: Export) -> Export:
    job = jobs.claim_job(Export, export.pk, "worker")
    assert isinstance(job, Export)
    return job


def reread(job: Any) -> Any:
    job.refresh_from_db()
    return job


def fall_silent(job: Job) -> None:
    """As when the worker of the job has died."""
    type(job).objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - timedelta(days=1))


# Attempts


def test_a_job_whose_worker_dies_each_time_is_given_up_with_a_reason(export: Export) -> None:
    for attempt in range(1, Job.MAX_DEATHS + 1):
        assert claimed(export).attempts == attempt
        fall_silent(export)
    assert jobs.claim_job(Export, export.pk, "worker") is None
    assert reread(export).status == JobStatus.FAILED
    assert "more memory" in export.error
    assert export.finished_at is not None
    assert jobs.waiting_jobs() == []


def test_the_sweep_gives_up_too(export: Export, woken: Woken) -> None:
    for _ in range(Job.MAX_DEATHS):
        claimed(export)
        fall_silent(export)
    jobs.sweep()
    assert reread(export).status == JobStatus.FAILED
    assert woken == []


def test_progress_that_is_kept_begins_the_count_again(export: Export) -> None:
    for _ in range(2 * Job.MAX_ATTEMPTS):
        jobs.save_progress(claimed(export), rows_written=1)
        fall_silent(export)
    assert claimed(export).attempts == 2


def test_a_heartbeat_or_a_report_is_no_progress_that_is_kept(export: Export) -> None:
    for _ in range(2):
        jobs.save_fields(claimed(export), rows_written=1)
        fall_silent(export)
    assert claimed(export).attempts == 3


@pytest.mark.parametrize("error", [OperationalError("gone"), MemoryError(), OSError("disk full")], ids=repr)
def test_an_error_that_may_pass_is_tried_again_with_growing_pauses(export: Export, error: Exception) -> None:
    def broken(job: Any) -> None:
        raise error

    pauses = []
    for attempt in range(1, Job.MAX_ATTEMPTS):
        jobs.run_job(Export, export.pk, broken)
        assert (reread(export).status, export.attempts, export.error) == (JobStatus.QUEUED, attempt, "")
        pauses.append(export.retry_at - timezone.now())
        assert jobs.claim_job(Export, export.pk, "too early") is None
        Export.objects.update(retry_at=timezone.now())
    assert [round(pause.total_seconds()) for pause in pauses] == [5, 10, 20, 40]
    jobs.run_job(Export, export.pk, broken)
    assert reread(export).status == JobStatus.FAILED
    assert type(error).__name__ in export.error


def test_deaths_and_errors_count_together(export: Export) -> None:
    def broken(job: Any) -> None:
        raise MemoryError

    for _ in range(Job.MAX_DEATHS):
        jobs.run_job(Export, export.pk, broken)
        Export.objects.update(retry_at=timezone.now())
    assert claimed(export).attempts == Job.MAX_DEATHS + 1
    fall_silent(export)
    assert jobs.claim_job(Export, export.pk, "worker") is None
    assert reread(export).status == JobStatus.FAILED


@pytest.mark.parametrize("error", [ZeroDivisionError(), InvalidRequest("That cannot be.")], ids=repr)
def test_an_error_that_stays_is_not_tried_again(export: Export, error: Exception) -> None:
    def broken(job: Any) -> None:
        raise error

    jobs.run_job(Export, export.pk, broken)
    assert (reread(export).status, export.attempts) == (JobStatus.FAILED, 1)
    assert export.error in (
        "That cannot be.",
        "Something went wrong (ZeroDivisionError). The log of the worker says more.",
    )


def test_a_worker_that_lost_its_job_neither_writes_nor_fails_it(export: Export) -> None:
    def slow(job: Any) -> None:
        fall_silent(job)
        assert jobs.claim_job(Export, export.pk, "another") is not None
        jobs.save_fields(job, rows_written=7)

    jobs.run_job(Export, export.pk, slow)
    assert (reread(export).status, export.worker, export.rows_written) == (JobStatus.RUNNING, "another", 0)


# Order


def other_project(number: int) -> Project:
    return Project.objects.create(name=f"other {number}", task_type="text_classification")


def order_of_work(count: int) -> list[int]:
    """The projects that are served when so many jobs are done one after the other."""
    served = []
    for _ in range(count):
        model, pk = jobs.waiting_jobs()[0]
        job = jobs.claim_job(model, pk, "worker")
        assert job is not None
        served.append(job.project_id)  # type: ignore[attr-defined]
        jobs.save_fields(job, status=JobStatus.DONE)
    return served


def test_a_project_with_fifty_jobs_takes_turns_with_others(project: Project) -> None:
    few, one = other_project(1), other_project(2)
    for _ in range(50):
        Export.objects.create(project=project, format="csv")
    for _ in range(2):
        Export.objects.create(project=few, format="csv")
    Export.objects.create(project=one, format="csv")
    served = order_of_work(6)
    assert served[:3] == [project.pk, few.pk, one.pk]
    assert sorted(served[3:5]) == sorted([project.pk, few.pk])
    assert served[5] == project.pk
    late = Export.objects.create(project=one, format="csv")
    assert jobs.waiting_jobs()[0] == (Export, late.pk), "who has waited longest without being served is next"


def test_a_project_never_has_all_places(project: Project) -> None:
    other = other_project(1)
    for _ in range(3):
        Export.objects.create(project=project, format="csv")
    assert jobs._claim_next("worker") is not None
    assert jobs.waiting_jobs() == [], "the second place is for others"
    late = Export.objects.create(project=other, format="csv")
    job = jobs._claim_next("another worker")
    assert job is not None
    assert job.pk == late.pk
    jobs.save_fields(job, status=JobStatus.DONE)
    assert jobs._claim_next("another worker") is None
    fall_silent(Export.objects.get(status=JobStatus.RUNNING))
    assert len(jobs.waiting_jobs()) == 3, "a dead worker's job is at work no more"


def test_who_was_not_quick_enough_takes_the_job_of_another_project(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        Export.objects.create(project=project, format="csv")
    of_other = Export.objects.create(project=other_project(1), format="csv")
    claim = jobs.claim_job

    def claim_after_another(model: type[Job], pk: int, worker: str) -> Job | None:
        monkeypatch.setattr(jobs, "claim_job", claim)
        assert claim(model, pk, "a quicker worker") is not None
        return claim(model, pk, worker)

    monkeypatch.setattr(jobs, "claim_job", claim_after_another)
    job = jobs._claim_next("worker")
    assert job is not None
    assert job.pk == of_other.pk


def test_a_long_import_makes_room_for_others_and_goes_on(
    project: Project, lead: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK_ROWS", 10)
    monkeypatch.setattr(jobs, "TURN_SECONDS", 0.0)
    lines = "".join(f"text {n}\n" for n in range(45))
    row = importing.create_import(project, lead, SimpleUploadedFile("a.csv", f"text\n{lines}".encode()))
    importing.start_draft(row)
    other = Export.objects.create(project=other_project(1), format="csv")
    importing.run_import(row.pk)
    assert (reread(row).status, row.rows_added) == (JobStatus.QUEUED, 20)
    assert jobs.waiting_jobs() == [(Export, other.pk), (Import, row.pk)]
    jobs.cancel_job(other)
    importing.run_import(row.pk)
    assert (reread(row).status, row.rows_added) == (JobStatus.DONE, 45), "nobody waits: it goes on"
    assert project.items.count() == 45


def test_within_a_project_all_kinds_stand_in_one_line(project: Project, lead: User) -> None:
    change = LabelChange.objects.create(project=project, kind="rename", label="ham", into=["good"])
    export = Export.objects.create(project=project, format="csv")
    row = importing.create_import(project, lead, SimpleUploadedFile("a.csv", b"text\na\n"))
    importing.start_draft(row)
    assert jobs.waiting_jobs() == [(LabelChange, change.pk), (Export, export.pk), (Import, row.pk)]


def test_a_message_does_the_job_that_is_next_and_wakes_a_worker_for_the_one_after(
    project: Project, woken: Woken
) -> None:
    first, second = (exporting.create_export(project, project.created_by, "csv") for _ in range(2))
    tasks.export_run(second.pk)
    assert [reread(row).status for row in (first, second)] == [JobStatus.DONE, JobStatus.QUEUED]
    assert woken == [(Export, second.pk)]
    tasks.export_run(second.pk)
    tasks.export_run(second.pk)  # a message that comes twice
    assert reread(second).status == JobStatus.DONE
    assert len(woken) == 1


# Cancel


def cancelled(row: Job) -> tuple[str, bool]:
    row.refresh_from_db()
    return row.status, row.finished_at is not None


def test_a_queued_job_is_cancelled_at_once_and_once(export: Export) -> None:
    for _ in range(2):
        jobs.cancel_job(export)
        assert cancelled(export) == (JobStatus.CANCELLED, True)
        assert jobs.claim_job(Export, export.pk, "worker") is None
    ended = export.finished_at
    jobs.cancel_job(export)
    assert reread(export).finished_at == ended


def test_a_running_job_ends_at_its_next_report(export: Export) -> None:
    reports = []

    def work(job: Export) -> None:
        progress = jobs.ProgressReporter(job)
        progress(rows_written=3)
        jobs.cancel_job(Export.objects.get(pk=job.pk))
        assert Export.objects.get(pk=job.pk).status == JobStatus.RUNNING
        progress._last = 0.0
        reports.append("reports")
        progress(rows_written=4)
        reports.append("goes on")

    jobs.run_job(Export, export.pk, work)
    assert reports == ["reports"]
    assert cancelled(export) == (JobStatus.CANCELLED, True)
    assert (export.rows_written, export.error) == (3, "")


def test_what_has_ended_stays_as_it_is(export: Export) -> None:
    jobs.run_job(Export, export.pk, exporting.write_file)
    jobs.cancel_job(export)
    assert (reread(export).status, export.cancel_requested) == (JobStatus.DONE, False)


def test_a_cancelled_job_of_a_dead_worker_is_not_taken_over(export: Export, woken: Woken) -> None:
    claimed(export)
    jobs.cancel_job(export)
    fall_silent(export)
    assert jobs.claim_job(Export, export.pk, "another") is None
    assert cancelled(export) == (JobStatus.CANCELLED, True)
    jobs.sweep()
    assert woken == []


def test_a_job_that_gives_way_or_waits_for_its_next_attempt_is_cancelled_too(export: Export) -> None:
    job = claimed(export)
    Export.objects.filter(pk=export.pk).update(cancel_requested=True)
    with pytest.raises(jobs.JobCancelled):
        jobs.requeue_job(job)
    Export.objects.filter(pk=export.pk).update(cancel_requested=False)

    def broken(row: Export) -> None:
        raise MemoryError

    jobs.run_claimed(job, broken)
    assert reread(export).status == JobStatus.QUEUED
    jobs.cancel_job(export)
    assert cancelled(export) == (JobStatus.CANCELLED, True)


def test_a_cancelled_import_keeps_what_is_in(project: Project, lead: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "CHUNK_ROWS", 10)
    lines = "".join(f"text {n}\n" for n in range(100))
    row = importing.create_import(project, lead, SimpleUploadedFile("a.csv", f"text\n{lines}".encode()))
    importing.start_draft(row)
    save_progress = jobs.save_progress

    def cancel_after_three(job: Job, **fields: Any) -> None:
        save_progress(job, **fields)
        if fields["rows_added"] == 30:
            jobs.cancel_job(Import.objects.get(pk=job.pk))

    monkeypatch.setattr(jobs, "save_progress", cancel_after_three)
    importing.run_import(row.pk)
    assert cancelled(row) == (JobStatus.CANCELLED, True)
    assert (row.rows_added, project.items.count()) == (30, 30)
    project.refresh_from_db()
    assert project.item_count == 30


def test_a_cancelled_export_leaves_no_file(
    project: Project, export: Export, make_items: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_items(project, 5)
    save = jobs.save_fields

    def cancel_at_the_end(job: Job, **fields: Any) -> None:
        if "file" in fields:
            jobs.cancel_job(Export.objects.get(pk=job.pk))
        save(job, **fields)

    monkeypatch.setattr(jobs, "save_fields", cancel_at_the_end)
    exporting.run_export(export.pk)
    assert cancelled(export) == (JobStatus.CANCELLED, True)
    assert not export.file
    folder = export.file.storage.path("exports")
    assert not [path for path in Path(folder).rglob("*") if path.is_file()]


def test_a_draft_is_discarded_and_not_cancelled(project: Project, lead: User) -> None:
    row = importing.create_import(project, lead, SimpleUploadedFile("a.csv", b"text\na\n"))
    with pytest.raises(Conflict):
        jobs.cancel_job(row)
    assert reread(row).status == JobStatus.DRAFT


@pytest.mark.parametrize("kind", ["import", "export"])
def test_a_lead_cancels_over_the_api(
    kind: str, project: Project, lead: User, export: Export, api_of: Callable[..., APIClient]
) -> None:
    row: Job = export
    if kind == "import":
        row = importing.create_import(project, lead, SimpleUploadedFile("a.csv", b"text\na\n"))
        importing.start_draft(row)
    address = reverse(f"api-{kind}-cancel", args=[project.pk, row.pk])
    for _ in range(2):
        answer = api_of(lead).post(address)
        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
        assert answer.json()["cancel_requested"] is True


@pytest.mark.parametrize(
    ("who", "status"), [("reviewer", 403), ("annotator", 403), ("stranger", 404), (None, 401), ("lead", 200)]
)
def test_who_may_cancel(
    who: str | None,
    status: int,
    project: Project,
    export: Export,
    api_of: Callable[..., APIClient],
    request: pytest.FixtureRequest,
) -> None:
    user = None if who is None else request.getfixturevalue(who)
    address = reverse("api-export-cancel", args=[project.pk, export.pk])
    assert api_of(user).post(address).status_code == status
    assert reread(export).status == (JobStatus.CANCELLED if status == 200 else JobStatus.QUEUED)


def test_another_projects_job_cannot_be_cancelled(lead: User, export: Export, api_of: Callable[..., APIClient]) -> None:
    other = other_project(1)
    other.memberships.create(user=lead, role="lead")
    assert api_of(lead).post(reverse("api-export-cancel", args=[other.pk, export.pk])).status_code == 404
    assert reread(export).status == JobStatus.QUEUED


@pytest.mark.parametrize("status", JobStatus.values)
def test_the_button_is_there_while_there_is_something_to_cancel(
    status: str, project: Project, lead: User, export: Export, client_of: Callable[..., Any]
) -> None:
    Export.objects.filter(pk=export.pk).update(status=status)
    shown = client_of(lead).get(reverse("exports-index", args=[project.pk])).content.decode()
    path = f"projects/{project.pk}/exports/{export.pk}/cancel/"
    assert (path in shown) is (status in ("queued", "running"))
    assert ("Cancelled" in shown) is (status == "cancelled")
