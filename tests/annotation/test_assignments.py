"""Who may answer about what, over HTTP: only items that were assigned, however late the answer comes."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.test import APIClient

from annotation.models import Annotation, Assignment, Item, Label, Mark, Project, QueueEntry, Reason, User
from annotation.queue import leasing, publishing
from annotation.queue.publishing import Ranked

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

Api = Callable[[User | None], APIClient]
Rows = list[dict[str, Any]]


def post(client: APIClient, project: Project, call: str, body: object) -> HttpResponse:
    return client.post(f"/api/v1/projects/{project.pk}/{call}/", json.dumps(body), content_type="application/json")


def take(client: APIClient, project: Project, n: int = 1, **more: object) -> Rows:
    rows: Rows = post(client, project, "next", {"limit": n, **more}).json()
    return rows


def answer(row: dict[str, Any] | Item, label: str = "ham", **changes: object) -> dict[str, Any]:
    """Return an answer to a row of `next/`, with its proof, or to an item that was found otherwise."""
    body = {"uuid": str(uuid4()), "outcome": "label", "value": {"labels": [label]}}
    if isinstance(row, Item):
        return {**body, "item": row.pk, **changes}
    return {**body, "item": row["item"]["id"], "assignment": row["assignment"], **changes}


def code(response: HttpResponse) -> str:
    return str(response.json()["error"]["code"])


def expire() -> None:
    Assignment.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


@pytest.fixture
def items(project: Project, make_items: Any) -> list[Item]:
    made: list[Item] = make_items(project, 6)
    return made


@pytest.fixture
def mine(api_of: Api, annotator: User) -> APIClient:
    return api_of(annotator)


@pytest.fixture
def theirs(api_of: Api, reviewer: User) -> APIClient:
    return api_of(reviewer)


# Never assigned


def test_an_item_that_was_never_assigned_is_refused(mine, project, items) -> None:
    body = answer(items[0])
    response = post(mine, project, "annotations", body)
    assert (response.status_code, code(response)) == (403, "not_assigned")
    assert response.json()["error"]["details"] == {"uuid": body["uuid"], "item": items[0].pk}
    assert not Annotation.objects.exists()


def test_of_a_list_with_such_an_item_none_is_stored(mine, project, items) -> None:
    row = take(mine, project)[0]
    other = next(item for item in items if item.pk != row["item"]["id"])
    bad = answer(other)
    response = post(mine, project, "annotations", [answer(row), bad])
    assert (response.status_code, response.json()["error"]["details"]["uuid"]) == (403, bad["uuid"])
    assert not Annotation.objects.exists()


@pytest.mark.parametrize("who", ["annotator", "reviewer", "lead"])
def test_nobody_answers_the_test_sample_unasked(api_of, project, items, request, who) -> None:
    Item.objects.filter(pk=items[0].pk).update(split="test")
    response = post(api_of(request.getfixturevalue(who)), project, "annotations", answer(items[0]))
    assert (response.status_code, code(response)) == (403, "not_assigned")


@pytest.mark.parametrize("who", ["reviewer", "lead", "admin"])
def test_reviewers_and_leads_label_the_pool_in_bulk(api_of, project, items, request, who) -> None:
    client = api_of(request.getfixturevalue(who))
    response = post(client, project, "annotations", [answer(item) for item in items])
    assert response.status_code == 201
    assert set(Annotation.objects.values_list("reason", "mark")) == {(Reason.SEARCH, None)}


def test_a_settled_answer_cannot_be_made_a_tie(mine, theirs, project, items) -> None:
    row = take(theirs, project)[0]
    post(theirs, project, "annotations", answer(row))
    item = Item.objects.get(pk=row["item"]["id"])
    assert post(mine, project, "annotations", answer(item, "spam")).status_code == 403
    assert Item.objects.get(pk=item.pk).answers == 1


# The proof


def forged(proof: str) -> str:
    return proof[:-1] + ("A" if proof[-1] != "A" else "B")


def test_a_proof_counts_for_its_person_and_item_alone(mine, theirs, api_of, lead, project, items) -> None:
    [row] = take(theirs, project)
    [own] = take(mine, project)
    Assignment.objects.all().delete()
    stranger = next(item for item in items if item.pk not in (row["item"]["id"], own["item"]["id"]))
    for body in (
        answer(row),
        answer(own, assignment=forged(own["assignment"])),
        answer(stranger, assignment=own["assignment"]),
        answer(own, assignment=""),
        answer(own, assignment="[1, 2]:x:y"),
    ):
        response = post(mine, project, "annotations", body)
        assert (response.status_code, code(response)) == (403, "not_assigned")
    assert post(mine, project, "annotations", answer(own)).status_code == 201


def test_a_proof_counts_in_its_project_alone(mine, project, annotator, lead, items) -> None:
    [row] = take(mine, project)
    Assignment.objects.all().delete()
    other = Project.objects.create(name="Other", task_type="text_classification")
    Item.objects.filter(pk=row["item"]["id"]).update(project=other, position=0)
    Label.objects.create(project=other, name="ham")
    other.memberships.create(user=annotator, role="annotator")
    assert code(post(mine, other, "annotations", answer(row))) == "not_assigned"


def test_a_late_answer_with_proof_keeps_how_its_item_was_chosen(mine, theirs, project, items) -> None:
    publishing.publish_queue(project, [Ranked(items[3].pk, Reason.UNCERTAIN, score=0.5, probability=0.1)], 7)
    [row] = take(mine, project)
    Assignment.objects.all().delete()  # released by a lead
    assert post(mine, project, "annotations", answer(row)).status_code == 201
    stored = Annotation.objects.get()
    assert (stored.reason, stored.round, stored.probability, stored.score) == (Reason.UNCERTAIN, 7, 0.1, 0.5)
    assert stored.mark is None  # the place was free: nobody else gets the item
    assert Assignment.objects.get(item=items[3]).answered
    assert items[3].pk not in [one["item"]["id"] for one in take(theirs, project, 6)]


def test_beyond_the_overlap_a_late_answer_is_marked(mine, theirs, project, items) -> None:
    publishing.publish_queue(project, [Ranked(items[3].pk, Reason.UNCERTAIN)], 7)
    [row] = take(mine, project)
    expire()
    [same] = take(theirs, project)
    assert same["item"] == row["item"]
    post(theirs, project, "annotations", answer(same))
    assert post(mine, project, "annotations", answer(row, "spam")).status_code == 201
    assert list(Annotation.objects.order_by("pk").values_list("mark", flat=True)) == [None, Mark.LATE]
    assert Item.objects.get(pk=items[3].pk).answers == 2


def test_with_an_overlap_a_late_answer_takes_a_place_that_is_left(mine, theirs, api_of, lead, project, items) -> None:
    project.settings = {"overlap": 2}
    project.save()
    publishing.publish_queue(project, [Ranked(items[3].pk, Reason.UNCERTAIN)], 7)
    [row] = take(mine, project)
    expire()
    [same] = take(theirs, project)
    post(mine, project, "annotations", answer(row))
    others = take(api_of(lead), project, 6)  # both places of the item are taken
    assert items[3].pk not in [one["item"]["id"] for one in others]
    post(theirs, project, "annotations", answer(same))
    assert set(Annotation.objects.values_list("mark", flat=True)) == {None}
    assert Item.objects.get(pk=items[3].pk).answers == 2


def test_a_late_answer_about_the_test_sample_counts_for_it(mine, project, items) -> None:
    Item.objects.update(split="test")
    [row] = take(mine, project)
    Assignment.objects.all().delete()
    post(mine, project, "annotations", answer(row))
    assert Annotation.objects.get().reason == Reason.TEST


# From before the upgrade


def test_for_a_while_after_an_upgrade_answers_without_proof_come_in_and_are_marked(mine, project, items) -> None:
    project.unsigned_until = timezone.now() + timedelta(days=1)
    project.save()
    assert post(mine, project, "annotations", answer(items[0])).status_code == 201
    assert Annotation.objects.get().mark == Mark.UNASSIGNED
    Item.objects.filter(pk=items[1].pk).update(split="test")
    assert code(post(mine, project, "annotations", answer(items[1]))) == "not_assigned"
    project.unsigned_until = timezone.now()
    project.save()
    assert code(post(mine, project, "annotations", answer(items[2]))) == "not_assigned"


# What people do with what is theirs


def test_an_undone_answer_can_be_given_again_after_the_lease_is_gone(mine, project, items) -> None:
    [row] = take(mine, project)
    first = answer(row)
    post(mine, project, "annotations", first)
    mine.post(f"/api/v1/annotations/{first['uuid']}/undo/")
    Assignment.objects.all().delete()
    again = answer(row, "spam")
    del again["assignment"]  # the list of last answers has none
    assert post(mine, project, "annotations", again).status_code == 201
    assert Annotation.objects.answers().get().value == {"labels": ["spam"]}


def test_undo_answers_with_a_proof(mine, project, items) -> None:
    [row] = take(mine, project)
    first = answer(row)
    post(mine, project, "annotations", first)
    again = mine.post(f"/api/v1/annotations/{first['uuid']}/undo/").json()
    Assignment.objects.all().delete()
    assert post(mine, project, "annotations", answer(again, "spam")).status_code == 201


def test_an_answer_of_ones_own_can_be_edited_at_any_time(mine, project, items) -> None:
    [row] = take(mine, project)
    first = answer(row)
    post(mine, project, "annotations", first)
    Assignment.objects.all().delete()
    edit = answer(Item.objects.get(pk=row["item"]["id"]), "spam", replaces=first["uuid"])
    assert post(mine, project, "annotations", edit).status_code == 201
    stored = Annotation.objects.answers().get()
    assert (stored.value, stored.mark) == ({"labels": ["spam"]}, None)


def test_a_grid_is_answered_in_one_call(mine, theirs, project, items) -> None:
    project.settings = {"suggestion": "shown"}
    project.save()
    ham = {"labels": ["ham"]}
    publishing.publish_queue(project, [Ranked(item.pk, Reason.UNCERTAIN, suggestion=ham) for item in items], 1)
    rows = take(mine, project, 6, grids=True)
    leasing.release_leases(project)
    take(theirs, project, 2)
    response = post(mine, project, "annotations", [answer(row) for row in rows])
    assert (response.status_code, len(response.json())) == (201, 6)
    assert Annotation.objects.filter(mark=Mark.LATE).count() == 2


# The test sample shows nowhere


def test_annotators_do_not_see_splits(mine, theirs, client_of, annotator, project, items) -> None:
    Item.objects.filter(pk__in=[items[0].pk, items[1].pk]).update(split="test")
    listed = f"/api/v1/projects/{project.pk}/items/"
    response = mine.get(listed, {"split": "test"})
    assert (response.status_code, code(response)) == (403, "forbidden")
    assert all("split" not in item for item in mine.get(listed).json()["results"])
    assert "split" not in mine.get(f"{listed}{items[0].pk}/").json()
    assert {item["split"] for item in theirs.get(listed, {"split": "test"}).json()["results"]} == {"test"}
    page = client_of(annotator).get(f"/projects/{project.pk}/items/", {"split": "test"})
    assert len(page.context["rows"]) == len(items)  # the filter is not theirs
    for address in ("", f"{items[0].pk}/"):
        html = client_of(annotator).get(f"/projects/{project.pk}/items/{address}").content.decode()
        assert "Split" not in html
        assert ">Test<" not in html


def test_the_test_sample_looks_like_any_random_one(mine, theirs, client_of, annotator, project, items) -> None:
    Item.objects.filter(pk=items[0].pk).update(split="test")
    QueueEntry.objects.create(project=project, item=items[0], rank=0, reason=Reason.TEST, round=2)
    QueueEntry.objects.create(project=project, item=items[1], rank=1, reason=Reason.RANDOM, round=2)
    rows = take(mine, project, 2)
    assert {(row["reason"], row["round"], row["score"]) for row in rows} == {("random", 2, None)}
    post(mine, project, "annotations", [answer(row) for row in rows])
    assert Annotation.objects.get(item=items[0]).reason == Reason.TEST
    path = f"/api/v1/projects/{project.pk}/annotations/"
    assert {row["reason"] for row in mine.get(path).json()["results"]} == {"random"}
    assert {row["reason"] for row in theirs.get(path).json()["results"]} == {"random", "test"}
    page = client_of(annotator).get(f"/projects/{project.pk}/items/{items[0].pk}/").content.decode()
    assert ">Test<" not in page
