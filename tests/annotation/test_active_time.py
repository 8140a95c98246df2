"""How long an answer took: on the screen and at work, both as they came, and what counts of them."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from rest_framework.test import APIClient

from annotation.exports.export_table import Filters, Table
from annotation.models import Annotation, Project, User
from learner.reports import annotator_activity
from learner.reports.stopping_advice import labelling_effort

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

LEASE_MINUTES = 15  # of a project that says nothing else


def give(client: APIClient, project: Project, **times: float) -> Annotation:
    path = f"/api/v1/projects/{project.pk}/"
    [row] = client.post(f"{path}next/", {"limit": 1}, format="json").json()
    answer = {
        "uuid": str(uuid4()),
        "item": row["item"]["id"],
        "outcome": "label",
        "value": {"labels": ["ham"]},
        **times,
    }
    response = client.post(f"{path}annotations/", json.dumps(answer), content_type="application/json")
    assert response.status_code == 201, response.json()
    return Annotation.objects.get(uuid=answer["uuid"])


@pytest.mark.parametrize(
    ("times", "active"),
    [
        ({"duration_seconds": 9002, "active_seconds": 62}, 62),
        ({"duration_seconds": 9002}, 60 * LEASE_MINUTES),  # a client that does not count active time
        ({"seconds": 9002}, 60 * LEASE_MINUTES),
        ({"duration_seconds": 5}, 5),
        ({"duration_seconds": 80_000, "active_seconds": 70_000}, 60 * LEASE_MINUTES),
        ({"duration_seconds": 5, "active_seconds": 50}, 5),
        ({"active_seconds": 7}, 7),
        ({}, None),
    ],
)
def test_both_times_are_stored_and_the_active_one_is_at_most_a_lease(
    api_of: Any, annotator: User, project: Project, make_items: Any, times: dict[str, float], active: float | None
) -> None:
    make_items(project, 1)
    row = give(api_of(annotator), project, **times)
    assert (row.duration_seconds, row.active_seconds) == (times.get("duration_seconds", times.get("seconds")), active)


def test_pace_and_budget_count_active_time(api_of: Any, annotator: User, project: Project, make_items: Any) -> None:
    make_items(project, 3)
    client = api_of(annotator)
    for times in ((9002, 62), (30, 20), (10, 10)):
        give(client, project, duration_seconds=times[0], active_seconds=times[1])
    assert labelling_effort(project) == {"answer_count": 3, "timed_labels": 3, "seconds": 92}
    [person] = annotator_activity.throughput_report(project)["by_person"]
    assert person["median_seconds"] == 20


def test_answers_of_an_older_release_count_a_lease_at_most(
    api_of: Any, annotator: User, project: Project, make_items: Any
) -> None:
    make_items(project, 3)
    client = api_of(annotator)
    old, recent, untimed = (give(client, project) for _ in range(3))
    Annotation.objects.filter(pk=old.pk).update(duration_seconds=9002)
    Annotation.objects.filter(pk=recent.pk).update(duration_seconds=9002, active_seconds=12)
    assert labelling_effort(project) == {"answer_count": 3, "timed_labels": 2, "seconds": 60 * LEASE_MINUTES + 12}
    project.settings = {"lease_minutes": 1}
    assert labelling_effort(project)["seconds"] == 60 + 12
    assert untimed.active_seconds is None


def test_both_are_shown_and_exported(
    api_of: Any, client_of: Any, annotator: User, lead: User, project: Project, make_items: Any
) -> None:
    make_items(project, 1)
    row = give(api_of(annotator), project, duration_seconds=9002, active_seconds=62)
    [shown] = api_of(lead).get(f"/api/v1/projects/{project.pk}/annotations/").json()["results"]
    assert (shown["duration_seconds"], shown["seconds"], shown["active_seconds"]) == (9002, 9002, 62)
    table = Table(project, Filters(answers="all"))
    [exported] = table.read_records(table.read_columns())
    assert (exported["seconds"], exported["active_seconds"]) == (9002, 62)
    client: Client = client_of(lead)
    page = client.get(f"/projects/{project.pk}/items/{row.item_id}/").content.decode()
    assert 'title="On the screen: 9002.0 s">62.0<' in page
