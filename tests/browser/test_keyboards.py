"""Keyboards of other scripts: letters that are not Latin count by their place."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from annotation.imports import image_storage
from annotation.imports.importing import content_hash
from annotation.models import Annotation, Item, Label, Membership, Project, Role, User
from tests.browser.conftest import opened
from tests.pictures import picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# of the keys F, H, B, N, L
LAYOUTS = {"Russian": "армтд", "Greek": "φηβνλ", "Arabic": ["ب", "ا", "لا", "ى", "م"], "Hebrew": "כינמך"}
KEYS = "FHBNL"


def press(page: Page, layout: str, key: str) -> None:
    """Send what the browser makes of a key of a layout."""
    init = {"key": LAYOUTS[layout][KEYS.index(key)], "code": f"Key{key}", "bubbles": True, "cancelable": True}
    page.evaluate("(init) => document.body.dispatchEvent(new KeyboardEvent('keydown', init))", init)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_keys_of_the_screen_and_of_labels(open_annotate, annotator, project, make_items, layout) -> None:
    make_items(project, ["a text", "another"])
    Label.objects.filter(project=project, name="ham").update(key="b")
    page = open_annotate(annotator)
    press(page, layout, "F")
    expect(page.get_by_role("dialog", name="Flag this item")).to_be_visible()
    page.keyboard.press("Escape")
    press(page, layout, "H")
    expect(page.get_by_role("complementary", name="Guidelines")).to_be_visible()
    press(page, layout, "B")
    expect(page.locator('[data-part="status"]')).to_have_text("All answers saved")
    assert Annotation.objects.get().value == {"labels": ["ham"]}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_keys_of_boxes(open_context, lead: User, annotator: User, layout: str) -> None:
    project = boxes(lead, annotator)
    page = opened(open_context(annotator), project)
    press(page, layout, "N")
    press(page, layout, "L")
    expect(page.locator(".bx-list li")).to_have_count(1)


def boxes(lead: User, annotator: User) -> Project:
    project = Project.objects.create(name="Cells", task_type="boxes", created_by=lead, seed=1, item_count=1)
    Label.objects.create(project=project, name="cell", key="1")
    Membership.objects.create(project=project, user=annotator, role=Role.ANNOTATOR)
    content: dict[str, Any] = image_storage.store_image(project.pk, picture("tan", (400, 300), "JPEG"))
    Item.objects.create(project=project, position=0, content=content, content_hash=content_hash(content))
    return project
