"""Numbers for records: typed, stepped, refused and accepted, by keyboard and by touch."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import expect

from annotation import importing, projects
from annotation.models import Annotation, Membership, Project, QueueEntry, Reason, User
from tests.browser.conftest import PHONE, axe, opened
from tests.browser.test_annotate import wait_saved

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def project(lead: User, annotator: User) -> Project:
    settings = {"number_low": 17, "number_high": 98, "number_step": 1, "number_unit": "years", "suggestion": "shown"}
    made = projects.create_project(lead, "Ages", "record_numbers", [], settings=settings)
    Membership.objects.create(project=made, user=annotator)
    table = "job,visits\n" + "".join(f"cook,{n}\n" for n in range(8))
    run = importing.create_import(made, lead, SimpleUploadedFile("ages.csv", table.encode()))
    importing.start(run, {"fields": ["job", "visits"]})
    importing.run(run.pk)
    suggested: dict[str, Any] = {"reason": Reason.UNCERTAIN, "round": 1, "suggestion": {"number": 40.0}}
    QueueEntry.objects.bulk_create(
        QueueEntry(project=made, item=item, rank=rank, suggestion_score=6.0, **suggested)
        for rank, item in enumerate(made.items.order_by("position"))
    )
    return made


def given() -> list[float]:
    return [row.value["number"] for row in Annotation.objects.answers().order_by("pk")]


def test_numbers_by_keyboard(open_context, project, annotator) -> None:
    page = opened(open_context(annotator), project)
    expect(page.locator(".nu-said")).to_contain_text("suggested: 40 years (34 to 46)")
    assert axe(page) == []
    for key in ("4", "1", "Enter"):
        page.keyboard.press(key)
    for key in ("ArrowUp", "ArrowUp", "Shift+ArrowUp", "Enter"):  # from what is suggested
        page.keyboard.press(key)
    page.keyboard.press("a")
    for key in ("1", "2", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_role("alert").filter(has_text="from 17 to 98")).to_be_visible()
    for key in ("Backspace", "8", "Enter"):
        page.keyboard.press(key)
    wait_saved(page)
    assert given() == [41, 52, 40, 18]
    page.keyboard.press("Backspace")  # nothing stands in the field: the last answer comes back
    expect(page.get_by_role("textbox")).to_have_value("18")
    expect(page.locator('[data-part="history"] li').first).to_contain_text("40 years")


def test_numbers_by_touch_in_the_dark(open_context, project, annotator) -> None:
    page = opened(open_context(annotator, **PHONE, color_scheme="dark"), project)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = page.get_by_role("slider").bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2)
    page.get_by_role("button", name="Done").tap()
    page.get_by_role("button", name="Accept").tap()
    wait_saved(page)
    assert given() == [98, 40]
