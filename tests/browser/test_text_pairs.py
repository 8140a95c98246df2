"""Pairs of texts: brought in by a lead, labelled by keyboard at a desk and by touch on a phone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import expect

from annotation.imports import importing
from annotation.models import Annotation, Import, Membership, Project, User
from annotation.projects.projects import create_project
from tests.browser.conftest import PHONE, axe, opened
from tests.browser.test_annotate import wait_saved

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

QUESTIONS = "text_a,text_b\n" + "".join(f"Where is stop {n}?,In which street is stop {n}?\n" for n in range(6))


@pytest.fixture
def pairs(lead: User, annotator: User) -> Project:
    project = create_project(lead, "Questions", "text_pair_classification", [{"name": "same"}, {"name": "different"}])
    Membership.objects.create(project=project, user=annotator)
    return project


def bring(project: Project, lead: User, table: str = QUESTIONS) -> None:
    run = importing.create_import(project, lead, SimpleUploadedFile("questions.csv", table.encode()))
    importing.start_draft(run)
    importing.run_import(run.pk)


def answers() -> list[str]:
    return [row.value["labels"][0] for row in Annotation.objects.answers().order_by("pk")]


def test_pairs_are_labelled_by_keyboard(
    open_context: Callable[..., Any], pairs: Project, lead: User, annotator: User
) -> None:
    bring(pairs, lead)
    page = opened(open_context(annotator), pairs)
    first, second = (page.get_by_role("region", name=name) for name in ("First text", "Second text"))
    expect(first).to_contain_text("Where is stop")
    expect(second).to_contain_text("In which street is stop")
    assert first.bounding_box()["y"] == second.bounding_box()["y"]
    assert axe(page) == []
    shown = first.inner_text()
    page.keyboard.press("2")
    expect(first).not_to_have_text(shown)
    page.keyboard.press("1")
    page.keyboard.press("Backspace")
    page.keyboard.press("2")
    page.keyboard.press(" ")
    wait_saved(page)
    assert answers() == ["different", "different"]
    expect(page.locator('[data-part="history"] li').first).to_contain_text("?")
    expect(page.locator('[data-part="history"]')).to_contain_text(" | In which street")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("different")
    assert axe(page) == []


def test_one_above_the_other_on_a_phone(
    open_context: Callable[..., Any], pairs: Project, lead: User, annotator: User
) -> None:
    bring(pairs, lead, f"text_a,text_b\n{'The cat sat on the mat. ' * 40},{'Dogs bark at night. ' * 40}\n")
    page = opened(open_context(annotator, **PHONE, color_scheme="dark"), pairs)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    first, second = (page.get_by_role("region", name=name).bounding_box() for name in ("First text", "Second text"))
    assert first["y"] + first["height"] <= second["y"]
    assert first["x"] == second["x"]
    page.get_by_role("button", name="same").tap()
    wait_saved(page)
    assert answers() == ["same"]


def test_a_lead_says_which_columns_the_texts_are(
    open_context: Callable[..., Any], pairs: Project, lead: User, tmp_path: Path
) -> None:
    path = tmp_path / "tickets.csv"
    path.write_text("nr,old ticket,new ticket\n1,My lamp does not light up,The lamp is broken\n2,No bill,Bill twice\n")
    page = open_context(lead).new_page()
    page.goto(f"/projects/{pairs.pk}/imports/")
    expect(page.get_by_role("region", name="What a file looks like")).to_contain_text("text_a,text_b,label")
    page.set_input_files("#file", path)
    page.get_by_role("button", name="Upload and preview").press("Enter")
    roles = page.locator("[data-column]")
    expect(roles).to_have_count(3)
    assert [role.input_value() for role in roles.all()] == ["meta", "text_a", "text_b"]
    assert axe(page) == []
    roles.nth(1).select_option("Second text")
    roles.nth(2).select_option("First text")
    page.get_by_role("button", name="Add these rows").press("Enter")
    expect(page.locator("[data-state]")).to_be_visible()
    mapping = Import.objects.get().mapping
    assert (mapping["text_a"], mapping["text_b"]) == ("new ticket", "old ticket")


def test_an_item_is_shown_with_both_texts(open_context: Callable[..., Any], pairs: Project, lead: User) -> None:
    bring(pairs, lead)
    page = open_context(lead).new_page()
    page.goto(f"/projects/{pairs.pk}/items/?text=stop+3")
    page.get_by_role("link", name="Where is stop 3? | In which street is stop 3?").click()
    expect(page.locator(".al-item__text")).to_have_text("Where is stop 3? | In which street is stop 3?")
    assert axe(page) == []
