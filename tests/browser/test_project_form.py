"""A lead makes a project or changes one: what is wrong is said where it is, in the words of the form."""

from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from annotation.exports import exporting
from annotation.models import Export, Project, User
from annotation.queue import answering
from learner.loop_options import LoopOptions
from tests.browser.conftest import PHONE, axe

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def settings_page(open_context: Any, project: Project, lead: User, complaints: list[str]) -> Any:
    def make(**options: Any) -> Page:
        page = open_context(lead, **options).new_page()
        page.goto(f"/projects/{project.pk}/settings/")
        return page

    yield make
    complaints[:] = [line for line in complaints if "status of 400" not in line]  # the refusals that were provoked


def test_a_project_of_boxes_is_made_without_labels(open_context: Any, lead: User) -> None:
    lead.is_staff = True
    lead.save()
    page = open_context(lead).new_page()
    page.goto("/projects/create/")
    page.get_by_label("Name", exact=True).first.fill("Cells")
    page.get_by_label("Object boxes").check()
    expect(page.get_by_role("region", name="What annotators will see")).to_contain_text("that an upload brings")
    page.get_by_role("button", name="Make the project").click()
    expect(page.get_by_role("button", name="Upload and preview")).to_be_enabled()
    assert Project.objects.get().labels.count() == 0


def test_a_setting_that_cannot_be_is_marked_where_it_is(settings_page: Any) -> None:
    page = settings_page()
    share = page.get_by_label("Test share")
    expect(share).to_be_hidden()
    page.get_by_text("Learning", exact=True).click()
    expect(share).to_have_accessible_description(
        "Share of the handed-out items that come from the test sample. From 0 to 0.9."
    )
    share.fill("15")
    page.get_by_text("Learning", exact=True).click()
    page.get_by_role("button", name="Save").click()
    expect(share).to_be_focused()  # unfolded
    expect(share).to_have_attribute("aria-invalid", "true")
    wrong = "“Test share” must be from 0 to 0.9."
    expect(page.locator("#setting-test_share-error")).to_have_text(wrong)
    expect(page.get_by_role("alert").filter(has_text=wrong)).to_be_visible()
    assert axe(page) == []
    share.fill("0.2")
    expect(share).not_to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text(wrong)).to_have_count(0)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved")).to_be_visible()


def test_what_is_chosen_is_explained(settings_page: Any) -> None:
    page = settings_page()
    page.get_by_text("Learning", exact=True).click()
    strategy = page.get_by_label("Strategy")
    expect(strategy).to_have_accessible_description(
        "How the next items are chosen. " + str(LoopOptions.settings["strategy"].explanations["boltzmann_kmeans"])
    )
    strategy.select_option(label="Random")
    expect(strategy).to_have_accessible_description(
        "How the next items are chosen. " + str(LoopOptions.settings["strategy"].explanations["random"])
    )
    assert axe(page) == []


def test_a_label_that_cannot_be_is_marked_until_it_changes(settings_page: Any) -> None:
    page = settings_page()
    names, keys = (page.locator(f'[data-rows] [data-part="{part}"]') for part in ("name", "key"))
    keys.nth(1).fill("f")
    page.get_by_role("button", name="Save").click()
    expect(names.nth(1)).to_be_focused()
    alert = page.get_by_role("alert").filter(has_text="on the annotate screen it")
    expect(alert).to_be_visible()
    page.get_by_role("button", name="Remove").nth(1).click()
    expect(alert).to_be_hidden()


@pytest.mark.parametrize("is_meant", [True, False])
def test_labels_that_look_alike_are_asked_about(
    settings_page: Any, project: Project, complaints: list[str], is_meant: bool
) -> None:
    page = settings_page()
    asked: list[str] = []

    def reply(dialog: Any) -> None:
        asked.append(dialog.message)
        (dialog.accept if is_meant else dialog.dismiss)()

    page.on("dialog", reply)
    names = page.locator('[data-rows] [data-part="name"]')
    names.nth(1).fill("Ham")
    page.get_by_role("button", name="Save").click()
    told = page.get_by_text("Saved") if is_meant else page.get_by_role("alert").filter(has_text="look alike").first
    expect(told).to_be_visible()
    assert asked == ["“Ham” and “ham” look alike. Are they really two different labels?"]
    assert project.label_names() == (["ham", "Ham"] if is_meant else ["ham", "spam"])
    complaints[:] = [line for line in complaints if "409" not in line]  # the question


def test_a_label_has_room_for_its_name(settings_page: Any) -> None:
    page = settings_page()
    width = {
        part: page.locator(f'[data-rows] [data-part="{part}"]').first.bounding_box()["width"]
        for part in ("name", "description", "color")
    }
    assert width["name"] > width["description"]
    assert width["name"] > width["color"]
    assert width["name"] >= 140  # pixels


def test_a_project_that_is_deleted_is_said_to_be(settings_page: Any, project: Project) -> None:
    page = settings_page()
    page.get_by_label("Type the project's name").fill(project.name)
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("heading", name="Projects", exact=True)).to_be_visible()
    expect(page.get_by_role("status").filter(has_text=f"“{project.name}” is deleted.")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Projects", exact=True)).to_be_visible()
    expect(page.get_by_text("is deleted.")).to_have_count(0)


def test_an_export_keeps_what_was_chosen_and_says_when_it_is_there(
    open_context: Any, project: Project, lead: User, make_items: Any
) -> None:
    make_items(project, 3)
    page = open_context(lead).new_page()
    page.goto(f"/projects/{project.pk}/exports/")
    page.get_by_label("Format").select_option("jsonl")
    page.get_by_label("Include items without an answer").check()
    page.get_by_role("button", name="Make the file").click()
    expect(page.get_by_role("status").filter(has_text="The file is being made.")).to_be_visible()
    expect(page.get_by_label("Format")).to_have_value("jsonl")
    expect(page.get_by_label("Include items without an answer")).to_be_checked()
    exporting.run_export(Export.objects.get().pk)
    expect(page.get_by_role("status").filter(has_text="The file is ready")).to_be_in_viewport()
    expect(page.get_by_role("link", name="Download")).to_be_visible()
    expect(page.get_by_label("Format")).to_have_value("jsonl")
    assert axe(page) == []


def test_answers_are_in_sight_on_a_phone(open_context: Any, project: Project, lead: User, make_items: Any) -> None:
    item = make_items(project, ["A message that is about as long as messages are"])[0]
    answering.submit_answers(
        project, lead, [answering.Answer(uuid=uuid4(), item=item.pk, outcome="label", value={"labels": ["spam"]})]
    )
    page = open_context(lead, **PHONE).new_page()
    page.goto(f"/projects/{project.pk}/items/")
    table = page.get_by_role("region", name="Items")
    expect(table.get_by_text("spam")).to_be_visible()
    assert table.evaluate("(table) => table.scrollWidth <= table.clientWidth")
    assert axe(page) == []
