"""A file kills its worker each time, and another is cancelled in the middle, while the jobs of others are done."""

import sys

from tests.operations import stage  # first: it sets Django up

from django.core.files.uploadedfile import SimpleUploadedFile  # isort: skip

from alproject import process_list  # isort: skip
from alproject.supervisor import Program  # isort: skip
from annotation import jobs  # isort: skip
from annotation.exports import exporting  # isort: skip
from annotation.imports import importing  # isort: skip
from annotation.models import Import, Job, JobStatus, Project, User  # isort: skip
from annotation.projects.projects import create_project  # isort: skip

PATIENCE = 120.0  # for a machine that is busy with other tests
SLOW_ROWS = 2000  # forty seconds' worth
GOOD_ROWS = 25  # before the deadly one: two chunks of ten are kept


def bring(project: Project, lead: User, texts: list[str]) -> Import:
    file = SimpleUploadedFile("texts.csv", "\n".join(["text", *texts, ""]).encode())
    row = importing.create_import(project, lead, file)
    importing.start_draft(row, {"text": "text"})
    return row


def has_ended(row: Job) -> bool:
    row.refresh_from_db()
    return row.status not in (JobStatus.QUEUED, JobStatus.RUNNING)


def worker() -> Program:
    usual = process_list.worker_program("default")
    return Program(usual.name, [*usual.argv, "--include", "tests.operations.deadly_rows"])


def main() -> None:
    project = stage.small_project(50)
    lead = User.objects.get(username="lead")
    other = create_project(lead, "Other", "text_classification", [{"name": "a"}, {"name": "b"}])
    with stage.running(stage.private_redis_program(), worker(), process_list.beat_program(stage.VAR)) as programs:
        deadly = bring(project, lead, [*(f"good {n}" for n in range(GOOD_ROWS)), "deadly", "never reached"])
        queued = [exporting.create_export(project, lead, "csv") for _ in range(5)]
        slow = bring(other, lead, [f"slow {n}" for n in range(SLOW_ROWS)])
        stage.wait_until(lambda: Import.objects.get(pk=slow.pk).rows_added >= 10, PATIENCE, "the slow one is under way")
        jobs.cancel_job(slow)
        stage.wait_until(lambda: has_ended(slow), PATIENCE, "the slow one is cancelled")
        assert (slow.status, slow.error) == (JobStatus.CANCELLED, ""), (slow.status, slow.error)
        assert 10 <= slow.rows_added < SLOW_ROWS
        assert other.items.count() == slow.rows_added, "what is in stays"
        stage.wait_until(lambda: has_ended(deadly), PATIENCE, "the deadly one is given up")
        assert (deadly.status, deadly.attempts) == (JobStatus.FAILED, Import.MAX_DEATHS), deadly.status
        assert deadly.error == jobs.WORKER_DIED
        assert deadly.rows_added == 20
        for row in queued:
            stage.wait_until(lambda row=row: has_ended(row), PATIENCE, "the exports")
            assert row.status == JobStatus.DONE, row.error
        assert programs["worker-default"].poll() is None, "only its processes died"


if __name__ == "__main__":
    sys.exit(main())
