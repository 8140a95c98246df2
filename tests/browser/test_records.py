"""Rows of a table: brought in, read and labelled by keyboard and by touch, and judged where to say yes."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import Page, expect

from annotation.imports import importing
from annotation.models import Annotation, Import, Item, Membership, Project, User, WorkerHeartbeat
from annotation.projects import projects
from tests.browser.conftest import PHONE, axe
from tests.browser.test_annotate import wait_saved
from tests.learner.factories import work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG = "The customer rang twice about the parcel and was promised an answer by Friday."
ROWS = "\n".join(
    f"{20 + n},{1000.5 * n},{'' if n % 2 else 'nurse'},{LONG if n % 3 else 'short'},{n}" for n in range(12)
)
TABLE = f"age,income,job,note,later\n{ROWS}\n"


@pytest.fixture
def project(lead: User, annotator: User) -> Project:
    made = projects.create_project(lead, "Deposits", "records", [{"name": "no"}, {"name": "yes"}])
    Membership.objects.create(project=made, user=annotator)
    return made


@pytest.fixture
def rows(project: Project, lead: User) -> list[Item]:
    run = importing.create_import(project, lead, SimpleUploadedFile("table.csv", TABLE.encode()))
    importing.start_draft(run, {"hidden": ["later"]})
    importing.run_import(run.pk)
    return list(project.items.order_by("position"))


def shown(page: Page) -> dict[str, str]:
    names = page.locator(".an-fields dt").all_inner_texts()
    return dict(zip(names, page.locator(".an-fields dd").all_inner_texts(), strict=True))


def given() -> dict[str, str]:
    """Age -> label."""
    rows = Annotation.objects.answers().select_related("item")
    return {row.item.content["fields"]["age"]: row.value["labels"][0] for row in rows}


def test_a_record_is_read_and_answered_by_keyboard(open_annotate, annotator, rows) -> None:
    page = open_annotate(annotator)
    first = shown(page)
    assert list(first) == ["age", "income", "job", "note"]  # as in the file; nothing hidden
    page.keyboard.press("2")
    second = shown(page)
    assert second["age"] != first["age"]
    page.keyboard.press("1")
    page.keyboard.press("Backspace")
    assert shown(page) == second
    page.keyboard.press("2")
    wait_saved(page)
    assert given() == {first["age"]: "yes", second["age"]: "yes"}
    line = page.locator('[data-part="history"] li').first
    expect(line).to_contain_text("yes")
    expect(line).to_contain_text(f"age: {second['age']}, income:")


def test_empty_long_and_numeric_cells_look_it(open_annotate, annotator, rows) -> None:
    page = open_annotate(annotator)
    kinds = set()
    for _ in range(12):
        for name, value in shown(page).items():
            box = page.locator(".an-fields > div", has=page.locator("dt", has_text=name))
            kinds.add((name, value == "–", value == LONG, box.get_attribute("class")))
        page.keyboard.press("1")
    assert kinds == {
        ("age", False, False, "is-number"),
        ("income", False, False, "is-number"),
        ("job", False, False, ""),
        ("job", True, False, "is-empty"),
        ("note", False, False, ""),
        ("note", False, True, "is-long"),
    }


@pytest.mark.parametrize("options", [{}, PHONE, {"color_scheme": "dark"}, {"forced_colors": "active"}])
def test_nobody_is_shut_out(open_annotate, annotator, rows, options) -> None:
    page = open_annotate(annotator, **options)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_by_touch(open_annotate, annotator, rows) -> None:
    page = open_annotate(annotator, **PHONE)
    first = shown(page)
    page.locator(".an-label", has_text="yes").tap()
    expect(page.locator(".an-fields dd").first).not_to_have_text(first["age"])
    wait_saved(page)
    assert given() == {first["age"]: "yes"}


def test_a_lead_says_what_the_columns_are(open_context, project, lead, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(TABLE)
    page = open_context(lead).new_page()
    page.goto(f"/projects/{project.pk}/imports/")
    page.set_input_files("#file", path)
    page.get_by_role("button", name="Upload and preview").click()
    roles = page.locator("[data-column]")
    expect(roles).to_have_count(5)
    assert [roles.nth(n).input_value() for n in range(5)] == ["fields"] * 5
    assert axe(page) == []
    roles.nth(4).select_option("hidden")
    roles.nth(3).select_option("meta")
    page.get_by_role("button", name="Add these rows").click()
    expect(page.locator("[data-state]")).to_be_visible()
    assert Import.objects.get().mapping["fields"] == ["age", "income", "job"]
    assert Import.objects.get().mapping["hidden"] == ["later"]


def test_the_dashboard_says_where_to_say_yes(open_context, project, lead, annotator, make_items) -> None:
    WorkerHeartbeat.touch("train")
    work(project, make_items(project, 400), [annotator], rounds=3, tested=100)
    page = open_context(lead).new_page()
    page.goto(f"/projects/{project.pk}/dashboard/")
    panel = page.locator('[data-part="decision"]')
    expect(panel).to_contain_text("Average precision for “yes”")
    expect(panel).to_contain_text("The best F1 comes from saying “yes” from")
    panel.locator("summary").click()
    expect(panel.locator("tbody th", has_text="(best F1)")).to_have_count(1)
    assert page.evaluate("Chart.getChart('decision-canvas').data.datasets.length") == 7
    assert axe(page) == []


def test_without_two_classes_there_is_no_threshold(open_context, project, lead, annotator, make_items) -> None:
    projects.update_project(project, labels=[{"name": name} for name in ("no", "yes", "perhaps")])
    work(project, make_items(project, 400), [annotator], rounds=3, tested=100)
    page = open_context(lead).new_page()
    page.goto(f"/projects/{project.pk}/dashboard/")
    expect(page.locator('[data-part="quality"]')).to_be_visible()
    expect(page.locator('[data-part="decision"]')).to_be_hidden()
