"""The annotate page as the server sends it: who may see it, what it starts with, what it costs."""

import json
import re
import uuid
from typing import Any

import pytest
from django.urls import reverse

from annotation.models import Label, Outcome, Project, User
from annotation.projects.projects import update_project
from annotation.queue import answering, leasing, publishing, undoing
from annotation.queue.answering import Answer
from annotation.queue.publishing import Ranked
from annotation.views.annotate import annotate_page_data
from tests.annotation.answers import proof_of


@pytest.fixture
def url(project: Project) -> str:
    return reverse("annotate-index", args=[project.pk])


def data_of(response: Any) -> dict[str, Any]:
    found = re.search(r'<script id="annotate-data" type="application/json">(.*?)</script>', response.content.decode())
    assert found
    return json.loads(found[1])


@pytest.mark.parametrize(
    ("who", "status"), [("lead", 200), ("annotator", 200), ("reviewer", 200), ("stranger", 404), (None, 302)]
)
def test_who_may_see_it(url, client_of, request, who, status) -> None:
    user = request.getfixturevalue(who) if who else None
    response = client_of(user).get(url)
    assert response.status_code == status
    if status == 302:
        assert response["Location"] == f"/sign-in/?next={url}"


@pytest.mark.parametrize(
    "name", ["annotate-index", "items-index", "dashboard-index", "project-settings", "members-index", "exports-index"]
)
def test_no_browser_keeps_a_page_of_a_project(client_of, project, lead, name) -> None:
    assert "no-store" in client_of(lead).get(reverse(name, args=[project.pk]))["Cache-Control"]


def test_the_version_changes_with_all_that_the_screen_shows(client_of, project, annotator, lead) -> None:
    seen = [version(client_of, project, annotator)]
    changes: list[dict[str, Any]] = [
        {"labels": [{"name": "ham"}, {"name": "spam"}, {"name": "eggs"}]},
        {"labels": [{"name": "ham"}, {"name": "spam", "retired": True}, {"name": "eggs"}]},
        {"labels": [{"name": "ham", "description": "no ads"}, {"name": "spam", "retired": True}, {"name": "eggs"}]},
        {"guidelines": "Ads are spam."},
        {"settings": {"suggestion": "shown"}},
    ]
    for change in changes:
        project = update_project(project, **change)
        seen.append(version(client_of, project, annotator))
    assert len(set(seen)) == len(seen)
    project = update_project(project, name="Another name")
    assert version(client_of, project, lead) == seen[-1]


def version(client_of: Any, project: Project, user: User) -> str:
    """Return the version that the page starts with, which is that of the API."""
    client = client_of(user)
    told = client.get(reverse("api-project", args=[project.pk])).json()["version"]
    assert data_of(client.get(reverse("annotate-index", args=[project.pk])))["version"] == told
    return str(told)


def test_it_starts_with_labels_progress_and_the_last_answers(url, client_of, project, annotator, make_items) -> None:
    Label.objects.create(project=project, name="old", order=2, retired_at="2026-01-01T00:00Z")
    items = make_items(project, 15)
    for item in items[:12]:
        answering.submit_answers(project, annotator, [_label(project, annotator, item.pk)])
    data = data_of(client_of(annotator).get(url))
    assert [label["name"] for label in data["labels"]] == ["ham", "spam"]
    assert [label["color"] for label in data["labels"]] == ["label-1", "label-2"]
    assert data["progress"] == {"today": 12, "mine": 12, "items": 15, "labelled": 12, "test": 0, "test_labelled": 0}
    assert [entry["row"]["item"]["id"] for entry in data["history"]] == [item.pk for item in items[11:1:-1]]


def test_what_was_taken_back_is_not_among_the_last_answers(project, annotator, make_items) -> None:
    item = make_items(project, 1)[0]
    stored = answering.submit_answers(project, annotator, [_label(project, annotator, item.pk)]).created[0]
    undoing.undo_answer(stored, annotator)
    data = annotate_page_data(project, annotator)
    assert data["history"] == []
    assert data["progress"]["today"] == 0


def test_hidden_suggestions_are_not_in_the_page(url, client_of, project, annotator, make_items) -> None:
    item = make_items(project, 1)[0]
    publishing.publish_queue(
        project, [Ranked(item.pk, "uncertain", suggestion={"labels": ["spam"]}, suggestion_score=0.9)], 1
    )
    leasing.lease(project, annotator, 1)
    answering.submit_answers(project, annotator, [_label(project, annotator, item.pk)])
    assert data_of(client_of(annotator).get(url))["history"][0]["row"]["suggestion"] is None
    project.settings = {"suggestion": "after"}
    project.save()
    assert data_of(client_of(annotator).get(url))["history"][0]["row"]["suggestion"] == {"labels": ["spam"]}


def test_texts_and_guidelines_cannot_break_out_of_the_page(url, client_of, project, annotator, make_items) -> None:
    project.guidelines = "<script>alert(1)</script>\n\n**bold** [x](javascript:alert(1))"
    project.save()
    item = make_items(project, ["</script><script>alert(2)</script>"])[0]
    answering.submit_answers(project, annotator, [_label(project, annotator, item.pk)])
    page = client_of(annotator).get(url).content.decode()
    assert "alert(2)</script>" not in page
    assert "<script>alert" not in page
    assert "<strong>bold</strong>" in page
    assert 'href="javascript' not in page


def test_only_a_lead_is_sent_to_the_upload(url, client_of, lead, annotator) -> None:
    assert "Upload a file of texts" in client_of(lead).get(url).content.decode()
    assert "Upload a file of texts" not in client_of(annotator).get(url).content.decode()


@pytest.mark.parametrize("answers", [0, 12])
def test_the_number_of_queries_does_not_grow(
    url, client_of, project, annotator, make_items, django_assert_num_queries, answers
) -> None:
    for item in make_items(project, 20)[:answers]:
        answering.submit_answers(project, annotator, [_label(project, annotator, item.pk)])
    client = client_of(annotator)
    # session, user; project and role by the door; role for the page; labels; own answers;
    # labelled, test, test labelled; last answers; role for the tabs
    with django_assert_num_queries(11):
        client.get(url)


def _label(project: Project, user: User, item: int) -> Answer:
    value, proof = {"labels": ["ham"]}, proof_of(project, user, item)
    return Answer(uuid=uuid.uuid4(), item=item, outcome=Outcome.LABEL, value=value, assignment=proof)
