"""Imports and exports over the API: forms, states, and who may do what."""

import gzip
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from annotation.exports import exporting
from annotation.imports import importing
from annotation.models import Export, Import, Item, JobStatus, Project, User, WorkerHeartbeat

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

ApiOf = Callable[[User | None], APIClient]
ClientOf = Callable[[User | None], Client]
MakeItems = Callable[..., list[Item]]

RAW = b"text,label\nhello,ham\nyou won,spam\nhello,ham\nx,eggs\n=1+1,\n"


def upload(api: Client, project: Project, raw: bytes = RAW, **fields: str) -> HttpResponse:
    file = SimpleUploadedFile("data.csv", raw)
    return api.post(f"/api/v1/projects/{project.pk}/imports/", {"file": file, **fields}, format="multipart")


def test_an_upload_is_started_as_guessed_and_told_to_the_end(project: Project, lead: User, api_of: ApiOf) -> None:
    api = api_of(lead)
    answer = upload(api, project)
    assert answer.status_code == 202
    assert answer.json()["status"] == "queued"
    url = f"/api/v1/projects/{project.pk}/imports/{answer.json()['id']}/"
    assert api.get(url).json()["worker_running"] is False
    importing.run_import(answer.json()["id"])
    WorkerHeartbeat.touch("default")
    told = api.get(url).json()
    assert {k: told[k] for k in ("status", "progress", "error", "worker_running", "name")} == {
        "status": "done",
        "progress": 1.0,
        "error": "",
        "worker_running": True,
        "name": "data.csv",
    }
    assert [told[f"rows_{k}"] for k in ("read", "added", "duplicate", "rejected")] == [5, 3, 1, 1]
    assert [one["row"] for one in told["first_rejects"]] == [4]
    rejects = api.get(told["rejects_url"])
    assert rejects["Content-Type"].startswith("text/csv")
    lines = b"".join(rejects.streaming_content).decode().splitlines()
    assert lines[0] == "row,kind,reason,excerpt"
    assert [line.split(",")[:2] for line in lines[1:]] == [["3", "duplicate"], ["4", "rejected"]]


def test_rejects_are_no_formulas(project: Project, lead: User, api_of: ApiOf) -> None:
    answer = upload(api_of(lead), project, b"text\n=1+1\n=1+1\n")
    importing.run_import(answer.json()["id"])
    url = reverse("api-import-rejects", args=[project.pk, answer.json()["id"]])
    assert b",'=1+1" in b"".join(api_of(lead).get(url).streaming_content)


def test_a_preview_stays_a_draft_until_it_is_started(project: Project, lead: User, api_of: ApiOf) -> None:
    api = api_of(lead)
    answer = upload(api, project, gzip.compress(RAW), preview="true")
    assert answer.status_code == 200
    body = answer.json()
    assert body["status"] == "draft"
    assert body["preview"]["columns"] == ["text", "label"]
    assert body["preview"]["gzip"] is True
    assert body["preview"]["rows"][0] == ["hello", "ham"]
    assert body["preview"]["mapping"] == {
        "text": "text",
        "label": "label",
        "id": None,
        "export_only": [],
        "hidden": [],  # the old name
    }
    url = f"/api/v1/projects/{project.pk}/imports/{body['id']}/"
    wrong = api.post(url + "start/", {"mapping": {"text": "nothing"}}, format="json")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (400, "import_refused")
    started = api.post(url + "start/", {"mapping": {"text": "text", "hidden": ["label"]}}, format="json")
    assert (started.status_code, started.json()["status"]) == (202, "queued")
    importing.run_import(body["id"])
    assert project.items.first().export_only == {"label": "ham"}  # type: ignore[union-attr]
    assert api.delete(url).status_code == 400


def test_a_preview_says_that_some_rows_cannot_be_read(project: Project, lead: User, api_of: ApiOf) -> None:
    made = upload(api_of(lead), project, b"text,label\nfine,ham\nodd,ham,one,more\n", preview="true").json()
    assert (made["preview"]["rows"], made["preview"]["unreadable"]) == ([["fine", "ham"]], 1)


def test_the_column_with_most_words_is_offered_as_the_text(
    project: Project, lead: User, api_of: ApiOf, client_of: ClientOf
) -> None:
    raw = b"Nr;Bewertung;Kunde\n1;leider zu klein geraten;Kunde 4\n2;passt ganz wunderbar;Kunde 5\n"
    made = upload(api_of(lead), project, raw, preview="true").json()
    page = client_of(lead).get(f"/projects/{project.pk}/imports/{made['id']}/")
    assert [column["role"] for column in page.context["columns"]] == ["meta", "text", "meta"]


def test_a_draft_can_be_read_anew_and_removed(
    project: Project, lead: User, api_of: ApiOf, settings: LazySettings
) -> None:
    api = api_of(lead)
    made = upload(api, project, b"a;b\nx;y\n", preview="true").json()
    url = f"/api/v1/projects/{project.pk}/imports/{made['id']}/"
    again = api.patch(url, {"header": False, "delimiter": ","}, format="json").json()["preview"]
    assert (again["columns"], again["rows"]) == (["column 1"], [["a;b"], ["x;y"]])
    assert api.delete(url).status_code == 204
    assert not Import.objects.exists()
    assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def test_without_a_text_for_certain_it_waits_for_a_mapping(project: Project, lead: User, api_of: ApiOf) -> None:
    answer = upload(api_of(lead), project, b"a,b\nx,y\n")
    assert (answer.status_code, answer.json()["status"]) == (200, "draft")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"raw": b""}, "import_refused"),
        ({"mapping": '{"text": "nothing"}'}, "import_refused"),
        ({"mapping": "{"}, "invalid_request"),
        ({"format": "xlsx"}, "invalid_request"),
        ({"raw": b"\x89PNG\r\n"}, "import_refused"),
    ],
)
def test_what_is_refused_leaves_nothing(
    project: Project, lead: User, api_of: ApiOf, fields: dict[str, Any], code: str, settings: LazySettings
) -> None:
    answer = upload(api_of(lead), project, **fields)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
    assert not Import.objects.exists()
    assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def test_too_large_a_request_is_refused(project: Project, lead: User, api_of: ApiOf, settings: LazySettings) -> None:
    settings.UPLOAD_MAX_BYTES = 100
    assert "larger than" in upload(api_of(lead), project, b"text\n" + b"x\n" * 60).json()["error"]["message"]
    assert "larger than" in upload(api_of(lead), project, b"text\n" + b"x\n" * 60_000).json()["error"]["message"]


def test_an_export_from_asking_to_download(project: Project, lead: User, api_of: ApiOf, make_items: MakeItems) -> None:
    make_items(project, 3)
    api = api_of(lead)
    url = f"/api/v1/projects/{project.pk}/exports/"
    body = {"format": "jsonl", "filters": {"answers": "all", "unlabelled": True}}
    answer = api.post(url, body, format="json")
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    one = f"{url}{answer.json()['id']}/"
    assert api.get(one + "download/").status_code == 409
    exporting.run_export(answer.json()["id"])
    told = api.get(one).json()
    assert (told["status"], told["progress"], told["rows_written"]) == ("done", 1.0, 3)
    file = api.get(told["download_url"])
    assert file["Content-Type"].startswith("application/x-ndjson")
    assert (
        f'attachment; filename="margin-{project.pk}-export-{answer.json()["id"]}.jsonl"' in file["Content-Disposition"]
    )
    rows = [json.loads(line) for line in b"".join(file.streaming_content).splitlines()]
    assert [row["text"] for row in rows] == ["text number 0", "text number 1", "text number 2"]
    assert [row["id"] for row in api.get(url).json()["results"]] == [told["id"]]


def test_export_preview_takes_its_options_from_the_query(
    project: Project, lead: User, api_of: ApiOf, make_items: MakeItems
) -> None:
    make_items(project, 9)
    url = f"/api/v1/projects/{project.pk}/exports/preview/"
    none = api_of(lead).get(url, {"format": "csv"}).json()
    some = api_of(lead).get(url, {"format": "jsonl", "answers": "gold", "unlabelled": "true"}).json()
    assert (none["rows_total"], none["rows"]) == (0, [])
    assert (some["rows_total"], len(some["rows"]), some["text"].count("\n")) == (9, 5, 5)
    assert api_of(lead).get(url, {"answers": "best"}).status_code == 400


@pytest.mark.parametrize("body", [{"format": "xml"}, {"filters": {"answers": "best"}}, {"filters": {"who": "me"}}])
def test_bad_exports_are_refused(project: Project, lead: User, api_of: ApiOf, body: dict[str, object]) -> None:
    answer = api_of(lead).post(f"/api/v1/projects/{project.pk}/exports/", body, format="json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_request")
    assert not Export.objects.exists()


CALLS = [
    ("get", "api-imports", False),
    ("post", "api-imports", False),
    ("get", "api-import", "import"),
    ("patch", "api-import", "import"),
    ("delete", "api-import", "import"),
    ("post", "api-import-start", "import"),
    ("get", "api-import-rejects", "import"),
    ("get", "api-exports", False),
    ("post", "api-exports", False),
    ("get", "api-export-preview", False),
    ("get", "api-export", "export"),
    ("get", "api-export-download", "export"),
]
PAGES = [("imports-index", False), ("import-show", "import"), ("exports-index", False)]


@pytest.fixture
def runs_of(project: Project, lead: User) -> dict[str, int]:
    draft = importing.create_import(project, lead, SimpleUploadedFile("a.csv", RAW))
    export = exporting.create_export(project, lead, "csv")
    exporting.run_export(export.pk)
    return {"import": draft.pk, "export": export.pk}


@pytest.mark.parametrize(("method", "name", "of"), CALLS)
def test_leads_only(
    project: Project,
    lead: User,
    annotator: User,
    reviewer: User,
    stranger: User,
    api_of: ApiOf,
    runs_of: dict[str, int],
    method: str,
    name: str,
    of: str,
) -> None:
    url = reverse(name, args=[project.pk, *([runs_of[of]] if of else [])])

    def call(user: User | None) -> int:
        if name == "api-imports" and method == "post":
            return upload(api_of(user), project).status_code
        return getattr(api_of(user), method)(url, {} if method != "get" else None, format="json").status_code

    assert call(None) == 401
    assert call(stranger) == 404
    assert call(annotator) == 403
    assert call(reviewer) == 403
    assert call(lead) in (200, 202, 204)


@pytest.mark.parametrize(("method", "name", "of"), [call for call in CALLS if call[2]])
def test_nothing_of_another_project(
    project: Project, lead: User, api_of: ApiOf, runs_of: dict[str, int], method: str, name: str, of: str
) -> None:
    other = Project.objects.create(name="other", task_type=project.task_type)
    other.memberships.create(user=lead, role="lead")
    url = reverse(name, args=[other.pk, runs_of[of]])
    assert getattr(api_of(lead), method)(url).status_code == 404


@pytest.mark.parametrize(("name", "of"), PAGES)
def test_pages_are_for_leads_only(
    project: Project,
    lead: User,
    annotator: User,
    stranger: User,
    client_of: ClientOf,
    runs_of: dict[str, int],
    name: str,
    of: str,
) -> None:
    url = reverse(name, args=[project.pk, *([runs_of[of]] if of else [])])
    assert client_of(None).get(url).status_code == 302
    assert client_of(stranger).get(url).status_code == 404
    assert client_of(annotator).get(url).status_code == 403
    page = client_of(lead).get(url)
    assert page.status_code == 200
    assert b"No worker is running" in page.content


def test_the_page_of_an_import_says_what_was_rejected_and_what_to_do(
    project: Project, lead: User, client_of: ClientOf
) -> None:
    lines = "".join(f"text {n},{label}\n" for n, label in enumerate(["ham", "eggs", "ham", "oil", "rum", "tea"]))
    given = {"mapping": '{"text": "text", "label": "label", "create_labels": false}'}
    number = upload(client_of(lead), project, f"text,label\n{lines}".encode(), **given).json()["id"]
    importing.run_import(number)
    url = reverse("import-show", args=[project.pk, number])
    page = client_of(lead).get(url).content.decode()
    assert re.findall(r"<li>Row (\d+): .*?(eggs|oil|rum|tea)", page) == [("2", "eggs"), ("4", "oil"), ("5", "rum")]
    assert "choose “Make labels that the project does not have yet”" in page


def test_a_label_of_a_project_without_any_is_refused_in_words(project: Project, lead: User, api_of: ApiOf) -> None:
    project.labels.all().delete()
    given = {"mapping": '{"text": "text", "label": "label", "create_labels": false}'}
    number = upload(api_of(lead), project, **given).json()["id"]
    importing.run_import(number)
    told = api_of(lead).get(f"/api/v1/projects/{project.pk}/imports/{number}/").json()
    assert told["first_rejects"][0] == {"row": 1, "reason": "'ham' is not a label of this project: it has none yet."}


def test_the_page_of_an_import_changes_with_its_state(
    project: Project, lead: User, client_of: ClientOf, runs_of: dict[str, int]
) -> None:
    url = reverse("import-show", args=[project.pk, runs_of["import"]])
    draft = client_of(lead).get(url).content.decode()
    assert 'data-part="mapping"' in draft
    assert 'data-column="label"' in draft
    assert "you won" in draft
    row = Import.objects.get(pk=runs_of["import"])
    importing.start_draft(row)
    importing.run_import(row.pk)
    done = client_of(lead).get(url).content.decode()
    assert f'data-status="{JobStatus.DONE}"' in done
    assert reverse("api-import-rejects", args=[project.pk, row.pk]) in done
    for markup in (draft, done):
        assert " style=" not in markup
        assert "onclick" not in markup
