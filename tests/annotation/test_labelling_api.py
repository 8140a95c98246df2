"""The annotator's calls as they come over the wire: what is stored, what is refused, and in which words."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from rest_framework.test import APIClient

from annotation.models import Annotation, Project, User

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

Api = Callable[[User | None], APIClient]


@pytest.fixture
def client(api_of: Api, annotator: User) -> APIClient:
    return api_of(annotator)


def post(client: APIClient, project: Project, call: str, body: object) -> HttpResponse:
    path = f"/api/v1/projects/{project.pk}/{call}/"
    return client.post(path, json.dumps(body), content_type="application/json")


def lease(client: APIClient, project: Project, n: int) -> list[int]:
    return [row["item"]["id"] for row in post(client, project, "next", {"n": n}).json()]


def answer(item: int, **changes: object) -> dict[str, Any]:
    return {"uuid": str(uuid4()), "item": item, "outcome": "label", "value": {"labels": ["ham"]}, **changes}


def test_one_answer_and_a_list_of_them(client, project, make_items) -> None:
    make_items(project, 4)
    first, second, third, fourth = lease(client, project, 4)
    one = post(client, project, "annotations", answer(first))
    several = [answer(second), answer(third, outcome="skip", value=None), answer(fourth, seconds=1.5, comment="unsure")]
    many = post(client, project, "annotations", several)
    assert (one.status_code, many.status_code) == (201, 201)
    assert one.json()["item"] == first
    assert [row["item"] for row in many.json()] == [second, third, fourth]
    again = post(client, project, "annotations", several)
    assert (again.status_code, again.json()) == (200, many.json())
    assert Annotation.objects.count() == 4
    assert Annotation.objects.get(item=fourth).comment == "unsure"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (None, "non_field_errors"),
        ("ham", "non_field_errors"),
        ({}, "uuid"),
        (answer(1, uuid="7"), "uuid"),
        ({**answer(1), "item": "first"}, "item"),
        (answer(1, outcome="undo"), "outcome"),
        (answer(1, seconds=-1), "seconds"),
        (answer(1, comment="x" * 5001), "comment"),
        ([answer(1), {}], "1"),
    ],
)
def test_what_is_wrong_with_an_answer_is_named_and_nothing_is_stored(client, project, body, named) -> None:
    response = post(client, project, "annotations", body)
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (400, "invalid_request")
    assert named in error["details"]
    assert not Annotation.objects.exists()


@pytest.mark.parametrize("body", [[], [answer(1) for _ in range(501)]])
def test_a_list_has_a_length_that_is_named(client, project, body) -> None:
    response = post(client, project, "annotations", body)
    assert response.status_code == 400
    assert "500" in response.json()["error"]["message"]


@pytest.mark.parametrize("body", [None, {"n": 0}, {"n": 101}, {"n": "many"}, [1]])
def test_a_wrong_number_of_items_is_refused(client, project, body) -> None:
    response = post(client, project, "next", body)
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (400, "invalid_request")
    assert isinstance(error["details"], dict)
