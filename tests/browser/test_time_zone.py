"""The reader's time zone: the browser's at first, and then the one that the person has chosen."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from annotation.models import Annotation, Item, Project, User
from annotation.queue.answering import Answer, submit_answers
from tests.annotation.answers import proof_of
from tests.browser.conftest import axe, opened

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_times_follow_the_browser_until_another_zone_is_chosen(open_context, lead: User, project, make_items) -> None:
    [item] = make_items(project, 1)
    Item.objects.update(created_at=datetime(2026, 1, 2, 23, 30, tzinfo=UTC))
    page = open_context(lead, timezone_id="Asia/Tokyo").new_page()
    page.goto("/account/")  # the server learns of the browser's zone
    expect(page.get_by_label("All times are shown in")).to_have_value("")
    expect(page.locator("#time_zone option").first).to_have_text("That of the browser (Asia/Tokyo)")
    page.goto(f"/projects/{project.pk}/items/{item.pk}/")
    expect(page.get_by_text("Jan. 3, 2026, 8:30 a.m. JST")).to_be_visible()
    page.goto("/account/")
    page.get_by_label("All times are shown in").select_option("America/New_York")
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert axe(page) == []
    page.goto(f"/projects/{project.pk}/items/{item.pk}/")
    expect(page.get_by_text("Jan. 2, 2026, 6:30 p.m. EST")).to_be_visible()


def test_answers_of_today_are_those_since_the_persons_midnight(
    open_context: Any, project: Project, annotator: User, make_items: Any
) -> None:
    User.objects.filter(pk=annotator.pk).update(time_zone=_zone_at_noon())
    for n, item in enumerate(make_items(project, 5)[:3]):
        proof = proof_of(project, annotator, item.pk)
        answer = Answer(uuid=_uuid(n), item=item.pk, outcome="label", value={"labels": ["ham"]}, assignment=proof)
        submit_answers(project, annotator, [answer])
    oldest = Annotation.objects.earliest("pk")
    Annotation.objects.filter(pk=oldest.pk).update(created_at=oldest.created_at - timedelta(hours=14))
    page = opened(open_context(annotator), project)
    today = page.locator('[data-part="today"]')
    expect(today).to_have_text("2")
    for count in ("1", "0", "0"):  # undoing an answer of yesterday takes none from today
        page.keyboard.press("Backspace")
        expect(today).to_have_text(count)


def _zone_at_noon() -> str:
    """A zone where it is about noon now, so that no midnight comes between two lines of the test."""
    return f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"


def _uuid(number: int) -> Any:
    return f"00000000-0000-4000-8000-{number:012d}"
