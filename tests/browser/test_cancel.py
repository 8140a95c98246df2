"""A lead cancels an import, an export or a simulation on its page: one that waits ends at once, one that runs soon."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import expect

from annotation import jobs
from annotation.imports import importing
from annotation.models import Export, Job, JobStatus, Project, User
from learner.models import Simulation
from learner.simulations.requests import Options

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def an_import(project: Project, lead: User) -> tuple[Job, str]:
    row = importing.create_import(project, lead, SimpleUploadedFile("a.csv", b"text\na\n"))
    importing.start_draft(row)
    return row, f"imports/{row.pk}/"


def an_export(project: Project, lead: User) -> tuple[Job, str]:
    return Export.objects.create(project=project, created_by=lead, format="csv"), "exports/"


def a_simulation(project: Project, lead: User) -> tuple[Job, str]:
    options = Options.clean(project, {"strategies": ["random"], "learners": ["logistic"]})
    row = Simulation.objects.create(project=project, created_by=lead, options=asdict(options))
    return row, f"simulations/{row.pk}/"


@pytest.mark.parametrize("is_running", [False, True], ids=["queued", "running"])
@pytest.mark.parametrize(
    ("make", "button"),
    [(an_import, "Cancel import"), (an_export, "Cancel export"), (a_simulation, "Cancel simulation")],
)
def test_a_lead_cancels_a_job(
    open_context: Any,
    project: Project,
    lead: User,
    make: Callable[[Project, User], tuple[Job, str]],
    button: str,
    is_running: bool,
) -> None:
    job, address = make(project, lead)
    if is_running:
        claimed = jobs.claim_job(type(job), job.pk, "worker")
        assert claimed is not None
    page = open_context(lead).new_page()
    page.goto(f"/projects/{project.pk}/{address}")
    page.get_by_role("button", name=button).click()
    if is_running:
        expect(page.get_by_text("Being cancelled").first).to_be_visible()
        jobs.run_claimed(claimed, lambda row: jobs.save_fields(row))
        page.reload()
    expect(page.get_by_text("Cancelled").first).to_be_visible()
    expect(page.get_by_role("button", name=button)).to_have_count(0)
    job.refresh_from_db()
    assert job.status == JobStatus.CANCELLED
