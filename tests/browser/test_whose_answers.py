"""Whose answers they are: another person in the browser, another device, removed from the project, away from it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Locator, Page, expect

from annotation.models import Annotation, Assignment, Item, Membership, Project, User
from annotation.queue import leasing
from tests.browser.conftest import opened, session_cookie

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def items(project: Project, make_items: Any) -> list[Item]:
    made: list[Item] = make_items(project, [f"Message number {n}" for n in range(40)])
    return made


@pytest.fixture
def forgive(complaints: list[str]) -> Iterator[None]:
    """The browser logs every refused call; a test that provokes them forgives those, and nothing else."""
    yield
    complaints[:] = [line for line in complaints if "Failed to load resource" not in line]


def text(page: Page) -> str:
    return page.locator('[data-part="item"]').inner_text()


def status(page: Page) -> Locator:
    return page.locator('[data-part="status"]')


def wait_saved(page: Page) -> None:
    expect(status(page)).to_have_text("All answers saved")


def sign_in(context: BrowserContext, user: User, page: Page) -> None:
    """Somebody signs in in another tab."""
    context.add_cookies([session_cookie(user, page.evaluate("location.origin"))])  # type: ignore[list-item]


def answers_of(user: User) -> dict[str, str]:
    rows = Annotation.objects.answers().filter(user=user).select_related("item")
    return {row.item.content["text"]: row.value["labels"][0] for row in rows}


# Another person in the same browser


def test_a_page_never_answers_in_the_name_of_who_signed_in_later(
    forgive, open_annotate, project, annotator, reviewer, items
) -> None:
    page = open_annotate(annotator)
    sign_in(page.context, reviewer, page)
    seen = []
    for _ in range(3):
        seen.append(text(page))
        page.keyboard.press("2")
    expect(page.get_by_role("alert")).to_contain_text("Another person has signed in in this browser")
    expect(page.get_by_role("alert")).to_contain_text("3 answers of yours are kept here")
    expect(status(page)).to_have_text("3 answers kept in this browser")
    assert not Annotation.objects.exists()

    theirs = opened(page.context, project)
    expect(theirs.get_by_role("alert")).to_have_count(0)
    expect(theirs.locator('[data-part="history"] li')).to_have_count(0)
    first = text(theirs)
    theirs.keyboard.press("1")
    wait_saved(theirs)
    assert (answers_of(annotator), answers_of(reviewer)) == ({}, {first: "ham"})

    sign_in(page.context, annotator, page)
    page.bring_to_front()
    page.get_by_role("button", name="Try again").click()
    wait_saved(page)
    assert answers_of(annotator) == dict.fromkeys(seen, "spam")
    assert answers_of(reviewer) == {first: "ham"}


def test_neither_undo_nor_new_items_are_taken_in_the_other_name(
    forgive, open_annotate, annotator, reviewer, items
) -> None:
    page = open_annotate(annotator)
    page.keyboard.press("1")
    wait_saved(page)
    sign_in(page.context, reviewer, page)
    page.keyboard.press("Backspace")
    expect(page.get_by_role("alert")).to_contain_text("Another person has signed in")
    for _ in range(9):  # what is buffered
        page.keyboard.press("Space")
    assert not Assignment.objects.filter(user=reviewer).exists()
    assert Annotation.objects.live().get().user == annotator
    sign_in(page.context, annotator, page)
    page.get_by_role("button", name="Try again").click()
    wait_saved(page)
    assert not Annotation.objects.answers().exists()


def test_answers_kept_while_signed_out_wait_for_their_owner(
    forgive, open_annotate, project, annotator, reviewer, items
) -> None:
    page = open_annotate(annotator)
    first = text(page)
    page.context.clear_cookies(name="sessionid")
    page.keyboard.press("2")
    expect(page.get_by_role("alert")).to_contain_text("You are signed out")
    sign_in(page.context, reviewer, page)
    page.goto(f"/projects/{project.pk}/annotate/")
    expect(page.locator('[data-state="item"]')).to_be_visible()
    page.keyboard.press("1")
    wait_saved(page)
    assert answers_of(annotator) == {}
    assert len(answers_of(reviewer)) == 1
    sign_in(page.context, annotator, page)
    page.reload()
    expect(page.locator('[data-state="item"]')).to_be_visible()
    wait_saved(page)
    assert answers_of(annotator) == {first: "spam"}


# Another device


@pytest.mark.parametrize(("button", "stored"), [("Keep “ham”", "ham"), ("Replace it with “spam”", "spam")])
def test_two_devices_ask_which_answer_counts(
    forgive, open_annotate, annotator, items, button: str, stored: str
) -> None:
    one, two = open_annotate(annotator), open_annotate(annotator)
    first = text(one)
    assert text(two) == first
    one.keyboard.press("1")
    wait_saved(one)
    two.keyboard.press("2")
    expect(two.get_by_role("alert")).to_contain_text("You answered this item on another device: “ham”.")
    assert answers_of(annotator) == {first: "ham"}
    two.reload()  # the question is still there
    two.get_by_role("button", name=button).click()
    expect(two.get_by_role("alert")).to_have_count(0)
    wait_saved(two)
    assert answers_of(annotator) == {first: stored}
    assert Item.objects.get(content__text=first).answers == 1


def test_a_late_answer_is_stored_and_marked(open_annotate, project, annotator, reviewer, items) -> None:
    page = open_annotate(annotator)
    first = text(page)
    Assignment.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    taken = {row.item.content["text"] for row in leasing.lease(project, reviewer, 40)}
    assert first in taken
    page.keyboard.press("2")
    wait_saved(page)
    assert answers_of(annotator) == {first: "spam"}
    assert Annotation.objects.get().mark == "late"


# No longer a member


def test_who_was_removed_is_told_and_what_was_not_saved(forgive, open_annotate, project, annotator, items) -> None:
    page = open_annotate(annotator)
    page.keyboard.press("1")
    wait_saved(page)
    Membership.objects.filter(project=project, user=annotator).delete()
    for _ in range(3):
        page.keyboard.press("2")
    alert = page.get_by_role("alert")
    expect(alert).to_have_text(
        "A lead removed you from this project. 3 answers were not saved.Try againThrow them away"
    )
    Membership.objects.create(project=project, user=annotator, role="annotator")
    page.get_by_role("button", name="Try again").click()
    wait_saved(page)
    assert Annotation.objects.answers().count() == 4


# Skipped items


def test_who_skipped_everything_can_look_at_it_again(open_annotate, project, annotator, make_items) -> None:
    make_items(project, ["one", "two", "three"])
    page = open_annotate(annotator)
    for _ in range(3):
        page.keyboard.press("Space")
    again = page.get_by_role("button", name="You skipped 3: look at them again")
    expect(again).to_be_visible()
    wait_saved(page)
    again.click()
    expect(page.locator('[data-state="item"]')).to_be_visible()
    page.keyboard.press("1")
    page.keyboard.press("1")
    page.keyboard.press("Space")
    wait_saved(page)
    expect(page.get_by_role("button", name="You skipped 1: look at it again")).to_be_visible()
    assert sorted(answers_of(annotator).values()) == ["ham", "ham"]


def test_without_skips_nothing_is_offered(open_annotate, project, annotator, make_items) -> None:
    make_items(project, ["the only one"])
    page = open_annotate(annotator)
    page.keyboard.press("1")
    expect(page.get_by_role("heading", name="All done for now")).to_be_visible()
    expect(page.get_by_role("button", name="You skipped")).to_have_count(0)


# Away from the page


def test_a_page_that_is_left_open_does_not_work(open_annotate, annotator, items) -> None:
    page = open_annotate(annotator, clock=True)
    page.clock.fast_forward("02:30:00")
    page.keyboard.press("1")
    wait_saved(page)
    [row] = Annotation.objects.all()
    assert row.duration_seconds >= 9000
    assert row.active_seconds <= 70
    page.clock.fast_forward(20_000)
    page.keyboard.press("1")
    wait_saved(page)
    assert 20 <= Annotation.objects.latest("pk").active_seconds <= 30
