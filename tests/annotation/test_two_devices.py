"""One person at two devices: the second answer about an item replaces the first only when the person says so."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.http import HttpResponse
from rest_framework.test import APIClient

from annotation.labels.label_changes import ChangePlan, change_label
from annotation.models import Annotation, Item, Project, User
from annotation.queue import leasing

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def item(project: Project, annotator: User, make_items: Any) -> int:
    """In the annotator's hands, and on both screens."""
    made: list[Item] = make_items(project, 3)
    leasing.lease(project, annotator, 3)
    return made[0].pk


@pytest.fixture
def client(api_of: Any, annotator: User) -> APIClient:
    made: APIClient = api_of(annotator)
    return made


def body(item: int, label: str = "ham", outcome: str = "label", **more: object) -> dict[str, Any]:
    value = {"labels": [label]} if outcome == "label" else None
    return {"uuid": str(uuid4()), "item": item, "outcome": outcome, "value": value, **more}


def post(client: APIClient, project: Project, data: object) -> HttpResponse:
    response: HttpResponse = client.post(f"/api/v1/projects/{project.pk}/annotations/", data, format="json")
    return response


def live(item: int) -> tuple[str, Any]:
    row = Annotation.objects.live().get(item=item)
    return row.outcome, row.value and row.value["labels"][0]


@pytest.mark.parametrize(
    ("first", "second"),
    [(("ham", "label"), ("spam", "label")), (("ham", "label"), ("", "skip")), (("", "flag"), ("ham", "label"))],
    ids=["label-label", "label-skip", "flag-label"],
)
def test_the_second_is_asked_and_told_what_is_stored(client, project, item, first, second) -> None:
    stored = body(item, *first)
    post(client, project, stored)
    late = body(item, *second)
    response = post(client, project, late)
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (409, "already_answered")
    assert (error["details"]["uuid"], error["details"]["item"]) == (late["uuid"], item)
    told = error["details"]["answer"]
    assert {name: told[name] for name in ("uuid", "outcome", "value")} == {
        name: stored[name] for name in ("uuid", "outcome", "value")
    }
    assert Annotation.objects.count() == 1
    response = post(client, project, {**late, "replaces": told["uuid"]})
    assert response.status_code == 201
    assert live(item)[0] == second[1]


def test_of_a_list_with_such_an_answer_none_is_stored(client, project, item) -> None:
    post(client, project, body(item))
    late = body(item, "spam")
    response = post(client, project, [body(item + 1), late])
    assert response.json()["error"]["details"]["uuid"] == late["uuid"]
    assert Annotation.objects.count() == 1


def test_the_same_answer_needs_no_question(client, project, item) -> None:
    post(client, project, body(item))
    assert post(client, project, body(item)).status_code == 201
    assert live(item) == ("label", "ham")
    assert Item.objects.get(pk=item).answers == 1


def test_a_skip_is_nothing_to_ask_about(client, project, annotator, item) -> None:
    post(client, project, body(item, outcome="skip"))
    assert post(client, project, body(item, "spam")).status_code == 201
    assert live(item) == ("label", "spam")


def test_an_answer_that_was_undone_is_in_nobodys_way(client, project, item) -> None:
    stored = body(item)
    post(client, project, stored)
    client.post(f"/api/v1/annotations/{stored['uuid']}/undo/")
    assert post(client, project, body(item, "spam")).status_code == 201
    assert live(item) == ("label", "spam")


def test_it_names_the_answer_that_stands_now(client, project, item) -> None:
    first = body(item)
    post(client, project, first)
    second = body(item, "spam", replaces=first["uuid"])
    post(client, project, second)
    third = body(item, "ham", replaces=first["uuid"])  # a third device knows only of the first
    response = post(client, project, third)
    assert response.json()["error"]["details"]["answer"]["uuid"] == second["uuid"]


def test_a_renamed_label_does_not_hide_the_answer(client, project, lead, item) -> None:
    first = body(item)
    post(client, project, first)
    change_label(project, lead, ChangePlan("rename", "ham", ("good",)))
    assert Annotation.objects.live().get(item=item).uuid != UUID(first["uuid"])
    assert post(client, project, body(item, "spam", replaces=first["uuid"])).status_code == 201


def test_nobody_elses_answer_is_named(client, api_of, reviewer, project, item) -> None:
    project.settings = {"overlap": 2}
    project.save()
    leasing.lease(project, reviewer, 3)
    theirs = body(item)
    post(api_of(reviewer), project, theirs)
    assert post(client, project, body(item, "spam")).status_code == 201  # it is no answer of the caller's
    late = post(client, project, body(item, "ham", replaces=theirs["uuid"]))
    assert late.status_code == 409
    assert theirs["uuid"] not in late.content.decode()
