"""What nobody may send is refused with 400 in the one form of error, never ignored, and no fault of the server."""

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from rest_framework import serializers

from annotation.api.endpoint import Endpoint
from annotation.api.requests import RequestSerializer
from annotation.formats.jsonl import parse_object
from annotation.imports import importing
from annotation.json_values import MAX_DEPTH
from annotation.models import ImportReject, Item, Project, User
from tests.annotation.test_permissions import ROUTES, ROWS, Row, World

API_ROWS = [row for row in ROWS if row.route.startswith("api-") and row.route not in ("api-schema", "api-docs")]
LISTS = [
    "api-projects",
    "api-members",
    "api-invitations",
    "api-items",
    "api-annotations",
    "api-imports",
    "api-exports",
    "api-rounds",
    "api-simulations",
]


def encoded(text: str) -> str:
    return b64encode(text.encode("utf-8", "surrogatepass")).decode()


CURSORS = [
    "",
    "x",
    "====",
    "é",
    "\0",
    "%00",
    "a" * 100_000,
    *map(
        encoded,
        [
            "",
            "p=",
            "p=abc",
            "p=-1",
            "p=1.5",
            "p=1e3",
            "p=10000000000000000000",
            "p=" + "9" * 5000,
            "p=%00",
            "p=\0",
            "p=\ud800",
            "p=1&p=2",
            "r=x&p=1",
            "r=1",
            "o=1",
            "o=-1&p=1",
            "o=99999999999999999999&p=1",
            "p=2020-01-01",
            "p=null",
            "p=１",
        ],
    ),
]


def address(row: Row, world: World) -> str:
    kind = next((name for name in ("export", "simulation") if name in row.route), "import")
    values = {**world, "run": world[kind]}
    return reverse(row.route, kwargs={name: values[name] for name in ROUTES[row.route].pattern.converters})


def error_of(response: Any, status: int = 400) -> dict[str, Any]:
    """Return the error of a response in the documented form."""
    body = response.json()
    assert response.status_code == status, body
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "details"}
    return dict(body["error"])


def test_every_call_refuses_what_it_does_not_know() -> None:
    others = [route for route, pattern in ROUTES.items() if not issubclass(view_class(pattern), Endpoint)]
    assert [route for route in others if route.startswith("api-")] == ["api-schema", "api-docs"]


def view_class(pattern: Any) -> type:
    return getattr(pattern.callback, "view_class", getattr(pattern.callback, "cls", object))


@pytest.mark.parametrize("row", API_ROWS, ids=str)
def test_an_unknown_query_parameter(row: Row, world: World, lead: User, client_of: Callable[..., Client]) -> None:
    body = {} if row.method == "GET" or row.form else {"data": {}, "content_type": "application/json"}
    response = getattr(client_of(lead), row.method.lower())(address(row, world) + "?surprise=1", **body)
    assert error_of(response)["details"]["surprise"][0]["code"] == "unknown"


@pytest.mark.parametrize("row", [row for row in API_ROWS if row.method != "GET" and not row.form], ids=str)
def test_an_unknown_key_of_a_body(row: Row, world: World, lead: User, client_of: Callable[..., Client]) -> None:
    data = row.data(world) if callable(row.data) else row.data or {}
    body = {**data, "surprise": 1}
    lead.is_staff = True  # who may create projects
    lead.is_superuser = row.route.startswith("api-account")
    lead.save()
    call = getattr(client_of(lead), row.method.lower())
    error_of(call(address(row, world), body, content_type="application/json"))


def test_an_unknown_field_of_a_form(project: Project, lead: User, client_of: Callable[..., Client]) -> None:
    file = SimpleUploadedFile("a.csv", b"text\na\n")
    where = reverse("api-imports", args=[project.pk])
    for extra in ({"surprise": 1}, {"preview": ["true", "false"]}, {"preview": ""}, {"preview": "perhaps"}):
        file.seek(0)
        error = error_of(client_of(lead).post(where, {"file": file, **extra}))
        assert list(error["details"]) == list(extra)


@pytest.mark.parametrize("route", LISTS)
def test_pages(route: str, world: World, lead: User, client_of: Callable[..., Client]) -> None:
    client, where = client_of(lead), address(Row(route, "GET", ()), world)
    for cursor in CURSORS:
        assert list(error_of(client.get(where, {"cursor": cursor}))["details"]) == ["cursor"], cursor[:50]
    for size in ("x", "", "0", "-1", "1.5", "501", "1e9", "9" * 5000, "\0"):
        assert list(error_of(client.get(where, {"page_size": size}))["details"]) == ["page_size"], size[:50]
    error_of(client.get(where, {"page_size": ["1", "2"]}))
    first = client.get(where, {"page_size": "1"}).json()
    while first["next"]:
        first = client.get(first["next"]).json()
    while first["previous"]:
        first = client.get(first["previous"]).json()


def test_an_empty_filter(project: Project, lead: User, client_of: Callable[..., Client]) -> None:
    for route, name in [("api-items", "split"), ("api-items", "text"), ("api-annotations", "user")]:
        error_of(client_of(lead).get(reverse(route, args=[project.pk]), {name: ""}))


def test_the_page_of_items_says_what_is_wrong_with_its_cursor(
    project: Project, lead: User, client_of: Callable[..., Client]
) -> None:
    response = client_of(lead).get(reverse("items-index", args=[project.pk]), {"cursor": "x", "surprise": 1})
    assert response.status_code == 400
    assert "cursor" in response.content.decode()


HALF = '"\\ud800"'
DEEP = "[" * 5000 + "]" * 5000


@pytest.mark.parametrize(
    "body",
    [
        DEEP,
        '{"a":' * 5000 + "1" + "}" * 5000,
        "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
        f'{{"username": {HALF}, "password": "x"}}',
        f'{{{HALF}: 1, "username": "a", "password": "x"}}',
        '{"username": "a\\u0000", "password": "x"}',
        '{"username": "a", "password": NaN}',
        '{"username": 1e999, "password": "x"}',
        '{"username": ' + "9" * 5000 + "}",
        '{"username": ' + "9" * 400 + "}",
        "",
        "nothing",
        "null",
        "[]",
        '"text"',
        "\xff\xfe",
    ],
)
def test_a_body_that_cannot_be_kept(body: str, db: None) -> None:
    """At the call that takes anybody's."""
    where, raw = reverse("api-token"), body.encode("latin-1")
    for media_type in ("application/json", "application/json; charset=utf-16", "application/json; charset=rot13"):
        error_of(Client().generic("POST", where, raw, content_type=media_type))


def test_half_a_character(project: Project, lead: User, client_of: Callable[..., Client]) -> None:
    client = client_of(lead)
    where = reverse("api-project", args=[project.pk])
    for body in (
        f'{{"name": {HALF}}}',
        f'{{"settings": {{"number_unit": {HALF}}}}}',
        f'{{"settings": {{{HALF}: 1}}}}',
        f'{{"labels": [{{"name": {HALF}}}]}}',
    ):
        error_of(client.patch(where, body, content_type="application/json"))
    error_of(client.post(reverse("api-members", args=[project.pk]), f'{{"username": {HALF}}}', "application/json"))
    file = SimpleUploadedFile("a.csv", b"text\na\n")
    for mapping in (f'{{"text": {HALF}}}', DEEP):
        file.seek(0)
        error_of(client.post(reverse("api-imports", args=[project.pk]), {"file": file, "mapping": mapping}))


def test_a_number_beyond_the_database(project: Project, lead: User, client_of: Callable[..., Client]) -> None:
    client, huge = client_of(lead), 10**30
    answer = {"uuid": "6f1f2d0e-4d0c-4d8e-9a53-0d8f3f4b8a11", "item": huge, "outcome": "skip"}
    error_of(client.post(reverse("api-annotations", args=[project.pk]), answer, content_type="application/json"))
    for path in (f"/api/v1/projects/{huge}/", f"/api/v1/projects/{project.pk}/items/{huge}/"):
        assert error_of(client.get(path), 404)["code"] == "not_found"
    most = reverse("api-item", args=[project.pk, 10**18 - 1])
    error_of(client.get(most), 404)
    assert client.get(f"/projects/{huge}/items/").status_code == 404


def serializers_of(cls: type) -> list[type[RequestSerializer]]:
    return [cls, *(deeper for sub in cls.__subclasses__() for deeper in serializers_of(sub))]


def test_whole_numbers_have_ends() -> None:
    """Else one of them meets the database, or numpy, with a thousand digits; simulations check theirs themselves."""
    free = {
        f"{cls.__name__}.{name}"
        for cls in serializers_of(RequestSerializer)
        for name, field in cls().fields.items()
        if isinstance(field, serializers.IntegerField) and (field.min_value is None or field.max_value is None)
    }
    assert free == {"SimulationIn.budget", "SimulationIn.seeds", "SimulationIn.batch"}


@pytest.mark.parametrize("wrong", ["3", True, 1.5, [], {}, None])
def test_types_of_json_are_what_they_are(
    wrong: Any, project: Project, lead: User, client_of: Callable[..., Client]
) -> None:
    client, where = client_of(lead), reverse("api-project", args=[project.pk])
    next_items, pause = reverse("api-next", args=[project.pk]), reverse("api-project-pause", args=[project.pk])
    error_of(client.post(next_items, {"limit": wrong}, content_type="application/json"))
    error_of(client.patch(where, {"settings": {"batch_size": wrong}}, content_type="application/json"))
    if wrong is not True:
        error_of(client.post(pause, {"paused": wrong}, content_type="application/json"))
    if wrong != "3":
        error_of(client.patch(where, {"name": wrong}, content_type="application/json"))


def test_addresses_that_are_not_there(client_of: Callable[..., Client], lead: User) -> None:
    for path in ("/api/v1/nothing/", "/api/", "/api/v1/projects/x/", "/api/v2/me/"):
        assert error_of(client_of(lead).get(path), 404)["code"] == "not_found"
    assert "<html" in client_of(lead).get("/nothing/").content.decode()


def test_a_host_that_is_not_ours() -> None:
    assert error_of(Client().get("/api/v1/me/", headers={"host": "elsewhere.example"}))["code"] == "invalid_request"


def test_a_method_that_is_not_there(lead: User, client_of: Callable[..., Client]) -> None:
    assert error_of(client_of(lead).put("/api/v1/me/"), 405)["code"] == "method_not_allowed"


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "nonsense", "*/*;q=x", "a" * 20_000])
def test_the_answer_is_json_whatever_is_asked_for(accept: str, lead: User, client_of: Callable[..., Client]) -> None:
    response = client_of(lead).get("/api/v1/me/", headers={"accept": accept})
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"


def test_too_many_fields_of_a_form(project: Project, lead: User, client_of: Callable[..., Client]) -> None:
    form = {f"field{n}": "x" for n in range(2000)}
    error_of(client_of(lead).post(reverse("api-imports", args=[project.pk]), form))


def test_a_form_larger_than_its_bound(
    project: Project, lead: User, client_of: Callable[..., Client], settings: Any
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    settings.UPLOAD_MAX_BYTES = 100_000
    where = reverse("api-imports", args=[project.pk])
    assert error_of(client_of(lead).post(where, {"mapping": "x" * 2000}), 413)["code"] == "too_large"
    body = json.dumps({"name": "x" * 2000})
    where = reverse("api-project", args=[project.pk])
    assert error_of(client_of(lead).patch(where, body, content_type="application/json"), 413)["code"] == "too_large"


def test_a_file_larger_than_its_bound(
    project: Project, lead: User, client_of: Callable[..., Client], settings: Any
) -> None:
    settings.UPLOAD_MAX_BYTES = 1000
    file = SimpleUploadedFile("a.csv", b"text\n" + b"a" * 200_000)
    error = error_of(client_of(lead).post(reverse("api-imports", args=[project.pk]), {"file": file}), 413)
    assert error["code"] == "too_large"


@pytest.mark.parametrize("text", ['{"a":' * 900 + "1" + "}" * 900, '{"text": "a", "b": ' + "[" * 900 + "]" * 900 + "}"])
def test_a_line_of_a_file_that_is_nested_too_deeply(text: str, project: Project, lead: User) -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        parse_object(text)
    file = SimpleUploadedFile("a.jsonl", b'{"text": "first"}\n' + text.encode() + b'\n{"text": "last"}\n')
    run = importing.create_import(project, lead, file)
    importing.start_draft(run, {"text": "text"})
    importing.run_import(run.pk)
    assert sorted(Item.objects.values_list("content__text", flat=True)) == ["first", "last"]
    assert [row.row for row in ImportReject.objects.all()] == [2]
