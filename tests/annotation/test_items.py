"""Items to browse, filter and search, by API and page: what is found and whose answers are seen."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from annotation.models import Annotation, Item, Project, User

pytestmark = pytest.mark.both_databases

Api = Callable[[User | None], APIClient]


@pytest.fixture
def items(project: Project, annotator: User, reviewer: User, make_items: Callable[..., list[Item]]) -> list[Item]:
    """Six items: 0 spam by annotator, 1 ham by reviewer, 2 flagged, 3 skipped, 4 in the test sample, 5 untouched."""
    rows = make_items(project, ["Win a PRIZE", "See you", "odd", "hm", "a prize too", "nothing"])
    Item.objects.filter(pk__in=[rows[0].pk, rows[1].pk]).update(answers=1)
    Item.objects.filter(pk=rows[4].pk).update(split="test", external_id="sms-4", export_only={"truth": "spam"})

    def say(item: Item, user: User, outcome: str, label: str = "", **more: Any) -> None:
        value = {"labels": [label]} if label else None
        fields = {"reason": "uncertain", "suggestion": {"labels": ["ham"]}, **more}
        Annotation.objects.create(project=project, item=item, user=user, outcome=outcome, value=value, **fields)

    say(rows[0], annotator, "label", "ham", live=False)
    say(rows[0], annotator, "label", "spam", round=3, probability=0.25)
    say(rows[1], reviewer, "label", "ham")
    say(rows[2], annotator, "flag", comment="Half of it is Hindi")
    say(rows[3], reviewer, "skip")
    return rows


def found(api: APIClient, project: Project, **filters: Any) -> list[int]:
    response = api.get(f"/api/v1/projects/{project.pk}/items/", filters)
    assert response.status_code == 200, response.json()
    return [row["position"] for row in response.json()["results"]]


@pytest.mark.parametrize(
    ("filters", "positions"),
    [
        ({}, [0, 1, 2, 3, 4, 5]),
        ({"split": "test"}, [4]),
        ({"status": "labelled"}, [0, 1]),
        ({"status": "unlabelled"}, [2, 3, 4, 5]),
        ({"status": "flagged"}, [2]),
        ({"status": "skipped"}, [3]),
        ({"label": "spam"}, [0]),
        ({"label": "ham"}, [1]),
        ({"label": "no such label"}, []),
        ({"annotator": "annotator"}, [0, 2]),
        ({"annotator": "reviewer", "label": "ham"}, [1]),
        ({"annotator": "annotator", "label": "ham"}, []),
        ({"external_id": "sms-4"}, [4]),
        ({"text": "prize"}, [0, 4]),
        ({"text": "prize", "split": "test"}, [4]),
        ({"text": "%"}, []),
    ],
)
def test_filters(
    project: Project, items: list[Item], reviewer: User, api_of: Api, filters: Any, positions: Any
) -> None:
    assert found(api_of(reviewer), project, **filters) == positions


@pytest.mark.parametrize(
    ("filters", "positions"),
    [({"label": "ham"}, []), ({"label": "spam"}, [0]), ({"annotator": "reviewer"}, []), ({"status": "skipped"}, [])],
)
def test_annotators_cannot_find_what_others_answered(
    project: Project, items: list[Item], annotator: User, api_of: Api, filters: Any, positions: Any
) -> None:
    assert found(api_of(annotator), project, **filters) == positions


def test_an_unknown_filter_value_is_an_error(project: Project, items: list[Item], reviewer: User, api_of: Api) -> None:
    response = api_of(reviewer).get(f"/api/v1/projects/{project.pk}/items/", {"status": "loved"})
    assert response.status_code == 400
    assert "status" in response.json()["error"]["details"]


def test_hidden_columns_are_for_leads_only(
    project: Project, items: list[Item], lead: User, reviewer: User, annotator: User, api_of: Api
) -> None:
    for user, sees in ((lead, True), (reviewer, False), (annotator, False)):
        for address in ("", f"{items[4].pk}/"):
            body = api_of(user).get(f"/api/v1/projects/{project.pk}/items/{address}").content.decode()
            assert ("truth" in body) is sees, (user, address)


def test_an_item_has_its_whole_history_for_reviewers_and_ones_own_for_annotators(
    project: Project, items: list[Item], reviewer: User, annotator: User, api_of: Api
) -> None:
    address = f"/api/v1/projects/{project.pk}/items/{items[0].pk}/"
    for user in (reviewer, annotator):
        rows = api_of(user).get(address).json()["annotations"]
        assert [(row["value"], row["live"]) for row in rows] == [
            ({"labels": ["spam"]}, True),
            ({"labels": ["ham"]}, False),
        ]
        assert (rows[0]["round"], rows[0]["probability"], rows[0]["reason"]) == (3, 0.25, "uncertain")
    other = f"/api/v1/projects/{project.pk}/items/{items[1].pk}/"
    assert len(api_of(reviewer).get(other).json()["annotations"]) == 1
    assert api_of(annotator).get(other).json()["annotations"] == []


def test_the_suggestion_stays_hidden_from_annotators_unless_the_project_shows_it(
    project: Project, items: list[Item], annotator: User, reviewer: User, api_of: Api
) -> None:
    address = f"/api/v1/projects/{project.pk}/items/{items[0].pk}/"
    ham = {"labels": ["ham"]}
    assert api_of(reviewer).get(address).json()["annotations"][0]["suggestion"] == ham
    assert api_of(annotator).get(address).json()["annotations"][0]["suggestion"] is None
    Project.objects.filter(pk=project.pk).update(settings={"suggestion": "after"})
    assert api_of(annotator).get(address).json()["annotations"][0]["suggestion"] == ham
    Annotation.objects.filter(item=items[0]).update(reason="test")
    assert api_of(annotator).get(address).json()["annotations"][0]["suggestion"] is None


def test_pages_follow_each_other_and_miss_nothing(
    project: Project, reviewer: User, api_of: Api, make_items: Callable[..., list[Item]]
) -> None:
    make_items(project, 25)
    api, seen = api_of(reviewer), []
    address: str | None = f"/api/v1/projects/{project.pk}/items/?page_size=10"
    while address:
        page = api.get(address).json()
        seen += [row["position"] for row in page["results"]]
        address = page["next"]
    assert seen == list(range(25))
    back = api.get(page["previous"]).json()
    assert [row["position"] for row in back["results"]] == list(range(10, 20))


def test_a_page_costs_the_same_whatever_is_on_it(
    project: Project, items: list[Item], reviewer: User, api_of: Api, django_assert_num_queries: Callable[..., Any]
) -> None:
    api = api_of(reviewer)
    # Expect 6 queries: session, user, project with membership, role, items, their answers
    with django_assert_num_queries(6) as queries:
        found(api, project)
    assert not any("COUNT(" in query["sql"] for query in queries)


# Answers


def answers(api: APIClient, project: Project, **filters: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = api.get(f"/api/v1/projects/{project.pk}/annotations/", filters).json()["results"]
    return rows


def test_answers_are_listed_filtered_and_ones_own_for_annotators(
    project: Project, items: list[Item], reviewer: User, annotator: User, api_of: Api
) -> None:
    api = api_of(reviewer)
    assert [row["outcome"] for row in answers(api, project)] == ["label", "label", "flag", "skip"]
    assert len(answers(api, project, history=True)) == 5
    assert [row["item"] for row in answers(api, project, outcome="flag")] == [items[2].pk]
    assert {row["user"] for row in answers(api, project, user="reviewer")} == {"reviewer"}
    middle = Annotation.objects.get(item=items[2]).created_at
    assert len(answers(api, project, since=middle.isoformat())) == 2
    assert {row["user"] for row in answers(api_of(annotator), project)} == {"annotator"}
    assert answers(api_of(annotator), project, user="reviewer") == []


def test_a_list_of_answers_takes_five_queries(
    project: Project, items: list[Item], reviewer: User, api_of: Api, django_assert_num_queries: Callable[..., Any]
) -> None:
    api = api_of(reviewer)
    # Expect 5 queries: session, user, project with membership, role, answers with their users
    with django_assert_num_queries(5):
        answers(api, project)


# Pages


def test_the_table_shows_what_the_filters_find(
    project: Project, items: list[Item], lead: User, client_of: Callable[..., Client]
) -> None:
    address = f"/projects/{project.pk}/items/"
    html = client_of(lead).get(address, {"text": "prize"}).content.decode()
    assert "Win a PRIZE" in html
    assert "a prize too" in html
    assert "See you" not in html
    assert "Nothing matches" in client_of(lead).get(address, {"text": "zebra"}).content.decode()
    assert "does not exist" in client_of(lead).get(address, {"status": "loved"}).content.decode()


def test_the_comment_of_a_flag_is_in_the_table_and_on_the_item(
    project: Project, items: list[Item], reviewer: User, client_of: Callable[..., Client]
) -> None:
    client = client_of(reviewer)
    address = f"/projects/{project.pk}/items/"
    assert "Half of it is Hindi" in client.get(address, {"status": "flagged"}).content.decode()
    assert "Half of it is Hindi" in client.get(f"{address}{items[2].pk}/").content.decode()
    assert "Half of it is Hindi" not in client.get(address, {"status": "skipped"}).content.decode()


def test_an_annotator_sees_no_answers_of_others(
    project: Project, items: list[Item], annotator: User, client_of: Callable[..., Client]
) -> None:
    client = client_of(annotator)
    html = client.get(f"/projects/{project.pk}/items/").content.decode()
    assert "by others" in html
    assert ">reviewer<" not in html
    assert "truth" not in client.get(f"/projects/{project.pk}/items/{items[4].pk}/").content.decode()


def test_text_from_an_upload_is_text(
    project: Project, lead: User, client_of: Callable[..., Client], make_items: Callable[..., list[Item]]
) -> None:
    [item] = make_items(project, ["<script>alert(1)</script>"])
    for address in ("", f"{item.pk}/"):
        html = client_of(lead).get(f"/projects/{project.pk}/items/{address}").content.decode()
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert" in html


def test_the_page_costs_the_same_whatever_is_on_it(
    project: Project,
    items: list[Item],
    lead: User,
    client_of: Callable[..., Client],
    django_assert_num_queries: Callable[..., Any],
) -> None:
    client = client_of(lead)
    # Expect 9: session, user, project with membership, role, items, their answers, labels, people, role for the tabs
    with django_assert_num_queries(9) as queries:
        client.get(f"/projects/{project.pk}/items/")
    assert not any("COUNT(" in query["sql"] for query in queries)
