"""Named entities, marked as people mark them: by keyboard alone, by mouse, by touch."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.templatetags.static import static
from playwright.sync_api import Page, expect

from annotation.models import Annotation, Item, Label, Membership, Project, Role, User
from annotation.queue import publishing
from annotation.text.tokens import tokenize
from tests.browser.conftest import PHONE, axe, opened

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Spans = list[tuple[str, str]]  # words and labels
TEXT = (
    "Ada Lovelace lived in London 👩\u200d👩\u200d👧 and wrote for Charles Babbage; in 巴黎 it was cafe\u0301 weather."
)


@pytest.fixture
def entities(lead: User, annotator: User) -> Project:
    project = Project.objects.create(name="People and places", task_type="spans", created_by=lead, seed=1)
    for order, name in enumerate(["person", "place"]):
        Label.objects.create(project=project, name=name, key=str(order + 1), order=order)
    for user, role in [(lead, Role.LEAD), (annotator, Role.ANNOTATOR)]:
        Membership.objects.create(project=project, user=user, role=role)
    return project


@pytest.fixture
def open_text(open_context: Any, entities: Project, annotator: User, make_items: Any) -> Callable[..., Page]:
    """Return a function (*texts, **options) -> the annotate screen with the first text on it.

    `suggested` are words and labels that the model suggests in every text, `overlap` whether spans may.
    """

    def make(*texts: str, suggested: Spans | None = None, overlap: bool = False, **options: Any) -> Page:
        items = make_items(entities, list(texts or (TEXT,)))
        entities.settings = {"suggestion": "shown", "spans_overlap": overlap}
        entities.save()
        if suggested is not None:
            ranked = [(item.pk, "uncertain", 1.0, 0.1, value_of(item, suggested), 0.8) for item in items]
            publishing.publish_queue(entities, [publishing.Ranked(*facts) for facts in ranked], 3)
        page = opened(open_context(annotator, **options), entities)
        page.evaluate("document.fonts.ready.then(() => true)")  # another font moves the words
        return page

    return make


def value_of(item: Item, spans: Spans) -> dict[str, Any]:
    text = item.content["text"]
    found = [
        {"start": text.index(words), "end": text.index(words) + len(words), "label": name} for words, name in spans
    ]
    return {"spans": sorted(found, key=lambda span: span["start"])}


def given() -> Spans:
    """The words and labels of the one answer there is, cut out of the text as the server counts."""
    row = Annotation.objects.answers().select_related("item").get()
    text = row.item.content["text"]
    return [(text[span["start"] : span["end"]], span["label"]) for span in row.value["spans"]]


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def said(page: Page) -> Any:
    return page.locator(".sp-status")


def done(page: Page) -> Spans:
    press(page, "Enter")
    expect(page.locator('[data-part="status"]')).to_have_text("All answers saved")
    expect(page.locator('[data-part="history"] li')).to_have_count(1)
    return given()


def middle(page: Page, words: str, part: float = 0.5) -> tuple[float, float]:
    """The point of the window where these words are, `part` of the way through them."""
    left, top, right, bottom = page.evaluate(
        """(words) => {
            const walk = document.createTreeWalker(document.querySelector(".sp-text"), NodeFilter.SHOW_TEXT);
            while (walk.nextNode()) {
                const at = walk.currentNode.data.indexOf(words);
                if (at < 0) continue;
                const range = document.createRange();
                range.setStart(walk.currentNode, at);
                range.setEnd(walk.currentNode, at + words.length);
                const box = range.getBoundingClientRect();
                return [box.left, box.top, box.right, box.bottom];
            }
        }""",
        words,
    )
    return left + (right - left) * part, (top + bottom) / 2


# Keys


def test_entities_are_marked_by_keyboard_alone(open_text) -> None:
    page = open_text()
    press(page, "ArrowRight", "Shift+ArrowRight")
    expect(said(page)).to_have_text("“Ada Lovelace”")
    press(page, "1")
    expect(said(page)).to_have_text("“Ada Lovelace”: person")
    press(page, "ArrowRight", "ArrowRight", "ArrowRight", "2", "ArrowRight", "1")  # London, and the family behind it
    press(page, "Backspace")  # not the family
    press(page, "End", *["ArrowLeft"] * 5)
    expect(said(page)).to_have_text("“黎”")
    press(page, "Shift+ArrowLeft", "2")
    assert done(page) == [("Ada Lovelace", "person"), ("London", "place"), ("巴黎", "place")]


def test_spans_are_walked_changed_and_removed(open_text) -> None:
    page = open_text()
    press(page, "ArrowRight", "1", *["ArrowRight"] * 4, "1", "Escape")
    press(page, "Tab")
    expect(said(page)).to_have_text("“Ada”: person")
    press(page, "Shift+ArrowRight", "1")  # longer
    expect(said(page)).to_have_text("“Ada Lovelace”: person")
    press(page, "Tab")
    expect(said(page)).to_have_text("“London”: person")
    press(page, "2")  # another label
    expect(said(page)).to_have_text("“London”: place")
    press(page, "Shift+Tab", "Delete")
    expect(page.locator("mark")).to_have_count(1)
    press(page, "Backspace")  # it is back
    expect(page.locator("mark")).to_have_count(2)
    assert done(page) == [("Ada Lovelace", "person"), ("London", "place")]


def test_the_tab_key_leaves_the_text_behind_its_last_span(open_text) -> None:
    page = open_text()
    page.locator('[data-part="reading"]').focus()
    press(page, "ArrowRight", "1", "Escape", "Tab")
    expect(page.locator('[data-part="reading"]')).to_be_focused()
    press(page, "Tab")
    expect(page.locator('[data-part="reading"]')).not_to_be_focused()


def test_nothing_here_is_an_answer_and_comes_back_with_undo(open_text) -> None:
    page = open_text(TEXT, "Another text")
    first = page.locator(".sp-text").inner_text()
    assert done(page) == []
    assert page.locator(".sp-text").inner_text() != first
    expect(page.locator('[data-part="history"]')).to_contain_text("nothing here")
    press(page, "Backspace")
    expect(page.locator(".sp-text")).to_have_text(first)


def test_an_answer_that_is_taken_back_keeps_its_spans(open_text) -> None:
    page = open_text()
    press(page, "ArrowRight", "Shift+ArrowRight", "1")
    assert done(page) == [("Ada Lovelace", "person")]
    press(page, "Backspace")
    expect(page.locator("mark")).to_have_text("Ada Lovelace")


def test_a_label_may_be_chosen_first(open_text) -> None:
    page = open_text()
    press(page, "2")
    expect(said(page)).to_have_text("place: now select words.")
    page.mouse.click(*middle(page, "London"))
    press(page, "Escape", "Escape")
    assert done(page) == [("London", "place")]


def test_arrows_go_the_way_of_a_text_from_right_to_left(open_text) -> None:
    page = open_text("زارت مريم العلي مدينة القاهرة في الصيف، ثم 巴黎 و London.")
    assert page.locator(".sp-text").evaluate("(text) => getComputedStyle(text).direction") == "rtl"
    press(page, "ArrowLeft", "ArrowLeft", "Shift+ArrowLeft", "1")  # on, in reading order
    expect(said(page)).to_have_text("“مريم العلي”: person")
    press(page, "ArrowLeft", "ArrowLeft", "2")
    page.mouse.click(*middle(page, "London"))
    press(page, "2", "ArrowRight", "ArrowRight", "Shift+ArrowRight", "2")  # back
    assert done(page) == [("مريم العلي", "person"), ("القاهرة", "place"), ("巴黎", "place"), ("London", "place")]


# Mouse


def test_words_are_selected_by_dragging_over_parts_of_them(open_text) -> None:
    page = open_text()
    page.mouse.move(*middle(page, "Charles Babbage", 0.1))
    page.mouse.down()
    page.mouse.move(*middle(page, "Charles Babbage", 0.5), steps=3)
    page.mouse.move(*middle(page, "Charles Babbage", 0.8), steps=3)
    page.mouse.up()
    expect(said(page)).to_have_text("“Charles Babbage”")
    page.locator(".an-label").first.click()
    page.mouse.dblclick(*middle(page, "cafe\u0301"))
    press(page, "2")
    assert done(page) == [("Charles Babbage", "person"), ("cafe\u0301", "place")]


def test_a_span_is_removed_where_it_is_clicked(open_text) -> None:
    page = open_text()
    press(page, "ArrowRight", "1", "Escape")
    page.mouse.click(*middle(page, "Ada"))
    expect(said(page)).to_have_text("“Ada”: person")
    page.get_by_role("button", name="Remove").click()
    assert done(page) == []


# Overlap


def test_spans_lie_over_each_other_only_where_they_may(open_text) -> None:
    page = open_text()
    press(page, "ArrowRight", "Shift+ArrowRight", "1", "ArrowLeft", "2")
    assert done(page) == [("Ada", "place")]  # it took the other's place


def test_spans_that_may_overlap_are_kept_both(open_text) -> None:
    page = open_text(overlap=True)
    press(page, "ArrowRight", "Shift+ArrowRight", "1", "ArrowLeft", "2")
    assert done(page) == [("Ada", "place"), ("Ada Lovelace", "person")]


@pytest.mark.parametrize(
    ("overlap", "spans"),
    [(True, [("Ada Lovelace", "person"), ("Lovelace", "place")]), (False, [("Lovelace", "place")])],
)
def test_a_drag_inside_of_what_was_just_labelled_selects_anew(open_text, overlap, spans) -> None:
    page = open_text(overlap=overlap)
    drag_over(page, "Ada Lovelace")
    press(page, "1")
    expect(said(page)).to_have_text("“Ada Lovelace”: person")
    drag_over(page, "Lovelace")
    expect(said(page)).to_have_text("“Lovelace”")
    expect(page.locator("mark").first).to_have_attribute("data-names", "person")  # as it was
    press(page, "2")
    expect(said(page)).to_have_text("“Lovelace”: place")
    assert done(page) == spans


def drag_over(page: Page, words: str) -> None:
    page.mouse.move(*middle(page, words, 0.1))
    page.mouse.down()
    page.mouse.move(*middle(page, words, 0.5), steps=4)
    page.mouse.move(*middle(page, words, 0.9), steps=4)
    page.mouse.up()


# Suggestions


SUGGESTED = [("Ada", "person"), ("London", "place"), ("巴黎", "place")]


def test_suggestions_are_taken_together_or_one_by_one(open_text) -> None:
    page = open_text(suggested=SUGGESTED)
    expect(page.locator("mark.is-suggested")).to_have_count(3)
    expect(said(page)).to_have_text("3 suggestions (80 %)")
    press(page, "Tab", "x", "Tab", "a")  # not Ada; London
    expect(page.locator("mark.is-suggested")).to_have_count(1)
    press(page, "Escape", "a")
    assert done(page) == [("London", "place"), ("巴黎", "place")]


def test_what_a_person_marked_stands_against_a_suggestion(open_text) -> None:
    page = open_text(suggested=SUGGESTED)
    press(page, "ArrowRight", "Shift+ArrowRight", "1", "Escape", "a")
    assert done(page) == [("Ada Lovelace", "person"), ("London", "place"), ("巴黎", "place")]


def test_suggestions_that_are_not_taken_are_no_answer(open_text) -> None:
    page = open_text(suggested=SUGGESTED)
    page.mouse.click(*middle(page, "London"))
    press(page, "x")
    expect(page.locator("mark")).to_have_count(1)
    assert done(page) == [("London", "place")]


# Touch


def test_a_phone_marks_by_touch(open_text) -> None:
    page = open_text(**PHONE)
    page.touchscreen.tap(*middle(page, "Ada"))
    page.touchscreen.tap(*middle(page, "Lovelace"))
    expect(said(page)).to_have_text("“Ada Lovelace”")
    page.locator(".an-label").first.tap()
    page.touchscreen.tap(*middle(page, "London"))
    page.locator(".an-label").nth(1).tap()
    page.touchscreen.tap(*middle(page, "Babbage"))
    page.locator(".an-label").nth(1).tap()
    page.get_by_role("button", name="Remove").tap()
    page.get_by_role("button", name="Done").tap()
    expect(page.locator('[data-part="history"] li')).to_have_count(1)
    expect(page.locator('[data-part="status"]')).to_have_text("All answers saved")
    assert given() == [("Ada Lovelace", "person"), ("London", "place")]


# Looks


@pytest.mark.parametrize(("theme", "options"), [("light", PHONE), ("dark", {})], ids=["phone", "desktop"])
def test_marks_are_accessible(open_text, theme: str, options: dict[str, Any]) -> None:
    suggested = [*SUGGESTED, ("Charles Babbage", "person")]
    page = open_text(suggested=suggested, overlap=True, color_scheme=theme, **options)
    press(page, "ArrowRight", "Shift+ArrowRight", "1", "ArrowLeft", "2")
    assert not axe(page)


def test_a_long_text_with_many_spans_keeps_the_buttons_in_place(open_text) -> None:
    page = open_text("Ada went to London and sang. " * 350)
    before = page.locator(".an-label").first.bounding_box()
    press(page, "ArrowRight", "1", "End", "2")
    assert page.locator(".an-label").first.bounding_box() == before
    expect(page.locator("mark").last).to_be_in_viewport()


ODD = [
    TEXT,
    "हिन्दी है 🇫🇷🇩🇪 x²+½",
    "👍\U0001f3fb❤\ufe0f don't @paul_w #fun",
    "東京タワー a\u0301b\u0301 न\u200dक",
]


def test_the_words_of_the_screen_are_those_of_the_model(open_text) -> None:
    page = open_text()
    found = page.evaluate(
        """async ([texts, address]) => {
            const { CodePoints, findWords } = await import(address);
            return texts.map((text) => {
                const points = new CodePoints(text);
                return findWords(text).map(({ start, end }) => [points.fromUnit(start), points.fromUnit(end)]);
            });
        }""",
        [ODD, static("js/spans/offsets.js")],
    )
    assert json.dumps(found) == json.dumps([[(token.start, token.end) for token in tokenize(text)] for text in ODD])
