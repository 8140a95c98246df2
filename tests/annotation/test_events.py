"""The audit log: what is recorded, who may read it, and that nobody changes it."""

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alproject.logs import JsonFormatter, RequestIdFilter
from annotation.events.recording import record_event
from annotation.events.retention import delete_old_events
from annotation.exports import exporting
from annotation.models import Event, EventKind, Export, Import, Membership, Project, User
from annotation.models.events import AppendOnlyError
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
ADDRESS = "192.0.2.7"


@pytest.fixture
def client(lead: User, client_of: Callable[..., Client]) -> Client:
    client = client_of(lead)
    client.defaults |= {"REMOTE_ADDR": ADDRESS, "HTTP_X_REQUEST_ID": "request-1"}
    return client


def kinds() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("kind", flat=True))


def only(kind: EventKind) -> Event:
    return Event.objects.get(kind=kind)


def send(client: Client, method: str, route: str, *args: object, **body: object) -> Any:
    response = getattr(client, method)(reverse(route, args=args), body, content_type="application/json")
    assert response.status_code < 400, response.content
    return response


# Accounts


def test_signing_in_and_out_and_failing_to(annotator: User) -> None:
    client = Client(REMOTE_ADDR=ADDRESS)
    client.post("/sign-in/", {"username": "annotator", "password": "wrong"})
    client.post("/sign-in/", {"username": "annotator", "password": PASSWORD})
    client.post("/sign-out/")
    assert kinds() == ["sign_in_failed", "sign_in", "sign_out"]
    failed, came, _went = Event.objects.order_by("pk")
    assert (failed.subject, failed.actor, failed.address) == ("annotator", None, ADDRESS)
    assert (came.actor, came.address) == (annotator.pk, ADDRESS)
    assert PASSWORD not in str(list(Event.objects.values()))


def test_tokens_and_passwords(annotator: User) -> None:
    client = Client()
    send(client, "post", "api-token", username="annotator", password=PASSWORD)
    assert only(EventKind.TOKEN_CREATED).actor == annotator.pk
    client.post(reverse("api-token"), {"username": "annotator", "password": "no"}, content_type="application/json")
    assert only(EventKind.SIGN_IN_FAILED).subject == "annotator"
    client.force_login(annotator)
    client.post("/account/", {"old": PASSWORD, "new": "another-long-password-9"})
    assert only(EventKind.PASSWORD_CHANGED).actor == annotator.pk


# Projects


def test_members(client: Client, project: Project, lead: User, annotator: User, stranger: User) -> None:
    member = Membership.objects.get(project=project, user=annotator).pk
    send(client, "post", "api-members", project.pk, username="stranger", role="reviewer")
    send(client, "patch", "api-member", project.pk, member, role="lead")
    send(client, "delete", "api-member", project.pk, member)
    link = send(client, "post", "api-invitations", project.pk, role="annotator").json()
    send(client, "delete", "api-invitation", project.pk, link["id"])
    send(client, "delete", "api-invitation", project.pk, link["id"])  # changes nothing
    found = [
        (row.kind, row.user, row.details.get("role")) for row in Event.objects.exclude(kind="sign_in").order_by("pk")
    ]
    assert found == [
        ("member_added", stranger.pk, "reviewer"),
        ("member_role_changed", annotator.pk, "lead"),
        ("member_removed", annotator.pk, "lead"),
        ("invitation_created", None, "annotator"),
        ("invitation_revoked", None, None),
    ]
    rows = Event.objects.exclude(kind="sign_in")
    assert {(row.actor, row.project, row.address, row.request_id) for row in rows} == {
        (lead.pk, project.pk, ADDRESS, "request-1")
    }
    assert only(EventKind.MEMBER_ROLE_CHANGED).details["before"] == "annotator"


def test_settings_labels_and_the_end(client: Client, project: Project, lead: User) -> None:
    labels = [{"name": "ham"}, {"name": "spam"}, {"name": "eggs"}]
    send(client, "patch", "api-project", project.pk, settings={"overlap": 2}, guidelines="Be kind.", labels=labels)
    changed = only(EventKind.PROJECT_CHANGED)
    assert changed.details["settings.overlap"] == [None, 2]
    assert changed.details["labels"] == [
        {"ham": "in use", "spam": "in use"},
        {"ham": "in use", "spam": "in use", "eggs": "in use"},
    ]
    assert changed.details["guidelines"] == ["changed"]
    send(client, "patch", "api-project", project.pk, settings={"overlap": 2})  # changes nothing
    assert kinds().count("project_changed") == 1
    send(client, "post", "api-label-changes", project.pk, kind="rename", label="eggs", targets=["bacon"])
    assert only(EventKind.LABEL_CHANGED).subject == "eggs"
    for paused in (True, True, False):
        send(client, "post", "api-project-pause", project.pk, paused=paused)
    assert kinds()[-2:] == ["project_paused", "project_resumed"]
    number = project.pk
    send(client, "delete", "api-project", number)
    gone = only(EventKind.PROJECT_DELETED)
    assert (gone.project, gone.subject, gone.actor) == (number, "SMS spam", lead.pk)
    assert Event.objects.filter(project=number).count() == 5


def test_data_in_and_out(client: Client, project: Project, lead: User) -> None:
    file = SimpleUploadedFile("texts.csv", b"text\nhello\n")
    client.post(reverse("api-imports", args=[project.pk]), {"file": file, "mapping": json.dumps({"text": "text"})})
    send(client, "post", "api-import-cancel", project.pk, Import.objects.get().pk)
    made = send(client, "post", "api-exports", project.pk, format="csv").json()
    exporting.run_export(made["id"])
    client.get(reverse("api-export-download", args=[project.pk, made["id"]]))
    send(client, "post", "api-export-cancel", project.pk, Export.objects.get().pk)
    assert kinds()[-5:] == [
        "import_started",
        "import_cancelled",
        "export_created",
        "export_downloaded",
        "export_cancelled",
    ]
    assert only(EventKind.IMPORT_STARTED).subject == "texts.csv"


def test_what_is_rolled_back_is_not_recorded(project: Project, lead: User) -> None:
    with transaction.atomic():
        record_event(EventKind.PROJECT_CHANGED, project=project, by=lead)
        transaction.set_rollback(True)
    assert not Event.objects.exists()


# Append-only


def test_rows_are_not_changed(project: Project, lead: User) -> None:
    record_event(EventKind.PROJECT_CHANGED, project=project, by=lead)
    row = Event.objects.get()
    for attempt in (row.save, row.delete, Event.objects.all().delete, lambda: Event.objects.update(subject="x")):
        with pytest.raises(AppendOnlyError):
            attempt()
    lead.delete()
    assert Event.objects.get().actor is not None


@pytest.mark.postgres
def test_the_database_refuses_changes_too(project: Project, lead: User) -> None:
    record_event(EventKind.PROJECT_CHANGED, project=project, by=lead)
    for statement in ("UPDATE annotation_event SET subject = 'x'", "DELETE FROM annotation_event"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert Event.objects.count() == 1


@pytest.mark.parametrize(("kept_days", "left"), [(365, ["2", "20", "40"]), (35, ["2", "20"]), (1, ["2", "20"])])
def test_old_rows_are_forgotten(kept_days: int, left: list[str], settings: Any) -> None:
    settings.EVENT_DAYS = kept_days
    for days in (2, 20, 40, 400):
        Event.objects.create(kind="sign_in", at=timezone.now() - timedelta(days=days), subject=str(days))
    delete_old_events()
    assert list(Event.objects.order_by("pk").values_list("subject", flat=True)) == left


# Reading it


def test_leads_see_their_project_and_admins_everything(
    project: Project, lead: User, admin: User, client_of: Callable[..., Client]
) -> None:
    other = Project.objects.create(name="other", task_type="text_classification")
    for where in (project, other, None):
        record_event(EventKind.PROJECT_CHANGED, project=where, by=lead, subject="x")
    mine = client_of(lead).get(reverse("api-project-events", args=[project.pk])).json()["results"]
    assert [(row["project"], row["actor"]) for row in mine] == [(project.pk, "lead")]
    every = client_of(admin).get(reverse("api-events"), {"actor": "lead", "kind": "project_changed"}).json()["results"]
    assert [row["project"] for row in every] == [None, other.pk, project.pk]
    page = client_of(admin).get(reverse("events-index"), {"actor": "lead", "kind": "project_changed"}).content.decode()
    assert page.count("<tr>") == 4
    assert "other" in page


def test_filters(project: Project, lead: User, annotator: User, client_of: Callable[..., Client]) -> None:
    client, where = client_of(lead), reverse("api-project-events", args=[project.pk])
    record_event(EventKind.MEMBER_ADDED, project=project, by=lead, user=annotator)
    record_event(EventKind.EXPORT_CREATED, project=project, by=annotator)

    def found(**query: str) -> list[str]:
        return [row["kind"] for row in client.get(where, query).json()["results"]]

    assert found() == ["export_created", "member_added"]
    assert found(kind="member_added") == ["member_added"]
    assert found(actor="annotator") == ["export_created"]
    assert found(actor="nobody") == []
    assert found(before="2020-01-01T00:00:00Z") == []
    assert len(found(since="2020-01-01")) == 2
    assert client.get(where, {"kind": "nonsense"}).status_code == 400
    page = client.get(reverse("events-project", args=[project.pk]), {"kind": "member_added"}).content.decode()
    assert "Member added" in page
    assert page.count("<tr>") == 2
    assert "does not exist" in client.get(reverse("events-project", args=[project.pk]), {"since": "x"}).content.decode()


def test_reading_asks_as_often_however_many_there_are(
    project: Project, lead: User, client_of: Callable[..., Client], django_assert_max_num_queries: Any
) -> None:
    for _ in range(30):
        record_event(EventKind.MEMBER_ADDED, project=project, by=lead, user=lead)
    client = client_of(lead)
    with django_assert_max_num_queries(6):
        assert len(client.get(reverse("api-project-events", args=[project.pk])).json()["results"]) == 30


# Requests and their log


def test_a_request_has_an_id(client: Client) -> None:
    assert client.get("/api/v1/me/")["X-Request-ID"] == "request-1"
    for sent in ("", "a b", "x" * 65, "<script>"):
        answered = client.get("/api/v1/me/", headers={"x-request-id": sent})["X-Request-ID"]
        assert len(answered) == 32
    assert client.get("/nothing/")["X-Request-ID"] == "request-1"


def test_the_access_log_in_json(client: Client, lead: User, settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.ACCESS_LOG = True
    lines: list[dict[str, Any]] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(json.loads(JsonFormatter().format(record)))

    handler = Kept()
    handler.addFilter(RequestIdFilter())
    logger = logging.getLogger("margin.access")
    logger.addHandler(handler)
    try:
        client.get("/api/v1/projects/?page_size=7")
    finally:
        logger.removeHandler(handler)
    [line] = lines
    wanted = {"method": "GET", "path": "/api/v1/projects/", "status": 200, "address": ADDRESS, "user": lead.pk}
    assert wanted.items() <= line.items()
    assert line["request_id"] == "request-1"
    assert "page_size" not in json.dumps(line)
