"""A person's own answers over the API: newest first, across all of them, and nobody else's."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from annotation.models import Annotation, Item, Outcome, Project, User
from annotation.queue import answering, undoing
from annotation.queue.answering import Answer
from tests.annotation.answers import proof_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def give(project: Project, user: User, item: Item, outcome: str = Outcome.LABEL) -> Annotation:
    value = {"labels": ["ham"]} if outcome == Outcome.LABEL else None
    proof = proof_of(project, user, item.pk)
    answer = Answer(uuid=uuid.uuid4(), item=item.pk, outcome=outcome, value=value, assignment=proof)
    return answering.submit_answers(project, user, [answer]).created[0]


@pytest.fixture
def url(project: Project) -> str:
    return reverse("api-own-answers", args=[project.pk])


def test_pages_go_back_to_the_first_answer(url, client_of, project, annotator, make_items) -> None:
    given = [str(give(project, annotator, item).uuid) for item in make_items(project, 23)]
    client, seen, query = client_of(annotator), [], {}
    while page := client.get(url, query).json():
        assert len(page) <= 10
        seen += [row["uuid"] for row in page]
        query = {"before": seen[-1]}
    assert seen == given[::-1]


def test_answers_of_the_same_moment_are_each_there_once(url, client_of, project, annotator, make_items) -> None:
    for item in make_items(project, 6):
        give(project, annotator, item)
    moment = Annotation.objects.latest("created_at").created_at
    Annotation.objects.update(created_at=moment)
    client = client_of(annotator)
    first = client.get(url, {"limit": 3}).json()
    second = client.get(url, {"limit": 3, "before": first[-1]["uuid"]}).json()
    assert len({row["uuid"] for row in first + second}) == 6
    Annotation.objects.filter(uuid=first[0]["uuid"]).update(created_at=moment - timedelta(days=1))
    assert client.get(url).json()[-1]["uuid"] == first[0]["uuid"]


def test_an_answer_that_was_undone_is_still_a_place_to_go_on_from(
    url, client_of, project, annotator, make_items
) -> None:
    first, second = (give(project, annotator, item) for item in make_items(project, 2))
    undoing.undo_answer(second, annotator)
    [left] = client_of(annotator).get(url, {"before": str(second.uuid)}).json()
    assert left["uuid"] == str(first.uuid)
    assert client_of(annotator).get(url, {"before": str(first.uuid)}).json() == []


def test_skipped_and_flagged_ones_are_among_them(url, client_of, project, annotator, make_items) -> None:
    one, two = make_items(project, 2)
    give(project, annotator, one, Outcome.SKIP)
    give(project, annotator, two, Outcome.FLAG)
    rows: list[dict[str, Any]] = client_of(annotator).get(url).json()
    assert [(row["outcome"], row["value"]) for row in rows] == [("flag", None), ("skip", None)]
    assert rows[0]["row"]["item"]["id"] == two.pk


def test_nobody_sees_anothers(url, client_of, project, annotator, lead, make_items) -> None:
    stored = give(project, annotator, make_items(project, 1)[0])
    assert client_of(lead).get(url).json() == []
    assert client_of(lead).get(url, {"before": str(stored.uuid)}).json() == []


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 101}, {"before": "x"}, {"after": "x"}])
def test_what_does_not_fit_is_refused(url, client_of, annotator, query) -> None:
    assert client_of(annotator).get(url, query).status_code == 400
