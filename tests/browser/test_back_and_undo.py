"""The browser's Back, and undo across everything that a person has answered."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from annotation.models import Annotation, Item, Project
from annotation.queue.answering import Answer, submit_answers
from tests.annotation.answers import proof_of
from tests.browser.conftest import opened

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def items(project: Project, make_items: Any) -> list[Item]:
    return make_items(project, [f"Message number {n}" for n in range(40)])


def lines(page: Page) -> Any:
    return page.locator('[data-part="history"] li')


def text(page: Page) -> str:
    return page.locator('[data-part="item"]').inner_text()


def wait_saved(page: Page) -> None:
    expect(page.locator('[data-part="status"]')).to_have_text("All answers saved")


def label(page: Page, count: int) -> list[str]:
    seen = []
    for _ in range(count):
        expect(page.locator('[data-state="item"]')).to_be_visible()
        seen.append(text(page))
        page.keyboard.press("1")
    wait_saved(page)
    return seen


def test_after_back_the_screen_is_as_it_was_left(open_annotate, annotator, items) -> None:
    page = open_annotate(annotator)
    seen = label(page, 3)
    page.get_by_role("link", name="Items").click()
    expect(page.get_by_role("heading", name="Items")).to_be_visible()
    page.go_back()
    expect(page.locator('[data-state="item"]')).to_be_visible()
    expect(lines(page)).to_have_count(3)
    expect(page.locator('[data-part="today"]')).to_have_text("3")
    page.keyboard.press("Backspace")
    expect(page.locator('[data-part="item"]')).to_have_text(seen[-1])
    wait_saved(page)
    assert Annotation.objects.answers().count() == 2


def test_a_page_that_the_browser_had_kept_in_memory_is_loaded_again(open_annotate, annotator, items) -> None:
    page = open_annotate(annotator)
    page.evaluate("window.isOld = true")
    with page.expect_navigation():
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    assert page.evaluate("window.isOld") is None


def give(project, annotator, item) -> None:
    proof = proof_of(project, annotator, item.pk)
    answer = Answer(uuid=_uuid(item), item=item.pk, outcome="label", value={"labels": ["ham"]}, assignment=proof)
    submit_answers(project, annotator, [answer])


def test_undo_goes_back_across_everything(open_context, project, annotator, items) -> None:
    for item in items[:14]:
        give(project, annotator, item)
    page = opened(open_context(annotator), project)
    expect(lines(page)).to_have_count(10)
    seen = label(page, 2)
    for answer in [*reversed(seen), *(item.content["text"] for item in reversed(items[:14]))]:
        page.keyboard.press("Backspace")
        expect(page.locator('[data-part="item"]')).to_have_text(answer)
    wait_saved(page)
    expect(lines(page)).to_have_count(0)
    expect(page.locator('[data-part="today"]')).to_have_text("0")
    assert not Annotation.objects.live().exists()
    page.keyboard.press("Backspace")  # there is nothing more
    expect(page.locator('[data-part="item"]')).to_have_text("Message number 0")


def test_older_answers_come_into_sight_as_newer_ones_are_undone(open_context, project, annotator, items) -> None:
    for item in items[:14]:
        give(project, annotator, item)
    page = opened(open_context(annotator), project)
    for _ in range(3):
        page.keyboard.press("Backspace")
    expect(lines(page)).to_have_count(10)
    expect(lines(page).last).to_contain_text("Message number 1")


def test_undo_without_network_goes_back_over_all_that_this_page_has(open_annotate, annotator, items) -> None:
    page = open_annotate(annotator)
    seen = label(page, 12)
    page.context.set_offline(True)
    for answer in reversed(seen):
        page.keyboard.press("Backspace")
        expect(page.locator('[data-part="item"]')).to_have_text(answer)
    page.context.set_offline(False)
    wait_saved(page)
    assert not Annotation.objects.live().exists()


def _uuid(item: Item) -> Any:
    return f"00000000-0000-4000-8000-{item.pk:012d}"
