"""What a lead changes while people label: their open pages learn of it, and nothing that was entered is lost."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from annotation.labels import label_changes
from annotation.models import Annotation, Item, Label, Membership, Project, Role, User
from annotation.projects.projects import update_project
from tests.browser.conftest import opened, wait_until_seen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NEXT_CHECK_MS = 60_000  # people learn of a change within a minute


@pytest.fixture
def items(project: Project, make_items: Any) -> list[Item]:
    return make_items(project, [f"Message number {n}" for n in range(40)])


def news(page: Page) -> Any:
    return page.locator('[data-part="news"]')


def label_button(page: Page, name: str) -> Any:
    return page.locator(".an-labels").get_by_role("button", name=name, exact=True)


def set_labels(project: Project, *names: str, retired: str = "") -> None:
    update_project(project, labels=[{"name": name, "retired": name == retired} for name in names])


def test_labels_come_and_go_on_an_open_page(open_annotate, annotator, project, items) -> None:
    page = open_annotate(annotator, clock=True)
    first = page.locator('[data-part="item"]').inner_text()
    set_labels(project, "ham", "spam", "eggs", retired="spam")
    page.clock.fast_forward(NEXT_CHECK_MS)
    expect(news(page)).to_contain_text("New label: eggs. Not used any more: spam.")
    expect(label_button(page, "spam")).to_have_count(0)
    expect(page.locator('[data-part="item"]')).to_have_text(first)
    page.keyboard.press("2")  # the key that the retired one had
    expect(page.locator('[data-part="status"]')).to_have_text("All answers saved")
    assert Annotation.objects.get().value == {"labels": ["eggs"]}
    page.get_by_role("button", name="OK").click()
    expect(news(page)).to_be_empty()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("eggs")


def test_new_guidelines_are_marked(open_annotate, annotator, project, items) -> None:
    update_project(project, guidelines="Ads are spam.\n\nFriends are ham.")
    page = open_annotate(annotator, clock=True)
    update_project(project, guidelines="Ads are spam.\n\nReceipts are ham.\n\nFriends are ham.")
    page.clock.fast_forward(NEXT_CHECK_MS)
    expect(news(page)).to_contain_text("The guidelines have changed.")
    page.get_by_role("button", name="Show the guidelines").click()
    expect(page.get_by_role("complementary", name="Guidelines")).to_be_visible()
    expect(page.locator(".an-new")).to_have_text(["Receipts are ham."])


def test_first_guidelines_bring_their_button(open_annotate, annotator, project, items) -> None:
    page = open_annotate(annotator, clock=True)
    expect(page.get_by_role("button", name="Guidelines")).to_have_count(0)
    update_project(project, guidelines="Ads are spam.")
    page.clock.fast_forward(NEXT_CHECK_MS)
    expect(page.get_by_role("button", name="Guidelines", exact=True)).to_be_visible()


def test_a_page_without_labels_starts_when_there_are_some(open_context, lead, annotator, make_items) -> None:
    project = Project.objects.create(name="New", task_type="text_classification", created_by=lead, seed=1)
    Membership.objects.create(project=project, user=annotator, role=Role.ANNOTATOR)
    make_items(project, ["the first one"])
    page = open_context(annotator).new_page()
    page.clock.install()
    page.goto(f"/projects/{project.pk}/annotate/")
    expect(page.get_by_role("heading", name="This project has no labels yet")).to_be_visible()
    set_labels(project, "yes", "no")
    page.clock.fast_forward(NEXT_CHECK_MS)
    expect(page.locator('[data-part="item"]')).to_have_text("the first one")
    expect(label_button(page, "yes")).to_be_visible()


def test_an_answer_with_a_retired_label_is_given_again_with_the_buttons_of_now(
    open_annotate, annotator, project, items, complaints
) -> None:
    page = open_annotate(annotator)
    set_labels(project, "ham", "spam", "eggs", retired="ham")
    page.keyboard.press("1")
    expect(page.get_by_role("alert")).to_contain_text("One answer was not accepted")
    expect(label_button(page, "ham")).to_have_count(0)
    page.get_by_role("button", name="Answer it again").click()
    wait_until_seen(page)
    label_button(page, "eggs").click()
    expect(page.locator('[data-part="status"]')).to_have_text("All answers saved")
    assert Annotation.objects.answers().get().value == {"labels": ["eggs"]}
    complaints[:] = [line for line in complaints if "Failed to load resource" not in line]  # the refused answer


@pytest.fixture
def entities(lead: User, annotator: User) -> Project:
    project = Project.objects.create(name="People", task_type="spans", created_by=lead, seed=1)
    for order, name in enumerate(["person", "place"]):
        Label.objects.create(project=project, name=name, key=str(order + 1), order=order)
    Membership.objects.create(project=project, user=annotator, role=Role.ANNOTATOR)
    return project


def test_spans_that_were_marked_stay_under_the_new_name_of_their_label(
    open_context, entities, lead, annotator, make_items
) -> None:
    make_items(entities, ["Ada lived in London"])
    page = opened(open_context(annotator), entities, clock=True)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("1")
    label_changes.change_label(entities, lead, label_changes.check_change(entities, "rename", "person", ["human"]))
    page.clock.fast_forward(NEXT_CHECK_MS)
    expect(news(page)).to_contain_text("“person” is called “human” now.")
    expect(page.locator("mark")).to_have_attribute("data-names", "human")
    page.keyboard.press("Enter")
    expect(page.locator('[data-part="status"]')).to_have_text("All answers saved")
    assert Annotation.objects.answers().get().value == {"spans": [{"start": 0, "end": 3, "label": "human"}]}


def test_nothing_is_replaced_while_somebody_types(open_annotate, annotator, project, make_items) -> None:
    set_labels(project, *(f"label {n}" for n in range(12)))
    make_items(project, ["a text"])
    page = open_annotate(annotator, clock=True)
    page.keyboard.press("/")
    page.keyboard.type("label 1")
    set_labels(project, *(f"label {n}" for n in range(13)))
    page.clock.fast_forward(NEXT_CHECK_MS)
    page.clock.run_for(1_000)
    expect(page.get_by_role("searchbox")).to_have_value("label 1")
    page.keyboard.press("Escape")
    page.clock.run_for(5_000)
    expect(news(page)).to_contain_text("New label: label 12.")


def test_a_change_of_what_the_page_consists_of_asks_to_load_it_again(open_annotate, annotator, project, items) -> None:
    page = open_annotate(annotator, clock=True)
    update_project(project, settings={"suggestion": "shown"})
    page.clock.fast_forward(NEXT_CHECK_MS)
    expect(news(page)).to_contain_text("The settings of this project have changed.")
    with page.expect_navigation():
        page.get_by_role("button", name="Load the page again").click()
    data = json.loads(page.locator("#annotate-data").inner_text())
    assert data["suggestion"] == "shown"
