"""Projects by API and page; tokens; the account; guidelines."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from annotation.guidelines import render_guidelines
from annotation.models import Annotation, Item, Label, Membership, Project, User
from annotation.project_settings.goal import GoalOptions
from annotation.project_settings.groups import all_settings
from annotation.project_settings.setting_types import LabelSetting
from annotation.tasktypes.answers import number_scale
from tests.conftest import PASSWORD

Api = Callable[[User | None], APIClient]
REVIEWS = {"name": "Reviews", "task_type": "text_classification", "labels": [{"name": "good"}, {"name": "bad"}]}


def test_staff_make_a_project_and_lead_it(admin: User, lead: User, api_of: Api) -> None:
    lead.is_staff = True
    lead.save()
    response = api_of(lead).post("/api/v1/projects/", {**REVIEWS, "settings": {"overlap": 2}}, format="json")
    assert response.status_code == 201
    body = response.json()
    assert body["role"] == "lead"
    assert body["settings"]["overlap"] == 2
    assert body["settings"]["lease_minutes"] == 15
    assert body["labels"][0] == {
        "name": "good",
        "key": "1",
        "color": "label-1",
        "description": "",
        "retired": False,
    }
    assert api_of(lead).get(f"/api/v1/projects/{body['id']}/").json() == body


@pytest.mark.parametrize("labels", [{}, {"labels": []}], ids=["left out", "empty"])
def test_a_project_may_leave_its_labels_to_an_upload(admin: User, api_of: Api, labels: dict[str, Any]) -> None:
    response = api_of(admin).post("/api/v1/projects/", {"name": "Cells", "task_type": "boxes", **labels}, format="json")
    assert (response.status_code, response.json()["labels"]) == (201, [])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": ""}, "invalid_request"),
        ({"task_type": "telepathy"}, "invalid_request"),
        ({"labels": "good"}, "invalid_request"),
        ({"labels": [{"name": "a", "key": "12"}]}, "invalid_request"),
        ({"settings": {"overlap": 99}}, "invalid_setting"),
        ({"settings": {"colour": 1}}, "invalid_setting"),
    ],
)
def test_a_bad_project_is_refused_in_the_one_form(
    admin: User, api_of: Api, change: dict[str, object], code: str
) -> None:
    response = api_of(admin).post("/api/v1/projects/", {**REVIEWS, **change}, format="json")
    assert response.status_code == 400
    assert response.json()["error"]["code"] == code
    assert response.json()["error"]["message"]
    assert not Project.objects.exists()


def test_a_project_changes_but_not_its_task_type(project: Project, lead: User, api_of: Api) -> None:
    api, address = api_of(lead), f"/api/v1/projects/{project.pk}/"
    body = api.get(address).json()
    again = api.patch(
        address, {name: body[name] for name in ("name", "task_type", "labels", "settings")}, format="json"
    )
    assert again.json() == body | {
        name: again.json()[name] for name in ("labels", "version")
    }  # what was read can be sent back
    assert api.patch(address, {"task_type": "spans"}, format="json").status_code == 400


def test_losing_answers_is_a_conflict(
    project: Project, lead: User, api_of: Api, make_items: Callable[..., list[Item]]
) -> None:
    [item] = make_items(project, 1)
    fields: Any = {"project": project, "item": item, "user": lead, "outcome": "label", "reason": "random"}
    Annotation.objects.create(**fields, value={"labels": ["spam"]})
    response = api_of(lead).patch(f"/api/v1/projects/{project.pk}/", {"labels": [{"name": "ham"}]}, format="json")
    assert response.status_code == 409
    assert response.json()["error"]["details"]["labels"] == ["spam"]


def _many(user: User, n: int) -> None:
    projects = Project.objects.bulk_create(Project(name=f"P{i}", task_type="text_classification") for i in range(n))
    Membership.objects.bulk_create(Membership(project=project, user=user, role="lead") for project in projects)
    Label.objects.bulk_create(Label(project=project, name="a") for project in projects)


def test_the_list_has_the_callers_projects_in_few_queries(
    project: Project, annotator: User, stranger: User, api_of: Api, django_assert_num_queries: Callable[..., Any]
) -> None:
    assert api_of(stranger).get("/api/v1/projects/").json()["results"] == []
    _many(annotator, 30)
    api = api_of(annotator)
    # Expect 7 queries: session, user, projects, labels, roles, and two for the counts
    with django_assert_num_queries(7):
        rows = api.get("/api/v1/projects/").json()["results"]
    assert len(rows) == 31
    assert {row["role"] for row in rows} == {"annotator", "lead"}


def test_the_first_page_has_few_queries(
    project: Project,
    annotator: User,
    client_of: Callable[..., Client],
    django_assert_num_queries: Callable[..., Any],
    make_items: Callable[..., list[Item]],
) -> None:
    make_items(project, 3)
    _many(annotator, 30)
    client = client_of(annotator)
    # Expect 7 queries: session, user, projects with their last answers, roles, the labelled items,
    # and Django's two about whether this person may make projects
    with django_assert_num_queries(7):
        html = client.get("/").content.decode()
    assert html.count("al-project__name") == 31
    assert f"/projects/{project.pk}/annotate/" in html


def test_the_first_page_teaches_those_who_have_no_project(
    stranger: User, admin: User, client_of: Callable[..., Client]
) -> None:
    assert "invitation link" in client_of(stranger).get("/").content.decode()
    assert "/projects/create/" not in client_of(stranger).get("/").content.decode()
    assert "/projects/create/" in client_of(admin).get("/").content.decode()


def test_the_forms_have_every_setting(
    project: Project, lead: User, admin: User, client_of: Callable[..., Client]
) -> None:
    settings = all_settings()
    # not before the task type is known, and there are labels to choose one of; numbers are there in place of labels,
    # and the goal is asked with the task type
    later = {
        name
        for name, setting in settings.items()
        if getattr(setting, "by_task", None) or isinstance(setting, LabelSetting) or setting.tasks
    }
    later -= {*number_scale.SETTINGS, *GoalOptions.settings}
    others = {name for name, setting in settings.items() if setting.tasks and project.task_type not in setting.tasks}
    for client, address, missing in (
        (client_of(lead), f"/projects/{project.pk}/settings/", others),
        (client_of(admin), "/projects/create/", later),
    ):
        html = client.get(address).content.decode()
        assert {name for name in settings if f'data-setting="{name}"' not in html} == missing
        assert "style=" not in html


def choices_of(html: str, setting: str) -> dict[str, bool]:
    """Return the values of a setting's list, and which is chosen."""
    found = re.search(rf'<select[^>]*data-setting="{setting}".*?</select>', html, re.DOTALL)
    assert found
    return {value: bool(chosen) for value, chosen in re.findall(r'<option value="([^"]*)"( selected)?>', found[0])}


def test_a_label_is_chosen_from_a_list_and_kept_by_its_name(
    project: Project, lead: User, client_of: Callable[..., Client], api_of: Callable[..., APIClient]
) -> None:
    page, api, address = client_of(lead), api_of(lead), f"/api/v1/projects/{project.pk}/"

    def shown() -> dict[str, bool]:
        return choices_of(page.get(f"/projects/{project.pk}/settings/").content.decode(), "target_label")

    def save(**body: object) -> int:
        return int(api.patch(address, body, format="json").status_code)

    assert shown() == {"": True, "ham": False, "spam": False}
    assert save(settings={"target_label": "spam"}) == 200
    assert shown() == {"": False, "ham": False, "spam": True}
    # in another order it is still that label, and while it is retired none
    assert save(labels=[{"name": "spam"}, {"name": "ham"}]) == 200
    assert shown() == {"": False, "spam": True, "ham": False}
    assert save(labels=[{"name": "spam", "retired": True}, {"name": "ham"}]) == 200
    assert shown() == {"": True, "ham": False}
    assert save(settings={"target_label": "spam", "overlap": 2}) == 200  # as the whole form sends it
    assert save(settings={"target_label": "ham"}) == 200
    refused = api.patch(address, {"settings": {"target_label": "Ham"}}, format="json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "invalid_setting")
    assert shown() == {"": False, "ham": True}
    assert save(settings={"target_label": ""}) == 200
    assert api.get(address).json()["settings"]["target_label"] is None


# Tokens and the account


def test_a_name_and_a_password_give_the_token_that_opens_the_api(lead: User, project: Project) -> None:
    api = APIClient()
    first = api.post("/api/v1/token/", {"username": "lead", "password": PASSWORD}, format="json").json()["token"]
    api.credentials(HTTP_AUTHORIZATION=f"Token {first}")
    me = api.get("/api/v1/me/").json()
    assert me["username"] == "lead"
    assert me["projects"] == [{"id": project.pk, "name": "SMS spam", "role": "lead"}]
    api.credentials(HTTP_AUTHORIZATION="Token wrong")
    assert api.get("/api/v1/me/").status_code == 401
    # an old token does not stand in the way of a new one
    assert api.post("/api/v1/token/", {"username": "lead", "password": PASSWORD}, format="json").status_code == 200


def test_a_session_needs_the_csrf_token(lead: User, client_of: Callable[..., Client]) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.cookies = client_of(lead).cookies
    assert client.post("/api/v1/me/tokens/", {"name": "x"}, format="json").status_code == 403


def test_the_password_changes_with_the_old_one_and_by_the_rules(lead: User, client_of: Callable[..., Client]) -> None:
    client, other = client_of(lead), client_of(lead)
    for old, new, words in (("wrong", "a-good-long-one", "not your password"), (PASSWORD, "12345678", "common")):
        assert words in client.post("/account/", {"old": old, "new": new}).content.decode()
    lead.refresh_from_db()
    assert lead.check_password(PASSWORD)
    assert client.post("/account/", {"old": PASSWORD, "new": "a-good-long-one"}).status_code == 302
    lead.refresh_from_db()
    assert lead.check_password("a-good-long-one")
    assert client.get("/account/").status_code == 200
    assert other.get("/account/").status_code == 302  # other browsers are signed out


# Guidelines


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        ("**bold**", "<p><strong>bold</strong></p>\n"),
        ("<script>alert(1)</script>", ""),
        ("<b style='color:red' onclick=x()>a</b>", "<p>a</p>\n"),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>\n"),
        ("![a](http://tracker/x.png)", "<p></p>\n"),
    ],
)
def test_guidelines_are_markdown_and_harmless(text: str, html: str) -> None:
    assert render_guidelines(text) == html
