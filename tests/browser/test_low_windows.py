"""Low windows, such as a page at 200 %: the item scrolls, the buttons stay in the window."""

import itertools
from typing import Any

import pytest
from playwright.sync_api import expect

from annotation.imports import image_storage
from annotation.imports.importing import content_hash
from annotation.models import Item, Project, User
from annotation.projects.projects import create_project
from tests.browser.conftest import opened
from tests.pictures import picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG = "A sentence of a text that goes on and on. " * 200
WINDOWS = {"1280x720 at 200 %": (640, 360), "1280x720 at 150 %": (853, 480), "1366x600": (1366, 560)}
CONTENTS: dict[str, dict[str, Any]] = {
    "text_classification": {"text": LONG},
    "text_multilabel": {"text": LONG},
    "spans": {"text": LONG},
    "records": {"fields": {f"column {n}": LONG[:200] for n in range(12)}},
    "record_numbers": {"fields": {f"column {n}": LONG[:200] for n in range(12)}},
    "ratings": {"user": "u7", "thing": "m31", "fields": {"plot": LONG}},
    "preference": {"left": "m31", "right": "m44", "fields": {"left.plot": LONG, "right.plot": LONG}},
    "text_pair_classification": {"text_a": LONG, "text_b": LONG},
    "image_classification": {},
    "boxes": {},
}


def make_project(lead: User, task_type: str, labels: int) -> Project:
    has_labels = task_type not in ("record_numbers", "ratings", "preference")
    names = [{"name": f"label {n}"} for n in range(labels)] if has_labels else []
    settings = {"number_low": 0, "number_high": 100} if task_type == "record_numbers" else {}
    project = create_project(lead, "Low", task_type, names, settings=settings)
    content = CONTENTS[task_type] or image_storage.store_image(project.pk, picture("tan", (800, 600), "JPEG"))
    Item.objects.create(project=project, position=0, content=content, content_hash=content_hash(content))
    Project.objects.filter(pk=project.pk).update(item_count=1)
    return project


@pytest.mark.parametrize(
    ("task_type", "labels"), [*((name, 3) for name in CONTENTS), ("text_classification", 14), ("boxes", 14)]
)
def test_the_buttons_are_in_the_window(open_context, lead, task_type, labels) -> None:
    project = make_project(lead, task_type, labels)
    page = opened(open_context(lead), project)
    for window, (width, height) in WINDOWS.items():
        page.set_viewport_size({"width": width, "height": height})
        answer = page.locator(".an-labels input" if task_type == "record_numbers" else ".an-label").first
        for button in (answer, page.get_by_role("button", name="Skip")):
            box = button.bounding_box()
            assert box, window
            assert box["y"] >= 0, window
            assert box["y"] + box["height"] <= height, f"{window}: {box}"
        reading = page.locator(".an-reading").bounding_box()
        assert reading
        assert reading["height"] >= 70, f"{window}: {reading}"
        assert reading["y"] + reading["height"] <= height, window
        assert page.evaluate("document.documentElement.scrollHeight <= innerHeight"), window
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), window


def test_the_text_scrolls_and_the_ways_out_are_there(open_context, lead) -> None:
    page = opened(open_context(lead), make_project(lead, "text_classification", 3))
    page.set_viewport_size({"width": 640, "height": 360})
    tops = []
    for _ in range(3):
        page.keyboard.press("Space")
        tops.append(page.evaluate("document.querySelector('.an-reading').scrollTop"))
    assert all(before < after for before, after in itertools.pairwise([0, *tops]))
    expect(page.get_by_role("link", name="Items")).to_be_visible()
    page.keyboard.press("1")
    expect(page.locator('[data-part="status"]')).to_have_text("All answers saved")
