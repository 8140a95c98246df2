"""Boxes on the annotate screen: by keyboard alone, by mouse, by touch; what the model suggests is taken or left."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from annotation.imports import image_storage
from annotation.imports.importing import content_hash
from annotation.models import Annotation, Item, Project
from annotation.queue.publishing import Ranked, build_entries, replace_queue
from tests.browser.conftest import PHONE, axe
from tests.pictures import picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
WIDE, HIGH = 800, 600


@pytest.fixture
def pictures(project: Project) -> Project:
    contents = [
        image_storage.store_image(project.pk, picture(colour, (WIDE, HIGH), "JPEG"))
        for colour in ("tan", "teal", "white")
    ]
    Item.objects.bulk_create(
        Item(project=project, position=n, external_id=f"{n}.jpg", content=content, content_hash=content_hash(content))
        for n, content in enumerate(contents)
    )
    project.task_type, project.item_count = "boxes", len(contents)
    project.save()
    return project


def place(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where a point of the picture is in the window."""
    box = page.locator(".an-frame__image").bounding_box()
    assert box
    return box["x"] + x * box["width"] / WIDE, box["y"] + y * box["height"] / HIGH


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*place(page, *start))
    page.mouse.down()
    page.mouse.move(*place(page, *end), steps=4)
    page.mouse.up()


def answers(page: Page) -> list[list[dict[str, Any]]]:
    """The boxes of all answers, in the order given."""
    expect(page.locator('[data-part="status"]')).to_have_text("All answers saved")
    return [row.value["boxes"] for row in Annotation.objects.answers().order_by("pk")]


def test_all_of_it_by_keys(open_pictures, annotator) -> None:
    page = open_pictures(annotator)
    status, press = page.locator(".bx-status"), page.keyboard.press
    expect(status).to_have_text("Drag to draw a box, or press N.")
    press("2")
    press("n")
    expect(status).to_contain_text("spam, ")
    press("l")
    sides = [int(field.input_value()) for field in page.locator(".bx-fields input").all()]
    press("ArrowRight")
    press("Shift+ArrowDown")
    press("Alt+ArrowRight")
    press("Control+Shift+ArrowUp")
    x, y, w, h = sides
    expect(status).to_have_text(f"spam, {w + 1} × {h - 10} at {x + 1}, {y + 10} (1 of 1)")
    expect(page.locator(".bx-bar [role=status]")).to_have_text(status.text_content() or "")  # read out, too
    press("1")
    press("n")
    press("Tab")  # behind the last one: to the next control
    expect(status).to_have_text("2 boxes")
    page.locator(".an-reading").focus()
    press("Tab")
    expect(status).to_contain_text("(1 of 2)")
    press("Tab")
    press("Delete")
    expect(status).to_have_text("1 box")
    press("Control+z")
    expect(status).to_have_text("2 boxes")
    press("Backspace")  # the second box
    expect(status).to_have_text("1 box")
    assert axe(page) == []
    page.locator(".bx-line").click()
    field = page.get_by_label("Width")
    field.fill("9999")
    field.press("Tab")
    page.locator(".an-reading").focus()
    press("Enter")
    expect(status).to_have_text("Drag to draw a box, or press N.")
    press("Enter")  # nothing here
    wide = float(WIDE - x - 1)
    expected = {"x": x + 1.0, "y": y + 10.0, "w": wide, "h": h - 10.0, "label": "ham"}
    assert answers(page) == [[expected], []]
    expect(page.locator("#history li").nth(1)).to_contain_text("ham")
    press("Backspace")
    press("Backspace")
    expect(status).to_have_text("1 box")


def test_the_mouse_draws_moves_and_pulls(open_pictures, annotator) -> None:
    page = open_pictures(annotator)
    status = page.locator(".bx-status")

    def near(x: int, y: int, w: int, h: int) -> None:
        words = status.text_content() or ""
        numbers = [int(part.strip(",")) for part in words.split() if part.strip(",").isdigit()][:4]
        assert [numbers[2], numbers[3], numbers[0], numbers[1]] == pytest.approx([x, y, w, h], abs=3), words

    drag(page, (100, 100), (300, 200))
    near(100, 100, 200, 100)
    drag(page, (200, 150), (250, 170))  # inside: it moves
    near(150, 120, 200, 100)
    drag(page, (350, 220), (400, 300))  # at a corner: it grows
    near(150, 120, 250, 180)
    page.keyboard.press("Escape")
    drag(page, (200, 150), (220, 180))  # nothing is chosen: a new one, inside of the other
    page.keyboard.press("2")
    expect(status).to_contain_text("(2 of 2)")
    page.mouse.click(*place(page, 390, 290))
    expect(status).to_contain_text("ham")
    before = page.locator(".an-frame__image").bounding_box()
    x, y = place(page, 500, 300)
    page.mouse.move(x, y)
    for _ in range(3):
        page.mouse.wheel(0, -120)
    expect(page.locator(".an-frame.is-zoomed")).to_be_visible()
    page.wait_for_timeout(200)
    zoomed = page.locator(".an-frame__image").bounding_box()
    page.mouse.down(button="middle")
    page.mouse.move(x - 60, y, steps=3)
    page.mouse.up(button="middle")
    panned = page.locator(".an-frame__image").bounding_box()
    assert before
    assert zoomed
    assert panned
    assert zoomed["width"] > before["width"]
    assert panned["x"] < zoomed["x"] - 10
    expect(status).to_contain_text("(1 of 2)")
    page.keyboard.press("Delete")
    page.get_by_role("button", name="Done").click()
    [[left]] = answers(page)
    assert left["label"] == "spam"
    assert [left[side] for side in "xywh"] == pytest.approx([200, 150, 20, 30], abs=3)


def test_fingers_draw_and_pinch(open_pictures, annotator) -> None:
    page = open_pictures(annotator, **PHONE)
    touch = page.context.new_cdp_session(page)

    def fingers(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(places)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def stroke(start: tuple[float, float], end: tuple[float, float]) -> None:
        fingers("touchStart", place(page, *start))
        for part in (0.3, 0.6, 1):
            fingers("touchMove", place(page, *(a + part * (b - a) for a, b in zip(start, end, strict=True))))
        fingers("touchEnd")

    page.get_by_role("button", name="spam").tap()
    stroke((200, 200), (400, 400))
    expect(page.locator(".bx-status")).to_contain_text("spam, ")
    before = page.locator(".an-frame__image").bounding_box()
    x, y = place(page, 600, 300)
    fingers("touchStart", (x - 10, y))
    fingers("touchStart", (x - 10, y), (x + 10, y))
    fingers("touchMove", (x - 20, y), (x + 20, y))
    fingers("touchEnd")
    after = page.locator(".an-frame__image").bounding_box()
    assert before
    assert after
    assert after["width"] > 1.5 * before["width"]
    expect(page.locator(".bx-status")).to_contain_text("(1 of 1)")  # two fingers drew nothing
    page.get_by_role("button", name="List").tap()
    for button in page.locator(".bx-bar button:visible, .bx-line, .an-frame__tools button").all():
        size = button.bounding_box()
        assert size
        assert size["height"] >= 44
        assert size["width"] >= 24
    assert axe(page) == []
    page.get_by_role("button", name="Done").tap()
    [[drawn]] = answers(page)
    assert [drawn[side] for side in "xywh"] == pytest.approx([200, 200, 200, 200], abs=8)


def test_suggestions_are_taken_one_by_one_or_all(open_pictures, annotator, pictures) -> None:
    suggestion = [
        {"x": 100.5, "y": 100.25, "w": 200.0, "h": 100.0, "label": "ham"},
        {"x": 500.0, "y": 100.0, "w": 100.0, "h": 100.0, "label": "spam"},
        {"x": 500.0, "y": 400.0, "w": 100.0, "h": 100.0, "label": "spam"},
    ]
    pictures.settings = {**pictures.settings, "suggestion": "shown", "withhold_share": 0.0}
    pictures.save()
    ranked = [
        Ranked(item, "uncertain", 1.0 - n / 10, 0.5, {"boxes": suggestion}, 0.8)
        for n, item in enumerate(Item.objects.filter(project=pictures).values_list("pk", flat=True))
    ]
    with transaction.atomic():
        replace_queue(pictures, build_entries(pictures, ranked, 1))
    page = open_pictures(annotator)
    status = page.locator(".bx-status")
    expect(status).to_have_text("3 suggestions")
    drag(page, (510, 405), (605, 500))  # the person's own, where the model sees the third
    expect(status).to_contain_text("(1 of 3)")
    page.keyboard.press("Escape")
    expect(status).to_have_text("1 box, 2 suggestions")
    page.mouse.click(*place(page, 150, 150))
    expect(status).to_contain_text("ham?, 200 × 100")
    page.keyboard.press("x")
    expect(status).to_have_text("1 box, 1 suggestion")
    page.keyboard.press("a")
    expect(status).to_have_text("2 boxes")
    page.keyboard.press("Enter")
    expect(status).to_have_text("3 suggestions")
    page.get_by_role("button", name="Accept").click()
    page.keyboard.press("Enter")
    first, second = answers(page)
    assert [box["label"] for box in first] == ["spam", "ham"]
    assert first[0] == suggestion[1]
    assert second == [suggestion[1], suggestion[0], suggestion[2]]  # by y, then x
