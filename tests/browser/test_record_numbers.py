"""Numbers for records: typed, stepped, refused and accepted, by keyboard and by touch."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import expect

from annotation.imports import importing
from annotation.models import Annotation, Membership, Project, QueueEntry, Reason, User
from annotation.projects import projects
from tests.browser.conftest import PHONE, axe, opened, wait_until_seen
from tests.browser.test_annotate import wait_saved

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def project(lead: User, annotator: User) -> Project:
    settings = {"number_low": 17, "number_high": 98, "number_step": 1, "number_unit": "years", "suggestion": "shown"}
    made = projects.create_project(lead, "Ages", "record_numbers", [], settings=settings)
    Membership.objects.create(project=made, user=annotator)
    table = "job,visits\n" + "".join(f"cook,{n}\n" for n in range(8))
    run = importing.create_import(made, lead, SimpleUploadedFile("ages.csv", table.encode()))
    importing.start_draft(run, {"fields": ["job", "visits"]})
    importing.run_import(run.pk)
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
    expect(page.locator(".nu-suggestion")).to_contain_text("suggested: 40 years (34 to 46)")
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


def test_what_is_typed_after_a_refusal_takes_the_place_of_what_was_refused(open_context, project, annotator) -> None:
    page = opened(open_context(annotator), project)
    field, alert = page.get_by_role("textbox"), page.get_by_role("alert").filter(has_text="from 17 to 98")
    page.keyboard.type("150")
    page.keyboard.press("Enter")
    expect(alert).to_be_visible()
    page.keyboard.press("5")
    expect(field).to_have_value("5")
    expect(alert).to_have_count(0)
    page.keyboard.type("50")
    page.keyboard.press("Enter")
    field.click()  # as on a phone: what is there is selected
    page.keyboard.type("999")
    page.keyboard.press("Enter")
    page.keyboard.type("50")
    page.keyboard.press("Enter")
    wait_saved(page)
    assert given() == [50]


def test_nothing_that_is_typed_is_lost_without_a_word(open_context, project, annotator) -> None:
    page = opened(open_context(annotator), project)
    page.keyboard.type("2e1")
    expect(page.get_by_role("textbox")).to_have_value("2e1")
    page.keyboard.press("Enter")
    page.keyboard.type("3k1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="That is no number.")).to_be_visible()
    wait_saved(page)
    assert given() == [20]


def test_backspace_held_down_empties_the_field_and_no_more(open_context, project, annotator) -> None:
    page = opened(open_context(annotator), project)
    page.keyboard.type("41")
    page.keyboard.press("Enter")
    page.keyboard.type("52")
    for _ in range(5):
        page.keyboard.down("Backspace")  # the second and later ones are repeats
    page.keyboard.up("Backspace")
    expect(page.get_by_role("textbox")).to_have_value("")
    wait_saved(page)
    assert given() == [41]


def test_a_slider_gives_no_more_digits_than_a_hand_can_mean(open_context, project, annotator) -> None:
    projects.update_project(project, settings={"number_step": None})
    page = opened(open_context(annotator), project)
    box = page.get_by_role("slider").bounding_box()
    for share in (0.37, 0.681, 0.995):
        page.mouse.click(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
        assert re.fullmatch(r"\d\d(\.\d)?", page.get_by_role("textbox").input_value())
    page.keyboard.press("Enter")
    wait_saved(page)
    assert given() == [98]


def test_numbers_by_touch_in_the_dark(open_context, project, annotator) -> None:
    page = opened(open_context(annotator, **PHONE, color_scheme="dark"), project)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = page.get_by_role("slider").bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2)
    page.get_by_role("button", name="Done").tap()
    wait_until_seen(page)
    page.get_by_role("button", name="Accept").tap()
    wait_saved(page)
    assert given() == [98, 40]
