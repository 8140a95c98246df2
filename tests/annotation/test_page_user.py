"""A page whose browser has been signed in by somebody else since acts in nobody's name."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client

from annotation.accounts.api_tokens import create_token
from annotation.models import Annotation, Assignment, Item, Project, Scope, User
from annotation.queue import answering, leasing
from annotation.queue.answering import Answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client_of: Callable[[User | None], Client], reviewer: User) -> Client:
    """The reviewer is signed in by now."""
    return client_of(reviewer)


def call(client: Client, path: str, body: object, page_user: str) -> HttpResponse:
    headers = {"X-Margin-User": page_user}
    data = json.dumps(body)
    return client.post(f"/api/v1/{path}", data, content_type="application/json", headers=headers)  # type: ignore[return-value]


def test_every_page_says_whose_it_is(browser, project, reviewer, client_of) -> None:
    html = browser.get(f"/projects/{project.pk}/items/").content.decode()
    assert f'data-user="{reviewer.pk}"' in html
    assert "data-user" not in client_of(None).get("/sign-in/").content.decode()


@pytest.mark.parametrize("what", ["next", "annotations", "undo", "project"])
def test_a_call_of_another_persons_page_is_refused(browser, project, annotator, reviewer, make_items, what) -> None:
    items: list[Item] = make_items(project, 3)
    row = leasing.lease(project, reviewer, 1)[0]
    other = next(item.pk for item in items if item.pk != row.item_id)
    kept = answering.submit_answers(
        project, reviewer, [Answer(uuid4(), row.item_id, "label", {"labels": ["ham"]})]
    ).created[0]
    body: dict[str, Any] = {"uuid": str(uuid4()), "outcome": "label", "value": {"labels": ["spam"]}}
    path, data = {
        "next": (f"projects/{project.pk}/next/", {"limit": 2}),
        "annotations": (f"projects/{project.pk}/annotations/", [{**body, "item": other}]),
        "undo": (f"annotations/{kept.uuid}/undo/", {}),
        "project": (f"projects/{project.pk}/pause/", {"paused": True}),
    }[what]
    for page_user in (str(annotator.pk), "", "nobody"):
        response = call(browser, path, data, page_user)
        assert (response.status_code, response.json()["error"]["code"]) == (401, "other_user")
    assert list(Annotation.objects.all()) == [kept]
    assert Assignment.objects.count() == 1
    assert call(browser, path, data, str(reviewer.pk)).status_code in (200, 201, 403)


def test_a_token_is_held_to_it_as_well(client_of, project, annotator, reviewer) -> None:
    _token, key = create_token(reviewer, "script", Scope.MANAGE, None)
    headers = {"Authorization": f"Token {key}"}
    path = "/api/v1/me/"
    client = client_of(None)
    assert client.get(path, headers=headers).status_code == 200
    assert client.get(path, headers={**headers, "X-Margin-User": str(reviewer.pk)}).status_code == 200
    assert client.get(path, headers={**headers, "X-Margin-User": str(annotator.pk)}).status_code == 401


def test_signed_out_is_told_apart_from_somebody_else(client_of, project: Project, annotator: User) -> None:
    response = call(client_of(None), f"projects/{project.pk}/next/", {}, str(annotator.pk))
    assert (response.status_code, response.json()["error"]["code"]) == (401, "not_authenticated")
