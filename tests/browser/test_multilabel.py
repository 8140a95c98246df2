"""Several labels a text, by keyboard alone, by touch, and with more labels than there are keys."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from annotation.models import Annotation, Item, Membership, Project, User
from annotation.projects import projects
from annotation.queue import publishing
from tests.browser.conftest import PHONE, axe
from tests.browser.test_annotate import text, wait_saved

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def project(lead: User, annotator: User) -> Project:
    labels = [{"name": name} for name in ("baking", "meat", "sauce")]
    made = projects.create_project(lead, "Cooking", "text_multilabel", labels)
    Membership.objects.create(project=made, user=annotator)
    return made


@pytest.fixture
def items(project: Project, make_items: Any) -> list[Item]:
    return make_items(project, [f"Question number {n}" for n in range(12)])


def given() -> list[list[str]]:
    rows = Annotation.objects.answers().order_by("pk")
    return [row.value["labels"] for row in rows]


def pressed(page: Page) -> list[str]:
    return page.locator('.an-label[aria-pressed="true"] .an-label__name').all_text_contents()


def test_keys_put_labels_on_and_off_and_enter_answers(open_annotate, annotator, items) -> None:
    page = open_annotate(annotator)
    first = text(page)
    for key in ("1", "3", "2", "2"):
        page.keyboard.press(key)
    assert pressed(page) == ["baking", "sauce"]
    page.keyboard.press("Enter")
    expect(page.locator('[data-part="item"]')).not_to_have_text(first)
    assert pressed(page) == []
    page.keyboard.press("Enter")  # none of them
    wait_saved(page)
    assert given() == [["baking", "sauce"], []]
    expect(page.locator('[data-part="history"] li').first).to_contain_text("none of the labels")


def test_backspace_undoes_a_label_then_the_last_answer(open_annotate, annotator, items) -> None:
    page = open_annotate(annotator)
    first = text(page)
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    page.keyboard.press("2")
    page.keyboard.press("Backspace")
    assert pressed(page) == []
    page.keyboard.press("Backspace")
    expect(page.locator('[data-part="item"]')).to_have_text(first)
    assert pressed(page) == ["baking"]  # as it was answered
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    wait_saved(page)
    assert given() == [["baking", "sauce"]]


def test_the_suggestion_is_taken_over_and_may_be_changed(open_annotate, annotator, project, items) -> None:
    projects.update_project(project, settings={"suggestion": "shown"})
    suggested = {"labels": ["meat", "sauce"]}
    publishing.publish_queue(
        project, [publishing.Ranked(item.pk, "uncertain", suggestion=suggested) for item in items], 1
    )
    page = open_annotate(annotator)
    expect(page.locator(".an-label.is-suggested")).to_have_count(2)
    page.keyboard.press("a")
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    wait_saved(page)
    row = Annotation.objects.answers().get()
    assert row.value == {"labels": ["sauce"]}
    assert row.suggestion_shown
    assert row.suggestion_changed


def test_a_double_click_puts_a_label_on_once(open_annotate, annotator, items) -> None:
    page = open_annotate(annotator)
    page.get_by_role("button", name="meat").dblclick()
    assert pressed(page) == ["meat"]
    page.wait_for_timeout(200)
    page.get_by_role("button", name="meat").click()
    assert pressed(page) == []


def test_by_touch(open_annotate, annotator, items) -> None:
    page = open_annotate(annotator, **PHONE)
    page.get_by_role("button", name="meat").tap()
    page.get_by_role("button", name="sauce").tap()
    assert axe(page) == []
    page.get_by_role("button", name="Done").tap()
    wait_saved(page)
    assert given() == [["meat", "sauce"]]


NAMES = [f"{kind}/{n}" for kind in ("fruit", "vegetable") for n in range(20)] + ["substitutions"]


def test_a_label_among_many_is_found_by_typing(open_annotate, annotator, project, items) -> None:
    projects.update_project(project, labels=[{"name": name} for name in NAMES])
    page = open_annotate(annotator)
    page.keyboard.press("/")
    page.keyboard.type("veg 7")
    expect(page.locator(".an-label:visible")).to_have_count(2)  # 7 and 17
    expect(page.locator(".an-labels__above:visible")).to_have_text(["vegetable"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.type("fruit/3")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    assert pressed(page) == ["fruit/3", "vegetable/17"]
    long = page.locator(".an-label__name", has_text="substitutions")
    assert long.evaluate("(name) => name.getClientRects().length") == 1
    assert long.evaluate("(name) => name.scrollWidth <= name.clientWidth && name.clientHeight < 30")  # not cut in two
    assert axe(page) == []
    page.keyboard.press("Enter")
    wait_saved(page)
    assert given() == [["fruit/3", "vegetable/17"]]


TOPICS = [f"{kind}/{name}" for kind in ("food", "drink", "travel", "money") for name in ("one", "two", "three")]


def test_small_groups_stand_side_by_side_in_the_order_of_the_lead(open_annotate, annotator, project, items) -> None:
    projects.update_project(project, labels=[{"name": name} for name in (*TOPICS, "other")])
    page = open_annotate(annotator)
    groups = page.locator(".an-group")
    expect(groups).to_contain_text(["food", "drink", "travel", "money", "other"])
    boxes = [group.bounding_box() for group in groups.all()]
    assert len({box["y"] for box in boxes}) == 1
    assert sorted(box["x"] for box in boxes) == [box["x"] for box in boxes]
    last = groups.last.locator(".an-label").bounding_box()
    assert last["y"] == groups.first.locator(".an-label").first.bounding_box()["y"]  # under no heading, yet in line
    assert page.locator(".an-labels").evaluate("(box) => box.scrollHeight <= box.clientHeight")
    assert axe(page) == []


@pytest.mark.parametrize("options", [{}, PHONE, {"viewport": {"width": 1280, "height": 600}}])
def test_many_labels_leave_room_for_the_text_and_stay_where_they_are(
    open_annotate, annotator, project, make_items, options
) -> None:
    projects.update_project(project, labels=[{"name": name} for name in NAMES])
    make_items(project, ["short", "long " * 2000, "x"])
    page = open_annotate(annotator, **options)
    places = set()
    for _ in range(3):
        places.add(tuple(page.locator(".an-label").first.bounding_box().values()))
        assert page.locator(".an-reading").bounding_box()["height"] >= 128
        page.keyboard.press("Enter")
    assert len(places) == 1
    sheet, actions = page.locator(".an").bounding_box(), page.locator(".an-actions").bounding_box()
    assert actions["y"] + actions["height"] <= sheet["y"] + sheet["height"]


@pytest.fixture
def ranked(project: Project, items: list[Item]) -> None:
    """Many labels, of which a model has ranked some for each item but the second."""
    labels = [{"name": name} for name in NAMES]
    project = projects.update_project(project, labels=labels, settings={"suggestion": "shown"})
    likely = [{"label": NAMES[n], "score": 0.9 - n / 50} for n in (33, 7, 21, 12, 3)]
    rows = [
        publishing.Ranked(
            item.pk, "uncertain", suggestion={"labels": [NAMES[33]]}, label_scores=None if n == 1 else likely
        )
        for n, item in enumerate(items)
    ]
    publishing.publish_queue(project, rows, 1)


def labels_above_and_below(page: Page) -> tuple[Any, Any]:
    """Where the box of all labels is, and the actions below it."""
    return page.locator(".an-labels").bounding_box(), page.locator(".an-actions").bounding_box()


@pytest.mark.parametrize("options", [{}, PHONE], ids=["desktop", "phone"])
def test_the_likeliest_labels_come_first_and_have_the_digits(open_annotate, annotator, ranked, options) -> None:
    page = open_annotate(annotator, **options)
    first = page.get_by_role("group", name="Likeliest labels").get_by_role("button")
    shown = ["1vegetable/1324 %", "2fruit/776 %", "3vegetable/148 %", "4fruit/1266 %", "5fruit/384 %"]
    expect(first).to_have_text(shown)
    page.keyboard.press("2")
    page.keyboard.press("5")
    page.keyboard.press("5")
    first.nth(2).click()
    expect(first.nth(1)).to_have_attribute("aria-pressed", "true")
    assert axe(page) == []
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    expect(first).to_have_count(0)
    page.keyboard.press("2")  # nothing is known of the second item
    page.keyboard.press("Enter")
    expect(first.nth(1)).to_have_attribute("aria-pressed", "false")
    wait_saved(page)
    assert given() == [["fruit/7"], []]


def test_without_likely_labels_a_line_says_so_and_nothing_moves(open_annotate, annotator, ranked) -> None:
    page = open_annotate(annotator)
    label = page.locator(".an-label", has_text="fruit/0")
    before = [*labels_above_and_below(page), label.bounding_box()]
    page.keyboard.press("Enter")
    expect(page.get_by_text("No suggestions for this item: type / to find a label.")).to_be_visible()
    assert [*labels_above_and_below(page), label.bounding_box()] == before
    assert axe(page) == []
    page.keyboard.press("Enter")
    expect(page.get_by_text("No suggestions for this item: type / to find a label.")).to_be_hidden()


def test_without_likely_labels_a_phone_has_room_for_the_others(open_annotate, annotator, ranked) -> None:
    page = open_annotate(annotator, **PHONE)
    likely = page.get_by_role("group", name="Likeliest labels").get_by_role("button").first.bounding_box()
    label = page.locator(".an-label", has_text="fruit/0")
    before, high = labels_above_and_below(page), label.bounding_box()["y"]
    page.get_by_role("button", name="Done").tap()
    line = page.get_by_text("No suggestions for this item: find a label below.")
    expect(line).to_be_visible()
    assert labels_above_and_below(page) == before
    assert label.bounding_box()["y"] < high - 100
    # whoever taps where the likeliest label was presses nothing
    page.touchscreen.tap(likely["x"] + likely["width"] / 2, likely["y"] + likely["height"] / 2)
    assert pressed(page) == []
    assert axe(page) == []
