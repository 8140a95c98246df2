"""The tabs of a project: by role, and only pages that exist."""

from django.template import Context
from django.test import Client, RequestFactory
from django.urls import resolve, reverse
from django.views.defaults import server_error

from annotation.models import Project
from annotation.templatetags.navigation import project_tabs, url_or_none


def titles(project, user, here: str) -> list[tuple[str, bool]]:
    request = RequestFactory().get(here)
    request.user = user
    request.resolver_match = resolve(here)
    tabs = project_tabs(Context({"project": project, "request": request}))["tabs"]
    return [(str(tab["title"]), tab["current"]) for tab in tabs]


def test_tabs_by_role(project, lead, annotator, reviewer, stranger) -> None:
    here = reverse("annotate-index", args=[project.pk])
    shown = {user.username: [name for name, _ in titles(project, user, here)] for user in (lead, annotator, reviewer)}
    assert "Settings" in shown["lead"]
    assert "Settings" not in shown["annotator"] + shown["reviewer"]
    assert "Annotate" in shown["annotator"]
    assert titles(project, stranger, here) == []


def test_the_tab_of_the_page_is_the_current_one(project, lead) -> None:
    pages = [
        ("annotate-index", "Annotate"),
        ("project-settings", "Settings"),
        ("simulations-index", "Dashboard"),
    ]
    for url_name, title in pages:
        tabs = titles(project, lead, reverse(url_name, args=[project.pk]))
        assert [name for name, current in tabs if current] == [title]


def test_a_page_that_does_not_exist_has_no_address() -> None:
    assert url_or_none("no-such-page", 1) is None


def test_no_tabs_outside_a_project(lead) -> None:
    request = RequestFactory().get("/")
    request.user = lead
    assert project_tabs(Context({"request": request}))["tabs"] == []
    assert project_tabs(Context({"request": request, "project": Project(name="not saved")}))["tabs"] == []


def test_an_address_that_does_not_exist_gets_a_page_of_ours(client_of, lead) -> None:
    response = client_of(lead).get("/no/such/page/")
    assert response.status_code == 404
    assert b"There is no such page" in response.content


def test_a_form_without_its_token_gets_a_page_of_ours(lead) -> None:
    response = Client(enforce_csrf_checks=True).post("/sign-in/", {"username": "lead", "password": "x"})
    assert response.status_code == 403
    assert b"open too long" in response.content


def test_the_page_for_a_broken_server_needs_nothing_but_itself() -> None:
    response = server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    assert b"Something broke" in response.content
