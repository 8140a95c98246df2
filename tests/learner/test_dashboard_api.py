"""Who may see and ask what, and that the page, the API and its description agree."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from html import unescape
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from annotation.api.response_objects import from_mapping
from annotation.models import Item, Project, User, WorkerHeartbeat
from learner.api import rounds
from learner.api.progress_objects import ProgressOut, RoundOut
from learner.models import JobStatus, LearnerState, Round
from learner.reports.progress import progress_document
from tests import api_document
from tests.learner.factories import add_round, answer, freeze, work

MakeItems = Callable[..., list[Item]]
ApiOf = Callable[[User | None], APIClient]
PROGRESS = {"$ref": "#/components/schemas/ProgressOut"}
PEOPLE = ["lead", "reviewer", "annotator", "stranger", "admin", None]


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Keep messages from the broker that these tests do not need; who would have been woken is in the list."""
    calls: list[int] = []
    monkeypatch.setattr(rounds, "wake_worker", calls.append)
    return calls


@pytest.fixture(autouse=True)
def _never_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every change is seen at once, however slow the machine."""
    monkeypatch.setattr("learner.reports.progress.CHEAP_SECONDS", 60)


@pytest.fixture
def worked(project: Project, make_items: MakeItems, annotator: User, lead: User) -> Project:
    work(project, make_items(project, 400), [annotator, lead], rounds=6, tested=60)
    return project


def one_of(name: str | None, request: pytest.FixtureRequest) -> User | None:
    return request.getfixturevalue(name) if name else None


# Permissions


@pytest.mark.parametrize(("name", "status"), list(zip(PEOPLE, [200, 200, 403, 404, 200, 401], strict=True)))
@pytest.mark.parametrize("url_name", ["api-progress", "api-rounds"])
def test_who_may_read(
    url_name: str, name: str | None, status: int, project: Project, api_of: ApiOf, request: pytest.FixtureRequest
) -> None:
    response = api_of(one_of(name, request)).get(reverse(url_name, args=[project.pk]))
    assert response.status_code == status


@pytest.mark.parametrize(("name", "status"), list(zip(PEOPLE, [202, 403, 403, 404, 202, 401], strict=True)))
def test_who_may_ask_for_a_round(
    name: str | None, status: int, project: Project, api_of: ApiOf, request: pytest.FixtureRequest
) -> None:
    response = api_of(one_of(name, request)).post(reverse("api-rounds", args=[project.pk]))
    assert response.status_code == status
    assert LearnerState.objects.filter(requested_at__isnull=False).exists() == (status == 202)


@pytest.mark.parametrize(("name", "status"), list(zip(PEOPLE, [200, 200, 403, 404, 200, 302], strict=True)))
def test_who_may_see_the_page(
    name: str | None,
    status: int,
    project: Project,
    client_of: Callable[[User | None], Client],
    request: pytest.FixtureRequest,
) -> None:
    response = client_of(one_of(name, request)).get(reverse("dashboard-index", args=[project.pk]))
    assert response.status_code == status


def test_only_a_lead_gets_the_button(
    project: Project, lead: User, reviewer: User, client_of: Callable[[User | None], Client]
) -> None:
    url = reverse("dashboard-index", args=[project.pk])
    assert b'data-part="retrain"' in client_of(lead).get(url).content
    assert b'data-part="retrain"' not in client_of(reviewer).get(url).content


def test_another_project_stays_out(worked: Project, lead: User, api_of: ApiOf, make_items: MakeItems) -> None:
    other = Project.objects.create(name="Other", task_type="text_classification")
    items = make_items(other, ["a", "b"])
    answer(items, lead, ["ham", "ham"])
    add_round(other)
    before = progress_document(worked)["counts"]
    assert before["items"] == 400
    assert all(row["number"] <= 6 for row in api_of(lead).get(reverse("api-rounds", args=[worked.pk])).data["results"])
    assert len(api_of(lead).get(reverse("api-rounds", args=[worked.pk])).data["results"]) == 6


# Progress


def test_an_unchanged_document_does_not_travel(
    worked: Project, lead: User, api_of: ApiOf, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client, url = api_of(lead), reverse("api-progress", args=[worked.pk])
    first = client.get(url)
    again = client.get(url, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    with django_assert_num_queries(4):  # session, user, project with role, fingerprint
        client.get(url, headers={"if-none-match": first["ETag"]})
    answer([worked.items.get(position=399)], lead, ["ham"])
    third = client.get(url, headers={"if-none-match": first["ETag"]})
    assert third.status_code == 200
    assert third["ETag"] != first["ETag"]
    assert third.data["counts"]["answers"] == first.data["counts"]["answers"] + 1


def test_the_document_is_in_the_readers_language(worked: Project, lead: User, api_of: ApiOf) -> None:
    client, url = api_of(lead), reverse("api-progress", args=[worked.pk])
    english = client.get(url, headers={"accept-language": "en"})
    chinese = client.get(url, headers={"accept-language": "zh-hans"})
    assert english["ETag"] != chinese["ETag"]


def test_the_page_has_the_numbers_of_the_api(
    worked: Project, lead: User, api_of: ApiOf, client_of: Callable[[User | None], Client]
) -> None:
    page = client_of(lead).get(reverse("dashboard-index", args=[worked.pk])).content.decode()
    start = page.index('<script id="progress-now" type="application/json">')
    inside = json.loads(unescape(page[page.index(">", start) + 1 : page.index("</script>", start)]))
    api = json.loads(api_of(lead).get(reverse("api-progress", args=[worked.pk])).content)
    for part in ("counts", "curve", "control_curve", "current", "labels", "agreement", "stop"):
        assert inside[part] == api[part]


def test_it_works_without_a_cache(worked: Project, lead: User, api_of: ApiOf, settings: LazySettings) -> None:
    backend = "django.core.cache.backends.redis.RedisCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "redis://127.0.0.1:1/0"}}
    assert api_of(lead).get(reverse("api-progress", args=[worked.pk])).status_code == 200


def test_the_api_is_described_as_it_is(worked: Project, lead: User, api_of: ApiOf) -> None:
    """What the reports hold fits the classes, field for field, and the answer the document."""
    document = progress_document(worked)
    from_mapping(ProgressOut, document)
    from_mapping(RoundOut, document["rounds"][0])
    assert api_document.faults(PROGRESS, api_of(lead).get(reverse("api-progress", args=[worked.pk])).json()) == []
    with pytest.raises(TypeError, match="surprise"):
        from_mapping(ProgressOut, document | {"surprise": 1})


def deprecated(value: object, schema: dict[str, Any], where: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield (place, figure, figure under its old name) for every deprecated name in an answer."""
    schemas = api_document.document()["components"]["schemas"]
    for part in schema.get("allOf", ()):
        yield from deprecated(value, part, where)
    if "$ref" in schema:
        yield from deprecated(value, schemas[schema["$ref"].rpartition("/")[2]], where)
    elif isinstance(value, list):
        for one in value:
            yield from deprecated(one, schema.get("items", {}), where)
    elif isinstance(value, dict):
        for name, part in schema.get("properties", {}).items():
            if part.get("deprecated") and name in value:
                new_name = part["description"].split("`")[1]
                yield f"{where}.{name}", value[new_name], value[name]
            elif name in value:
                yield from deprecated(value[name], part, f"{where}.{name}")


def test_the_old_names_have_the_same_figures(worked: Project, lead: User, api_of: ApiOf) -> None:
    """A value that has a new name is the same but for a few that changed, which keep their old word."""
    body = api_of(lead).get(reverse("api-progress", args=[worked.pk])).json()
    pairs = list(deprecated(body, PROGRESS))
    assert {place for place, _new, _old in pairs} >= {".stop.when", ".measures.key", ".trust.calibration.error"}
    changed = {(new, old) for _place, new, old in pairs if new != old}
    assert changed == {("budget", "limit"), ("convergence", "sign"), ("recall", "search")}
    assert body["stop"]["when"] == body["stop"]["on_limit"] == "advise"
    assert body["curve"][0]["accuracy"]["n"] == body["curve"][0]["accuracy"]["count"] >= 30
    assert body["decision"]["steps"] == body["threshold_report"]["points"]


@pytest.mark.parametrize(("trigger", "cause"), [("first", "first"), ("batch", "batch"), ("asked", "manual")])
def test_why_a_round_ran(project: Project, lead: User, api_of: ApiOf, trigger: str, cause: str) -> None:
    add_round(project, trigger=trigger)
    row = api_of(lead).get(reverse("api-rounds", args=[project.pk])).json()["results"][0]
    assert (row["cause"], row["trigger"]) == (cause, trigger)


# Rounds


def test_rounds_come_in_pages_newest_first(project: Project, lead: User, api_of: ApiOf) -> None:
    for _ in range(5):
        add_round(project)
    client = api_of(lead)
    page = client.get(reverse("api-rounds", args=[project.pk]), {"page_size": 2}).data
    assert [row["number"] for row in page["results"]] == [5, 4]
    assert page["previous"] is None
    page = client.get(page["next"]).data
    assert [row["number"] for row in page["results"]] == [3, 2]
    assert page["previous"]
    page = client.get(page["next"]).data
    assert [row["number"] for row in page["results"]] == [1]
    assert page["next"] is None


def test_asking_twice_is_one_round(project: Project, lead: User, api_of: ApiOf) -> None:
    client, url = api_of(lead), reverse("api-rounds", args=[project.pk])
    first = client.post(url).data
    assert (first["running"], first["worker_alive"]) == (None, False)
    WorkerHeartbeat.touch("train")
    add_round(project, status=JobStatus.RUNNING, finished_at=None)
    second = client.post(url).data
    assert (second["running"], second["worker_alive"]) == (1, True)
    assert LearnerState.objects.filter(project=project).count() == 1
    assert Round.objects.count() == 1
    assert isinstance(second["asked_at"], datetime)


def test_asking_wakes_a_worker(project: Project, lead: User, api_of: ApiOf, woken: list[int]) -> None:
    api_of(lead).post(reverse("api-rounds", args=[project.pk]))
    assert woken == [project.pk]


def test_asking_is_seen_on_the_dashboard(project: Project, lead: User, api_of: ApiOf, make_items: MakeItems) -> None:
    freeze(make_items(project, 10), 2)
    client = api_of(lead)
    assert client.get(reverse("api-progress", args=[project.pk])).data["queue"]["asked_at"] is None
    client.post(reverse("api-rounds", args=[project.pk]))
    assert client.get(reverse("api-progress", args=[project.pk])).data["queue"]["asked_at"] is not None
