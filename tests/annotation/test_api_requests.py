"""What a body may hold: known keys of the right type, under the new names or those of before; over every call."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.test import APIClient

from annotation.api.imports import MappingIn, MappingOut
from annotation.api.response_objects import object_fields
from annotation.imports.importing import create_import
from annotation.models import Annotation, Item, LabelChange, Membership, Project, User
from annotation.tasktypes import TASK_TYPES, TaskType
from learner.models import Simulation
from tests import api_document

pytestmark = pytest.mark.django_db

ApiOf = Callable[[User | None], APIClient]
MakeItems = Callable[..., list[Item]]
JSON = "application/json"
WRONG: dict[str, list[object]] = {  # values that are not of the type, though a lenient reader would take some of them
    "string": [3, True, ["a"], {"a": "b"}],
    "integer": ["3", True, 1.0, 1.5, [1]],
    "number": ["3", True, [1.5]],
    "boolean": ["true", 1, 0, [True]],
    "array": ["a", 1, {"a": "b"}],
    "object": ["a", 1, ["a"]],
}


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema without references; of one that may be several things, the first."""
    for part in (*schema.get("allOf", ()), *schema.get("oneOf", ())):
        return resolved(part)
    if "$ref" in schema:
        return resolved(api_document.document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    return schema


def calls() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield (method, path, properties of the body) of every call that takes a JSON body."""
    for path, by_method in api_document.document()["paths"].items():
        for method, call in by_method.items():
            if content := call.get("requestBody", {}).get("content", {}).get(JSON):
                yield method, path, resolved(content["schema"])["properties"]


CALLS = [pytest.param(*call, id=f"{call[0]} {call[1]}") for call in calls()]
FIELDS = [
    pytest.param(method, path, name, wrong, id=f"{method} {path} {name}={json.dumps(wrong)}")
    for method, path, properties in calls()
    for name, schema in properties.items()
    for wrong in WRONG.get(resolved(schema).get("type", ""), [])
]


@pytest.fixture
def send(
    project: Project, annotator: User, lead: User, admin: User, make_items: MakeItems, api_of: ApiOf
) -> Callable[[str, str, object], HttpResponse]:
    """Return a function (method, path of the document, body) -> response, in a project that has one of everything."""
    (item,) = make_items(project, 1)
    mine = Annotation.objects.create(project=project, item=item, user=admin, outcome="skip", reason="random")
    draft = create_import(project, lead, SimpleUploadedFile("texts.csv", b"text\nhello\n"))
    member = Membership.objects.get(project=project, user=annotator)
    client = api_of(admin)

    def call(method: str, path: str, body: object) -> HttpResponse:
        address = path.format(id=project.pk, member=member.pk, run=draft.pk, uuid=mine.uuid, account=annotator.pk)
        return client.generic(method.upper(), address, json.dumps(body), content_type=JSON)

    return call


def told(response: HttpResponse) -> dict[str, Any]:
    """Return the details of an invalid request."""
    error = json.loads(response.content)["error"]
    assert (response.status_code, error["code"]) == (400, "invalid_request"), error
    details: dict[str, Any] = error["details"]
    return details


def test_the_document_has_the_calls_that_take_a_body() -> None:
    assert len(CALLS) >= 14
    assert len(FIELDS) >= 150


@pytest.mark.parametrize(("method", "path", "properties"), CALLS)
def test_an_unknown_key_is_refused_and_the_known_ones_are_named(send, method, path, properties) -> None:
    details = told(send(method, path, {"surprise": 1}))
    (error,) = details.pop("surprise")
    assert (details, error["code"]) == ({}, "unknown")
    named = error["message"].rstrip(".").rpartition(": ")[2].split(", ")
    assert named == [name for name, schema in properties.items() if not schema.get("deprecated")]


@pytest.mark.parametrize(("method", "path", "name", "wrong"), FIELDS)
def test_a_value_of_another_type_is_refused(send, method, path, name, wrong) -> None:
    assert name in told(send(method, path, {name: wrong}))


@pytest.mark.parametrize(
    ("path", "body", "place"),
    [
        ("projects/", {"name": "a", "task_type": "spans", "labels": [{"name": "a", "colour": "red"}]}, "colour"),
        ("projects/", {"name": "a", "task_type": "spans", "labels": [{"name": 7}]}, "name"),
        ("projects/{id}/exports/", {"filters": {"who": "me"}}, "who"),
        ("projects/{id}/imports/{run}/start/", {"mapping": {"txt": "text"}}, "txt"),
        ("projects/{id}/imports/{run}/start/", {"mapping": {"export_only": [1]}}, "export_only"),
        ("projects/{id}/simulations/", {"strategies": ["margin", 1], "estimators": ["svm"]}, "strategies"),
        ("projects/{id}/labels/changes/", {"kind": "merge", "label": "ham", "targets": [1]}, "targets"),
    ],
)
def test_what_is_inside_a_body_is_checked_too(send, path, body, place) -> None:
    assert f'"{place}"' in json.dumps(told(send("post", f"/api/v1/{path}", body)))


def test_a_list_of_answers_is_checked_one_by_one(send) -> None:
    answer = {"uuid": str(uuid4()), "item": 1, "outcome": "skip"}
    details = told(send("post", "/api/v1/projects/{id}/annotations/", [answer, {**answer, "sec": 1.0}]))
    assert list(details["1"]) == ["sec"]


def test_text_is_parsed_in_a_query(project: Project, lead: User, api_of: ApiOf) -> None:
    client = api_of(lead)
    assert client.get(f"/api/v1/projects/{project.pk}/annotations/", {"history": "true"}).status_code == 200
    assert client.get(f"/api/v1/projects/{project.pk}/annotations/", {"history": "perhaps"}).status_code == 400
    assert client.get(f"/api/v1/projects/{project.pk}/items/", {"least": "1.5"}).status_code == 200


# Names of before


def test_next_takes_n_for_limit(project: Project, annotator: User, api_of: ApiOf, make_items: MakeItems) -> None:
    make_items(project, 5)
    client, url = api_of(annotator), f"/api/v1/projects/{project.pk}/next/"
    rows = client.post(url, {"n": 2}, format="json").json()
    assert client.post(url, {"limit": 2}, format="json").json() == rows
    assert client.post(url, {"limit": 2, "n": 2}, format="json").json() == rows
    assert len(rows) == 2
    assert all(row["likely"] == row["label_scores"] for row in rows)
    for body in ({"limit": 2, "n": 3}, {"limit": 1, "n": True}):
        error = client.post(url, body, format="json").json()["error"]
        assert "limit" in error["details"]["n"][0]["message"]
    assert "n" in client.post(url, {"n": 0}, format="json").json()["error"]["details"]  # told under the name that came


def test_an_answer_that_an_older_page_kept_is_stored(
    project: Project, annotator: User, api_of: ApiOf, make_items: MakeItems
) -> None:
    """The outbox of a page loaded before an upgrade sends a list under the names of then, without proof."""
    (item,) = make_items(project, 1)
    Project.objects.update(unsigned_until=timezone.now() + timedelta(days=1))
    kept = {
        "uuid": str(uuid4()),
        "item": item.pk,
        "outcome": "label",
        "value": {"labels": ["ham"]},
        "seconds": 2.25,
        "comment": "",
        "suggestion_shown": False,
    }
    response = api_of(annotator).post(f"/api/v1/projects/{project.pk}/annotations/", [kept], format="json")
    assert response.status_code == 201
    assert Annotation.objects.get(uuid=kept["uuid"]).duration_seconds == 2.25
    (row,) = api_of(annotator).get(f"/api/v1/projects/{project.pk}/annotations/").json()["results"]
    assert row["seconds"] == row["duration_seconds"] == 2.25


def test_a_label_is_changed_into_its_targets_under_both_names(project: Project, lead: User, api_of: ApiOf) -> None:
    client, url = api_of(lead), f"/api/v1/projects/{project.pk}/labels/changes/"
    for old_name, label in (("into", "ham"), ("targets", "spam")):
        body = {"kind": "rename", "label": label, old_name: [f"new {label}"]}
        made = client.post(url, body, format="json").json()
        assert made["into"] == made["targets"] == [f"new {label}"]
    assert LabelChange.objects.count() == 2


def test_a_mapping_under_both_names(project: Project, lead: User, api_of: ApiOf) -> None:
    client = api_of(lead)
    for role in ("hidden", "export_only"):
        draft = create_import(project, lead, SimpleUploadedFile("a.csv", b"text,secret\nhello,x\n"))
        url = f"/api/v1/projects/{project.pk}/imports/{draft.pk}/"
        started = client.post(f"{url}start/", {"mapping": {"text": "text", role: ["secret"]}}, format="json").json()
        assert started["mapping"]["hidden"] == started["mapping"]["export_only"] == ["secret"]


@pytest.mark.parametrize("kind", TASK_TYPES.values(), ids=lambda kind: kind.name)
def test_a_mapping_may_name_whatever_an_item_consists_of(kind: TaskType) -> None:
    """A new kind of content needs a line in both."""
    old_names = {name: by.name for name, by in MappingIn.deprecated_names.items()}
    keys = {old_names.get(key, key) for key in kind.content.all_keys}
    assert keys <= MappingIn().fields.keys()
    assert keys <= {one.name for one in object_fields(MappingOut)}


def test_columns_that_only_exports_have(project: Project, lead: User, api_of: ApiOf, make_items: MakeItems) -> None:
    make_items(project, 1, export_only={"secret": "x"})
    row = api_of(lead).get(f"/api/v1/projects/{project.pk}/items/").json()["results"][0]
    assert row["hidden"] == row["export_only"] == {"secret": "x"}


@pytest.mark.parametrize(("sent", "answered"), [("gold", "final"), ("final", "final"), ("all", "all")])
def test_an_export_of_final_answers_was_called_gold(
    project: Project, lead: User, api_of: ApiOf, sent: str, answered: str
) -> None:
    client, url = api_of(lead), f"/api/v1/projects/{project.pk}/exports/"
    made = client.post(url, {"format": "csv", "filters": {"answers": sent}}, format="json")
    assert (made.status_code, made.json()["filters"]) == (202, {"answers": answered, "unlabelled": False, "raw": False})
    assert client.get(f"{url}preview/", {"answers": sent}).status_code == 200


@pytest.mark.parametrize(
    "changes", [{"learners": ["ridge"], "metric": "explained"}, {"estimators": ["ridge"], "metric": "r2"}]
)
def test_a_simulation_under_both_names(lead: User, api_of: ApiOf, monkeypatch, changes: dict[str, Any]) -> None:
    monkeypatch.setattr(
        "learner.simulations.requests.count_labelled_items", lambda _project: SimpleNamespace(is_enough=True)
    )
    project = Project.objects.create(name="ages", task_type="record_numbers", created_by=lead)
    project.memberships.create(user=lead, role="lead")
    url = f"/api/v1/projects/{project.pk}/simulations/"
    made = api_of(lead).post(url, {"strategies": ["margin"], **changes}, format="json")
    assert made.status_code == 202, made.json()
    options = made.json()["options"]
    assert options["learners"] == options["estimators"] == ["ridge"]
    assert options["metric"] == "r2"
    assert made.json()["moment"] == made.json()["snapshot"]
    assert Simulation.objects.get().options["metric"] in ("explained", "r2")
