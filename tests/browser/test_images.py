"""Pictures on the annotate screen: by keyboard, by mouse and by touch; the next one is there at once."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from annotation.imports import image_storage
from annotation.imports.importing import content_hash
from annotation.models import Annotation, Item, Project
from tests.browser.conftest import DESKTOP, PHONE, axe
from tests.pictures import picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
COLOURS = [
    "red",
    "green",
    "blue",
    "gold",
    "teal",
    "navy",
    "pink",
    "plum",
    "tan",
    "cyan",
    "lime",
    "gray",
    "black",
    "white",
]


@pytest.fixture
def pictures(project: Project) -> Project:
    contents = [image_storage.store_image(project.pk, picture(colour, (800, 400), "JPEG")) for colour in COLOURS]
    Item.objects.bulk_create(
        Item(
            project=project,
            position=n,
            external_id=f"set/{colour}.jpg",
            content=content,
            content_hash=content_hash(content),
        )
        for n, (colour, content) in enumerate(zip(COLOURS, contents, strict=True))
    )
    project.task_type, project.item_count = "image_classification", len(contents)
    project.save()
    return project


def shown(page: Page) -> dict[str, Any]:
    """What is seen: the picture's words, its place in the frame, whether it is decoded."""
    return page.evaluate(
        """() => {
          const image = document.querySelector('.an-frame__image');
          const frame = document.querySelector('.an-frame').getBoundingClientRect();
          const box = image.getBoundingClientRect();
          return { alt: image.alt, there: image.complete && image.naturalWidth > 0, width: box.width / frame.width,
                   left: Math.round(box.left - frame.left), top: Math.round(box.top - frame.top) };
        }"""
    )


def answers() -> dict[str, str]:
    rows = Annotation.objects.answers().select_related("item")
    return {row.item.external_id.removeprefix("set/"): row.value["labels"][0] for row in rows}


def test_a_key_answers_and_the_next_picture_is_there_in_the_same_frame(open_pictures, annotator) -> None:
    page = open_pictures(annotator)
    first = shown(page)["alt"]
    page.wait_for_load_state("networkidle")  # ten pictures ahead
    seen = page.evaluate(
        """async () => {
          const at = () => document.querySelector('.an-frame__image');
          const seen = [];
          for (const key of ['1', '2', '1', '2']) {
            dispatchEvent(new KeyboardEvent('keydown', { key, code: `Digit${key}` }));
            seen.push({ alt: at().alt, there: at().complete && at().naturalWidth > 0 });
            while (document.querySelector('.an[data-unseen]')) await new Promise(requestAnimationFrame);
          }
          return seen;
        }"""
    )
    assert all(one["there"] for one in seen)
    names = [first, *(one["alt"] for one in seen)]
    assert len(set(names)) == 5
    assert first.endswith(".jpg")
    expect(page.locator('[data-part="status"]')).to_have_text("All answers saved")
    assert answers() == dict(zip(names, ["ham", "spam", "ham", "spam"], strict=False))
    expect(page.locator("#history li").first).to_contain_text(names[3])
    page.keyboard.press("Backspace")
    assert shown(page)["alt"] == names[3]
    assert shown(page)["there"]


def test_a_picture_that_is_not_there_yet_is_not_labelled_but_may_be_skipped(open_context, pictures, annotator) -> None:
    page = open_context(annotator).new_page()
    held: list[Route] | None = []
    page.route("**/image/**", lambda route: route.continue_() if held is None else held.append(route))
    page.goto(f"/projects/{pictures.pk}/annotate/", wait_until="domcontentloaded")
    expect(page.locator('[data-state="item"]')).to_be_visible()
    page.wait_for_timeout(400)
    for key in ("1", " "):
        page.evaluate("(key) => dispatchEvent(new KeyboardEvent('keydown', { key, code: '' }))", key)
    expect(page.locator("#history li")).to_have_count(1)
    waiting, held = held, None
    for route in waiting:
        route.continue_()
    page.keyboard.press("1")
    expect(page.locator('[data-part="status"]')).to_have_text("All answers saved")
    assert list(Annotation.objects.order_by("pk").values_list("outcome", flat=True)) == ["skip", "label"]


def test_the_whole_picture_is_seen_and_keys_zoom_and_move_it(open_pictures, annotator) -> None:
    page = open_pictures(annotator)
    whole = shown(page)
    assert whole["width"] <= 1.001
    assert whole["left"] >= 0
    page.keyboard.press("ArrowRight")
    assert shown(page) == whole  # there is nothing to move
    for _ in range(6):
        page.keyboard.press("+")
    larger = shown(page)
    assert larger["width"] > 2 * whole["width"]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    moved = shown(page)
    assert moved["left"] < larger["left"]
    assert moved["top"] < larger["top"]
    page.keyboard.press("-")
    assert shown(page)["width"] < moved["width"]
    page.keyboard.press("0")
    assert shown(page) == whole
    assert not Annotation.objects.exists()
    for _ in range(6):
        page.keyboard.press("+")
    page.keyboard.press("1")
    assert shown(page)["width"] == whole["width"]  # the next one is whole again


def test_the_wheel_zooms_where_it_is_and_a_drag_moves(open_pictures, annotator) -> None:
    page = open_pictures(annotator)
    whole, box = shown(page), page.locator(".an-frame").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    for _ in range(4):
        page.mouse.wheel(0, -120)  # a notch
    expect(page.locator(".an-frame.is-zoomed")).to_be_visible()
    page.wait_for_timeout(200)
    zoomed = shown(page)
    right = zoomed["width"] * box["width"] + zoomed["left"] - box["width"]
    assert zoomed["width"] > 1.5 * whole["width"]
    assert -zoomed["left"] < right
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 4 - 80, box["y"] + box["height"] / 2)
    page.mouse.up()
    assert shown(page)["left"] == pytest.approx(zoomed["left"] - 80, abs=2)
    page.get_by_role("button", name="Whole image").click()
    assert shown(page)["left"] == whole["left"]


def test_two_fingers_on_a_trackpad_move_and_their_pinch_zooms(open_pictures, annotator) -> None:
    page = open_pictures(annotator)
    whole = shown(page)
    for _ in range(5):
        turn(page, deltaY=-40, ctrlKey=True)  # what browsers make of a pinch
    zoomed = shown(page)
    assert zoomed["width"] > whole["width"]
    turn(page, deltaX=30)
    sideways = shown(page)
    assert sideways["left"] == pytest.approx(zoomed["left"] - 30, abs=1)
    turn(page, deltaY=20)
    moved = shown(page)
    assert moved["top"] == pytest.approx(sideways["top"] - 20, abs=1)
    assert (moved["left"], moved["width"]) == (sideways["left"], sideways["width"])


def turn(page: Page, **init: Any) -> None:
    """Have the browser send what it makes of a trackpad."""
    page.locator(".an-frame").evaluate(
        "(frame, init) => frame.dispatchEvent(new WheelEvent('wheel', { cancelable: true, ...init }))", init
    )


def test_two_fingers_zoom_and_one_answers(open_pictures, annotator) -> None:
    page = open_pictures(annotator, **PHONE)
    whole, box = shown(page), page.locator(".an-frame").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = page.context.new_cdp_session(page)

    def fingers(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": x + right, "y": y + down, "id": n} for n, (right, down) in enumerate(places)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    fingers("touchStart", (-20, 0))
    fingers("touchStart", (-20, 0), (20, 0))
    for apart in (30, 45, 60):
        fingers("touchMove", (-apart, 0), (apart, 0))
    fingers("touchEnd")
    assert shown(page)["width"] == pytest.approx(3 * whole["width"], rel=0.1)
    first = shown(page)["alt"]
    page.get_by_role("button", name="spam").tap()
    assert shown(page)["alt"] != first
    expect(page.locator('[data-part="status"]')).to_have_text("All answers saved")
    assert answers() == {first: "spam"}


def test_the_original_comes_where_it_has_more_pixels(open_pictures, annotator, pictures) -> None:
    large = image_storage.store_image(pictures.pk, picture("purple", (4000, 2000), "PNG"))
    Item.objects.filter(project=pictures).update(content=large)
    page = open_pictures(annotator)
    assert page.evaluate("document.querySelector('.an-frame__image').naturalWidth") == 1600
    for _ in range(8):
        page.keyboard.press("+")
    expect(page.locator(".an-frame__image")).to_have_js_property("naturalWidth", 4000)
    assert shown(page)["alt"].endswith(".jpg")


def test_a_picture_that_is_lost_is_told(open_context, annotator, pictures, complaints) -> None:
    Item.objects.filter(project=pictures).update(content={"image": "images/lost.png", "width": 40, "height": 30})
    page = open_context(annotator).new_page()
    page.goto(f"/projects/{pictures.pk}/annotate/")
    expect(page.get_by_role("alert")).to_contain_text("The image cannot be loaded")
    page.wait_for_load_state("networkidle")
    assert all("404" in complaint for complaint in complaints)
    complaints.clear()


@pytest.mark.parametrize(("theme", "width"), [("light", PHONE), ("dark", DESKTOP)], ids=["phone", "desktop"])
def test_pictures_shut_nobody_out(open_pictures, annotator, width, theme) -> None:
    page = open_pictures(annotator, color_scheme=theme, **width)
    page.keyboard.press("1")
    page.wait_for_timeout(600)  # the new line's tint has faded
    assert axe(page) == []
    page.keyboard.press("+")
    page.keyboard.press("?")
    assert axe(page) == []
