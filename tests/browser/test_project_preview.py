"""Whoever makes a project sees at once what annotators will see, and what they type changes it."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from annotation.models import Project, User
from annotation.tasktypes import TASK_TYPES
from tests.browser.conftest import PHONE, axe

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DARK_PHONE = {**PHONE, "color_scheme": "dark"}


@pytest.fixture
def form(open_context: Any, lead: User) -> Any:
    lead.is_staff = True
    lead.save()

    def make(**options: Any) -> Page:
        page = open_context(lead, **options).new_page()
        page.goto("/projects/create/")
        expect(page.get_by_role("region", name="What annotators will see")).to_be_visible()
        return page

    return make


def preview(page: Page) -> Any:
    return page.get_by_role("region", name="What annotators will see")


def test_labels_are_seen_as_they_are_typed_and_can_be_tried(form: Any) -> None:
    page = form()
    expect(preview(page)).to_contain_text("Give the labels names")
    names = page.locator('[data-rows] [data-part="name"]')
    names.nth(0).fill("praise")
    names.nth(1).fill("complaint")
    page.locator('[data-rows] [data-part="key"]').nth(1).fill("c")
    expect(preview(page).get_by_role("button", name="complaint")).to_have_attribute("aria-keyshortcuts", "c")
    preview(page).get_by_role("button", name="praise").click()
    expect(preview(page).get_by_role("status")).to_have_text("Answered: praise")
    page.get_by_role("button", name="Remove").nth(1).click()
    expect(preview(page).get_by_role("button", name="complaint")).to_have_count(0)
    assert not Project.objects.exists()


@pytest.mark.parametrize("options", [{}, DARK_PHONE], ids=["desktop", "phone"])
def test_every_task_type_is_shown_and_shuts_nobody_out(form: Any, options: dict[str, Any]) -> None:
    page = form(**options)
    for n, name in enumerate(("near", "far")):
        page.locator('[data-rows] [data-part="name"]').nth(n).fill(name)
    for kind in TASK_TYPES.values():
        page.locator(f'[value="{kind.name}"]').check()
        item = preview(page).locator('[data-part="item"]')
        expect(item).not_to_be_empty()
        if kind.answer.has_labels:
            expect(preview(page).get_by_role("button", name="near")).to_be_visible()
        if kind.widget in ("images", "boxes"):
            expect(item.locator("img")).to_have_js_property("naturalWidth", 640)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_numbers_take_the_place_of_labels_and_have_ends_and_a_unit(form: Any) -> None:
    page = form()
    expect(page.get_by_role("group", name="Numbers")).to_be_hidden()
    page.get_by_label("Name", exact=True).first.fill("Ages")
    page.get_by_label("Numbers for records (tables)").check()
    expect(page.get_by_role("button", name="Add a label")).to_be_hidden()
    page.get_by_label("Lowest number").fill("17")
    page.get_by_label("Highest number").fill("98")
    page.get_by_role("spinbutton", name="Step").fill("1")
    page.get_by_role("textbox", name="Unit").fill("years")
    number = preview(page).get_by_role("textbox", name="Number from 17 to 98 (years)")
    number.fill("41")
    number.press("Enter")
    expect(preview(page).get_by_role("status")).to_have_text("Answered: 41 years")
    page.get_by_label("Text classification", exact=True).check()
    expect(page.get_by_role("button", name="Add a label")).to_be_visible()
    page.get_by_label("Numbers for records (tables)").check()
    page.get_by_role("button", name="Make the project").press("Enter")
    expect(page.get_by_role("button", name="Upload and preview")).to_be_enabled()
    project = Project.objects.get()
    assert (project.task_type, project.labels.count()) == ("record_numbers", 0)
    scale = project.kind.answer.scale
    assert (scale.low, scale.high, scale.step, scale.unit) == (17, 98, 1, "years")


def test_ratings_show_the_stars_they_get_without_labels(form: Any) -> None:
    page = form()
    page.get_by_label("Ratings (recommendation)").check()
    expect(preview(page)).to_contain_text("Without labels of your own")
    expect(preview(page).get_by_role("button", name="4.5")).to_be_visible()


def test_settings_show_the_labels_as_they_become(open_context: Any, project: Project, lead: User) -> None:
    page = open_context(lead).new_page()
    page.goto(f"/projects/{project.pk}/settings/")
    expect(preview(page).get_by_role("button", name="spam")).to_be_visible()
    page.locator('[data-rows] [data-part="name"]').first.fill("wanted")
    expect(preview(page).get_by_role("button", name="wanted")).to_be_visible()


def test_boxes_cannot_be_drawn_before_there_are_labels(form: Any) -> None:
    page = form()
    page.get_by_label("Object boxes").check()
    image = preview(page).locator("img")
    expect(image).to_have_js_property("naturalWidth", 640)
    image.hover()
    page.mouse.down()
    box = image.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20, steps=3)
    page.mouse.up()
    expect(preview(page).get_by_role("button", name="New box")).to_be_hidden()
    preview(page).get_by_role("button", name="Done").click()
    expect(preview(page).get_by_role("status").last).to_have_text("Answered: nothing here")
