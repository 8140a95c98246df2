"""Reading before answering: keys scroll, nothing is skipped or answered unseen, and the buttons stay in the window."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from annotation.models import Annotation, Item, Project
from tests.browser.conftest import wait_until_seen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG = "\n".join(f"Line {n} of a text that nobody reads at once." for n in range(300))


@pytest.fixture
def items(project: Project, make_items: Any) -> list[Item]:
    return make_items(project, [f"{n} {LONG}" for n in range(3)])


def scroll_top(page: Page) -> float:
    return page.evaluate("document.querySelector('.an-reading').scrollTop")


def outcomes(page: Page) -> list[str]:
    expect(page.locator('[data-part="status"]')).to_have_text("All answers saved")
    return list(Annotation.objects.live().order_by("pk").values_list("outcome", flat=True))


def test_keys_scroll_a_long_text_at_once(open_annotate, annotator, items) -> None:
    page = open_annotate(annotator)
    height = page.evaluate("document.querySelector('.an-reading').clientHeight")
    tops = []
    for key in ["ArrowDown", "PageDown", "End", "PageUp", "ArrowUp", "Home"]:
        page.keyboard.press(key)
        tops.append(scroll_top(page))
    assert 0 < tops[0] < tops[1] < tops[0] + height < tops[2]
    assert tops[2] > tops[3] > tops[4] > tops[5] == 0
    assert outcomes(page) == []


def test_space_reads_on_and_skips_only_at_the_end(open_annotate, annotator, items) -> None:
    page = open_annotate(annotator)
    page.keyboard.press("Space")
    assert 0 < scroll_top(page) < page.evaluate("document.querySelector('.an-reading').clientHeight")
    page.locator(".an-reading").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Shift+Space")
    page.keyboard.press("End")
    assert outcomes(page) == []
    first = page.locator('[data-part="item"]').inner_text()
    page.keyboard.press("Space")
    expect(page.locator('[data-part="item"]')).not_to_have_text(first)
    assert outcomes(page) == ["skip"]
    assert scroll_top(page) == 0


def test_space_held_down_stops_at_the_end(open_annotate, annotator, items) -> None:
    page = open_annotate(annotator)
    wait_until_seen(page)
    for _ in range(120):
        page.keyboard.down("Space")
    page.keyboard.up("Space")
    assert (
        page.evaluate(
            "(pane => pane.scrollHeight - pane.clientHeight - pane.scrollTop)(document.querySelector('.an-reading'))"
        )
        < 2
    )
    assert outcomes(page) == []


def test_open_guidelines_are_read_by_the_same_keys(open_annotate, annotator, project, items) -> None:
    project.guidelines = "\n\n".join(f"Rule {n}." for n in range(200))
    project.save()
    page = open_annotate(annotator)
    page.keyboard.press("h")
    page.keyboard.press("Space")
    assert page.evaluate("document.querySelector('.an-guidelines').scrollTop") > 0
    assert scroll_top(page) == 0
    page.keyboard.press("End")
    page.keyboard.press("Space")  # at their end the item is next
    assert scroll_top(page) > 0
    assert outcomes(page) == []


def test_a_shade_says_that_there_is_more(open_annotate, annotator, items, make_items, project) -> None:
    page = open_annotate(annotator)
    expect(page.locator(".an.has-more")).to_have_count(1)
    page.keyboard.press("End")
    expect(page.locator(".an.has-more")).to_have_count(0)


def test_a_second_press_of_the_same_moment_answers_nothing(open_annotate, annotator, project, make_items) -> None:
    make_items(project, [f"Message number {n}" for n in range(9)])
    page = open_annotate(annotator)
    wait_until_seen(page)
    page.get_by_role("button", name="ham").dblclick()
    assert outcomes(page) == ["label"]
    wait_until_seen(page)
    for key, code in [
        ("2", "Digit2"),
        ("2", "Digit2"),
        (" ", "Space"),
        ("Backspace", "Backspace"),
    ]:  # fingers that slip
        page.evaluate("(init) => dispatchEvent(new KeyboardEvent('keydown', init))", {"key": key, "code": code})
    assert outcomes(page) == ["label", "label"]
    page.keyboard.press("Space")
    assert outcomes(page) == ["label", "label", "skip"]
