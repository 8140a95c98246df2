"""Many pictures at once: wrong ones are picked out, the rest confirmed, all of it taken back; by keyboard, by touch."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from annotation.imports import image_storage
from annotation.imports.importing import content_hash
from annotation.models import Annotation, Item, Label, Project, Reason
from annotation.queue import publishing
from annotation.queue.publishing import Ranked
from tests.browser.conftest import PHONE, axe, wait_until_seen
from tests.pictures import picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HAM = {"labels": ["ham"]}


@pytest.fixture
def pictures(project: Project) -> Project:
    """Twelve items of which the model says ham, and one of the test sample in front of them."""
    contents = [
        image_storage.store_image(project.pk, picture((20 * n, 90, 200 - 9 * n), (300, 200), "JPEG")) for n in range(13)
    ]
    Item.objects.bulk_create(
        Item(project=project, position=n, external_id=f"{n}.jpg", content=one, content_hash=content_hash(one))
        for n, one in enumerate(contents)
    )
    Label.objects.create(project=project, name="eggs", key="3", order=2)
    project.task_type, project.item_count = "image_classification", len(contents)
    project.settings = {"suggestion": "shown"}
    project.save()
    reasons = [Reason.TEST, *[Reason.UNCERTAIN] * 12]
    items = Item.objects.filter(project=project)
    publishing.publish_queue(
        project, [Ranked(item.pk, reason, suggestion=HAM) for item, reason in zip(items, reasons, strict=True)], 3
    )
    return project


def answers() -> dict[str, str]:
    rows = Annotation.objects.answers().select_related("item")
    return {row.item.external_id: row.value["labels"][0] for row in rows}


def into_grid(page: Page) -> None:
    """Change to the grid, see all of it."""
    page.get_by_role("button", name="Grid").click()
    expect(page.locator(".an-tile")).to_have_count(12)
    expect(page.locator(".an-tile img").last).to_have_js_property("complete", True)
    page.wait_for_timeout(450)


def saved(page: Page) -> None:
    expect(page.locator('[data-part="status"]')).to_have_text("All answers saved")


def test_by_keyboard_the_wrong_ones_are_picked_out_and_the_rest_confirmed(
    open_pictures: Callable[..., Page], annotator
) -> None:
    page = open_pictures(annotator)
    into_grid(page)
    expect(page.get_by_role("heading", name="Which of these are not ham?")).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("2")
    expect(page.locator('.an-tile[aria-pressed="true"]')).to_have_text(["picked out", "spam"])
    assert axe(page) == []
    page.keyboard.press("Enter")
    expect(page.locator('[data-state="item"] [data-part="alone"]')).to_have_text("You picked it out of the grid.")
    saved(page)
    assert answers() == {f"{n}.jpg": "spam" if n == 3 else "ham" for n in range(1, 13) if n != 2}
    kept = Annotation.objects.answers().values_list("suggestion_shown", "suggestion_changed", "round").distinct()
    assert set(kept) == {(True, False, 3), (True, True, 3)}
    expect(page.locator("#history li")).to_have_count(1)
    page.keyboard.press("Backspace")
    expect(page.locator('.an-tile[aria-pressed="true"]')).to_have_text(["spam"])
    expect(page.locator(".an-tile")).to_have_count(11)
    saved(page)
    assert answers() == {}
    page.wait_for_timeout(450)
    page.keyboard.press("Enter")
    page.keyboard.press("3")  # the one that was picked out
    expect(page.get_by_text("Asked alone, between two grids.")).to_be_visible()
    saved(page)
    assert answers() == {f"{n}.jpg": {2: "eggs", 3: "spam"}.get(n, "ham") for n in range(1, 13)}
    page.reload()
    expect(page.get_by_role("button", name="Grid")).to_have_attribute("aria-pressed", "true")


def test_by_touch_a_tap_picks_out_and_a_label_is_given(open_pictures: Callable[..., Page], annotator) -> None:
    page = open_pictures(annotator, **PHONE)
    into_grid(page)
    tiles = page.locator(".an-tile")
    boxes = [tiles.nth(n).bounding_box() for n in range(12)]
    assert all(box and box["width"] >= 44 for box in boxes)
    places = {(round(box["x"] / box["width"]), round(box["y"] / box["height"])) for box in boxes if box}
    assert len(places) == 12  # none lies over another
    tiles.nth(0).tap()
    tiles.nth(1).tap()
    page.get_by_role("button", name="spam").tap()
    tiles.nth(0).tap()  # put back
    expect(page.locator('.an-tile[aria-pressed="true"]')).to_have_text(["spam"])
    assert axe(page) == []
    page.get_by_role("button", name="Confirm 11").tap()
    saved(page)
    assert answers() == {f"{n}.jpg": "spam" if n == 2 else "ham" for n in range(1, 13)}
    wait_until_seen(page)
    page.get_by_role("button", name="Undo").first.tap()
    expect(tiles).to_have_count(12)
    saved(page)
    assert answers() == {}
