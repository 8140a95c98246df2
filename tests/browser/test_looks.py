"""Nobody is shut out: axe finds nothing, in both themes and at both widths; themes and languages switch."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import Page, expect

from annotation.imports import importing
from annotation.models import Export, Import, Project, User
from annotation.queue import answering
from tests.browser.conftest import DESKTOP, PHONE, axe

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOOKS = pytest.mark.parametrize(("theme", "width"), [("light", PHONE), ("dark", DESKTOP)], ids=["phone", "desktop"])
PAGES = (
    "items/",
    "items/{item}/",
    "imports/",
    "imports/{draft}/",
    "imports/{done}/",
    "exports/",
    "members/",
    "settings/",
)


@LOOKS
def test_sign_in_is_accessible(open_context, width, theme) -> None:
    page = open_context(color_scheme=theme, **width).new_page()
    page.goto("/sign-in/")
    assert axe(page) == []


@LOOKS
def test_the_annotate_screen_is_accessible(open_context, project, lead, make_items, width, theme) -> None:
    project.guidelines = "## Spam\n\nIt [sells](https://example.org)."
    project.save()
    make_items(project, ["A text.\n" * 60, *(f"text {n}" for n in range(12))])
    page = open_context(lead, color_scheme=theme, **width).new_page()
    page.goto(f"/projects/{project.pk}/annotate/")
    expect(page.locator('[data-state="item"]')).to_be_visible()
    for key in "12":
        page.keyboard.press(key)
    page.wait_for_timeout(600)  # the new line's tint has faded
    assert axe(page) == []
    page.keyboard.press("h")
    assert axe(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert axe(page) == []


@LOOKS
def test_the_empty_screen_is_accessible(open_context, project, lead, width, theme) -> None:
    page = open_context(lead, color_scheme=theme, **width).new_page()
    page.goto(f"/projects/{project.pk}/annotate/")
    expect(page.get_by_role("heading", name="There is nothing to label yet")).to_be_visible()
    assert axe(page) == []


@LOOKS
def test_the_pages_around_it_are_accessible(open_context, project, lead, make_items, width, theme) -> None:
    items = make_items(project, ["A text", "Another"])
    answering.submit_answers(project, lead, [answering.Answer(uuid4(), items[0].pk, "label", {"labels": ["ham"]})])
    upload = SimpleUploadedFile("more.csv", b"text,label\nOne more,spam\n")
    draft = importing.create_import(project, lead, upload)
    done = Import.objects.create(project=project, created_by=lead, name="done.csv", status="done", rows_read=2)
    Export.objects.create(project=project, created_by=lead, format="csv", status="failed", error="The disk is full.")
    page = open_context(lead, color_scheme=theme, **width).new_page()
    found = []
    for place in PAGES:
        page.goto(f"/projects/{project.pk}/{place.format(item=items[0].pk, draft=draft.pk, done=done.pk)}")
        found += [f"{place} {violation}" for violation in axe(page)]
    assert found == []


def background(page: Page) -> str:
    return page.evaluate("getComputedStyle(document.documentElement).backgroundColor")


def test_the_theme_follows_the_system_until_it_is_chosen(open_context: Any) -> None:
    page = open_context(color_scheme="dark").new_page()
    page.goto("/sign-in/")
    dark = background(page)
    page.get_by_role("button", name="Theme: as the system").click()
    page.get_by_role("button", name="Theme: light").wait_for()
    light = background(page)
    assert light != dark
    page.reload()
    assert background(page) == light
    page.get_by_role("button", name="Theme: light").click()
    assert background(page) == dark


def test_more_contrast_is_given_to_who_asks(open_context: Any) -> None:
    page = open_context(contrast="more").new_page()
    page.goto("/sign-in/")
    assert background(page) == "rgb(255, 255, 255)"
    assert axe(page) == []


def test_the_language_is_a_click_away(open_context: Any) -> None:
    page = open_context().new_page()
    page.goto("/sign-in/")
    page.get_by_role("button", name="简体中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_sign_in_works_without_script_and_sign_out_too(open_context: Any, project: Project, annotator: User) -> None:
    page = open_context(java_script_enabled=False).new_page()
    page.goto("/sign-in/")
    expect(page.get_by_role("button", name="Sign in")).to_have_count(1)  # none that would do nothing
    page.get_by_label("User name").fill("annotator")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not go together")
    expect(page.get_by_label("User name")).to_have_value("annotator")
    page.get_by_label("Password").fill("a-long-test-password")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.locator("summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_page_reflows_at_400_percent(open_context: Any, project: Project, annotator: User, make_items: Any) -> None:
    make_items(project, ["A text of some length, to be read at four times its size. " * 5])
    page = open_context(annotator, viewport={"width": 320, "height": 256}).new_page()
    page.goto(f"/projects/{project.pk}/annotate/")
    expect(page.locator('[data-state="item"]')).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_role("button", name="ham").click()


def test_the_current_tab_is_in_sight_on_a_phone(open_context: Any, project: Project, lead: User) -> None:
    page = open_context(lead, **PHONE).new_page()
    page.goto(f"/projects/{project.pk}/settings/")
    expect(page.get_by_role("link", name="Settings")).to_be_in_viewport(ratio=1)


def test_a_breach_of_the_content_policy_would_be_noticed(open_context: Any, complaints: list[str]) -> None:
    page = open_context().new_page()
    page.goto("/sign-in/")
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), { textContent: '1' }))")
    page.wait_for_timeout(100)
    assert any("Content Security Policy" in line for line in complaints)
    complaints.clear()
