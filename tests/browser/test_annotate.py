"""The annotate screen, used as people use it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from annotation.errors import Unavailable
from annotation.models import Annotation, Assignment, Item, Label, Membership, Project, QueueEntry
from annotation.projects import projects
from annotation.queue import answering, publishing
from benchmarks import browsing
from tests.annotation.answers import proof_of
from tests.browser.conftest import PHONE, session_cookie, wait_until_seen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def items(project: Project, make_items: Any) -> list[Item]:
    return make_items(project, [f"Message number {n}" for n in range(40)])


def text(page: Page) -> str:
    return page.locator('[data-part="item"]').inner_text()


def wait_saved(page: Page) -> None:
    expect(page.locator('[data-part="status"]')).to_have_text("All answers saved")


def status(page: Page) -> Any:
    return page.locator('[data-part="status"]')


def answers() -> dict[str, str]:
    """Text -> label of the live answers."""
    rows = Annotation.objects.answers().select_related("item")
    return {row.item.content["text"]: row.value["labels"][0] for row in rows}


def outcomes() -> list[str]:
    return list(Annotation.objects.live().order_by("pk").values_list("outcome", flat=True))


# Keys


def test_a_newcomer_labels_the_first_message_by_keyboard_alone(open_context, project, annotator, items) -> None:
    page = open_context().new_page()
    page.goto(f"/sign-in/?next=/projects/{project.pk}/annotate/")
    page.keyboard.type(annotator.username)
    page.keyboard.press("Tab")
    page.keyboard.type("a-long-test-password")
    page.keyboard.press("Enter")
    expect(page.locator('[data-state="item"]')).to_be_visible(timeout=10_000)
    first = text(page)
    page.keyboard.press("2")
    assert text(page) != first
    wait_saved(page)
    assert answers() == {first: "spam"}


def test_every_key_does_what_it_says(open_annotate, annotator, items) -> None:
    page = open_annotate(annotator)
    seen = []
    seen.append(text(page))
    page.keyboard.press("Digit1")
    seen.append(text(page))
    wait_until_seen(page)
    page.evaluate("dispatchEvent(new KeyboardEvent('keydown', {key: '2', code: 'Numpad2'}))")
    seen.append(text(page))
    page.keyboard.press("Numpad2")  # without Num Lock it is an arrow, which scrolls
    page.keyboard.press("Space")
    seen.append(text(page))
    page.keyboard.press("f")
    page.keyboard.type("12 odd 12")
    page.keyboard.press("Enter")
    expect(page.locator('[data-part="item"]')).not_to_have_text(seen[-1])  # the dialog has closed
    wait_saved(page)
    rows = list(Annotation.objects.live().select_related("item").order_by("pk"))
    assert [row.item.content["text"] for row in rows] == seen
    assert [row.outcome for row in rows] == ["label", "label", "skip", "flag"]
    assert [row.value and row.value["labels"][0] for row in rows] == ["ham", "spam", None, None]
    assert rows[3].comment == "12 odd 12"
    assert all(row.duration_seconds is not None for row in rows)


def test_a_key_held_down_answers_once(open_annotate, annotator, items) -> None:
    page = open_annotate(annotator)
    for _ in range(5):
        page.keyboard.down("1")  # the second and later ones are repeats
    page.keyboard.up("1")
    wait_saved(page)
    assert Annotation.objects.count() == 1


def test_keys_with_modifiers_and_in_dialogs_do_nothing(open_annotate, annotator, items) -> None:
    page = open_annotate(annotator)
    first = text(page)
    page.keyboard.press("Control+1")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("1")
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    page.keyboard.press("Escape")
    assert text(page) == first
    assert not Annotation.objects.exists()


def test_digits_count_by_their_place_on_the_keyboard(open_annotate, annotator, items) -> None:
    page = open_annotate(annotator)
    first = text(page)
    page.evaluate("dispatchEvent(new KeyboardEvent('keydown', {key: 'é', code: 'Digit2', bubbles: true}))")  # AZERTY
    wait_saved(page)
    assert answers() == {first: "spam"}


def test_after_a_click_the_space_bar_skips(open_annotate, annotator, items) -> None:
    page = open_annotate(annotator)
    page.get_by_role("button", name="ham").click()
    page.keyboard.press("Space")
    wait_saved(page)
    assert outcomes() == ["label", "skip"]


def test_the_space_bar_presses_a_button_reached_by_keyboard(open_annotate, annotator, items) -> None:
    page = open_annotate(annotator)
    page.get_by_role("button", name="spam").focus()
    page.keyboard.press("Space")
    wait_saved(page)
    assert list(answers().values()) == ["spam"]


def test_guidelines_open_beside_the_item_and_labelling_goes_on(open_annotate, annotator, project, items) -> None:
    project.guidelines = "# Spam\n\nIt **sells**.<script>alert(1)</script>"
    project.save()
    page = open_annotate(annotator)
    page.keyboard.press("h")
    expect(page.get_by_role("heading", name="Spam", exact=True)).to_be_visible()
    page.keyboard.press("1")
    wait_saved(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Spam", exact=True)).to_be_hidden()
    assert outcomes() == ["label"]


# Undo


def test_undo_goes_back_across_sent_answers(open_annotate, annotator, items) -> None:
    page = open_annotate(annotator)
    first = text(page)
    page.keyboard.press("1")
    second = text(page)
    page.keyboard.press("1")
    third = text(page)
    wait_saved(page)
    page.keyboard.press("Backspace")
    assert text(page) == second
    page.keyboard.press("Backspace")
    assert text(page) == first
    page.keyboard.press("2")
    assert text(page) == second
    page.keyboard.press("2")
    assert text(page) == third
    wait_saved(page)
    assert answers() == {first: "spam", second: "spam"}


def test_undo_of_an_answer_that_was_not_sent_leaves_no_trace(open_annotate, annotator, items) -> None:
    page = open_annotate(annotator)
    page.context.set_offline(True)
    first = text(page)
    page.keyboard.press("1")
    expect(status(page)).to_have_text("Offline: 1 answer kept in this browser")
    page.keyboard.press("Backspace")
    assert text(page) == first
    expect(status(page)).to_have_text("Offline. All answers saved")
    page.context.set_offline(False)
    wait_saved(page)
    assert not Annotation.objects.exists()


def test_a_click_takes_back_any_of_the_last_ten(open_annotate, annotator, items) -> None:
    page = open_annotate(annotator)
    seen = []
    for _ in range(12):
        expect(page.locator('[data-state="item"]')).to_be_visible()  # keys are faster here than the server
        seen.append(text(page))
        page.keyboard.press("1")
    wait_saved(page)
    lines = page.locator('[data-part="history"] li')
    expect(lines).to_have_count(10)
    wait_until_seen(page)
    page.get_by_role("button", name=f"ham {seen[5]} Undo", exact=True).click()
    expect(page.locator('[data-part="item"]')).to_have_text(seen[5])
    page.keyboard.press("2")
    wait_saved(page)
    assert answers() == {**dict.fromkeys(seen, "ham"), seen[5]: "spam"}


def test_undo_reaches_back_over_a_reload(open_annotate, annotator, items) -> None:
    page = open_annotate(annotator)
    first = text(page)
    page.keyboard.press("1")
    wait_saved(page)
    page.reload()
    expect(page.locator('[data-state="item"]')).to_be_visible()
    page.keyboard.press("Backspace")
    assert text(page) == first
    wait_saved(page)
    assert answers() == {}


# Nothing is lost, nothing counts twice


def test_offline_answers_go_out_when_the_network_is_back(open_annotate, annotator, items) -> None:
    page = open_annotate(annotator)
    page.context.set_offline(True)
    seen = []
    for _ in range(3):
        seen.append(text(page))
        page.keyboard.press("2")
    expect(status(page)).to_have_text("Offline: 3 answers kept in this browser")
    assert not Annotation.objects.exists()
    page.context.set_offline(False)
    wait_saved(page)
    assert answers() == dict.fromkeys(seen, "spam")


def test_offline_with_nothing_left_says_so_and_goes_on_later(open_annotate, annotator, items) -> None:
    page = open_annotate(annotator)
    page.context.set_offline(True)
    for _ in range(10):
        page.keyboard.press("1")
    expect(page.get_by_role("heading", name="No connection")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator('[data-state="item"]')).to_be_visible()
    wait_saved(page)
    assert len(answers()) == 10


def test_a_closed_tab_keeps_its_answers_for_the_next_visit(
    forgive, open_context, open_annotate, project, annotator, items
) -> None:
    page = open_annotate(annotator)
    context = page.context
    context.set_offline(True)  # an intercepted request that is still held when its page closes would go through
    first = text(page)
    page.keyboard.press("2")
    expect(status(page)).to_have_text("Offline: 1 answer kept in this browser")
    page.close()
    assert not Annotation.objects.exists()
    context.set_offline(False)
    again = context.new_page()
    again.goto(f"/projects/{project.pk}/annotate/")
    expect(again.locator('[data-state="item"]')).to_be_visible()
    wait_saved(again)
    assert answers() == {first: "spam"}
    assert text(again) != first
    expect(again.locator('[data-part="history"] li')).to_have_count(1)
    expect(again.locator('[data-part="today"]')).to_have_text("1")


def test_what_colleagues_label_is_counted_when_one_comes_back(open_annotate, annotator, items) -> None:
    page = open_annotate(annotator)
    expect(page.locator('[data-part="labelled"]')).to_have_text("0 of 40 labelled")
    Item.objects.filter(pk__in=[items[-1].pk, items[-2].pk]).update(answers=1)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator('[data-part="labelled"]')).to_have_text("2 of 40 labelled")


@pytest.mark.parametrize("height", [600, 720, 800])
def test_ten_answers_are_in_sight_on_a_low_screen_too(open_annotate, annotator, items, height: int) -> None:
    page = open_annotate(annotator)
    page.set_viewport_size({"width": 1200, "height": height})
    lines = page.locator('[data-part="history"] li')
    for n in range(10):
        page.keyboard.press("1")
        expect(lines).to_have_count(n + 1)
    sheet, last = page.locator(".an-margin").bounding_box(), lines.last.bounding_box()
    assert last["y"] + last["height"] <= sheet["y"] + sheet["height"]


@pytest.fixture
def forgive(complaints: list[str]) -> Any:
    """The browser logs every failed call; a test that provokes failures forgives those, and nothing else."""
    yield
    complaints[:] = [line for line in complaints if "Failed to load resource" not in line]


def test_a_server_error_is_tried_again(forgive, open_annotate, annotator, items) -> None:
    page = open_annotate(annotator)
    calls = []

    def fail_twice(route: Route) -> None:
        calls.append(1)
        if len(calls) <= 2:
            route.fulfill(status=502, body="<h1>Bad gateway</h1>")
        else:
            route.continue_()

    page.route("**/annotations/", fail_twice)
    first = text(page)
    page.keyboard.press("1")
    expect(status(page)).to_contain_text("1 answer kept in this browser, trying again")
    wait_saved(page)
    assert len(calls) == 3
    assert answers() == {first: "ham"}


def test_an_answer_whose_reply_was_lost_counts_once(forgive, open_annotate, annotator, items) -> None:
    page = open_annotate(annotator)
    calls = []

    def lose_the_first_reply(route: Route) -> None:
        calls.append(route.request.post_data_json)
        if len(calls) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/annotations/", lose_the_first_reply)
    page.keyboard.press("1")
    wait_saved(page)
    assert calls[0] == calls[1]
    assert Annotation.objects.count() == 1


def test_answers_that_wait_go_out_in_one_call(open_annotate, annotator, items) -> None:
    page = open_annotate(annotator)
    calls = []
    page.on("request", lambda request: calls.append(request) if request.url.endswith("/annotations/") else None)
    page.context.set_offline(True)
    for _ in range(6):
        page.keyboard.press("1")
    page.context.set_offline(False)
    wait_saved(page)
    assert len(calls) == 1
    assert len(answers()) == 6


def test_an_answer_the_server_refuses_is_shown_and_kept(forgive, open_annotate, project, annotator, items) -> None:
    page = open_annotate(annotator)
    page.context.set_offline(True)
    first = text(page)
    page.keyboard.press("1")
    second = text(page)
    page.keyboard.press("2")
    Label.objects.filter(project=project, name="ham").delete()  # in the meantime
    page.context.set_offline(False)
    expect(page.get_by_role("alert")).to_contain_text("One answer was not accepted")
    expect(status(page)).to_have_text("1 answer not accepted")
    assert answers() == {second: "spam"}
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("One answer was not accepted")
    page.get_by_role("button", name="Answer it again").click()
    assert text(page) == first
    page.keyboard.press("2")
    wait_saved(page)
    assert answers() == {first: "spam", second: "spam"}


def test_a_refused_answer_brought_back_before_the_first_items_came_stays_on_the_screen(
    forgive, open_annotate, project, annotator, items
) -> None:
    page = open_annotate(annotator)
    page.context.set_offline(True)
    first = text(page)
    page.keyboard.press("1")
    Label.objects.filter(project=project, name="ham").delete()
    page.context.set_offline(False)
    expect(page.get_by_role("alert")).to_contain_text("One answer was not accepted")
    came: list[str] = []
    page.route("**/next/", lambda route: (page.wait_for_timeout(700), came.append("items"), route.continue_()))
    page.reload()
    page.get_by_role("button", name="Answer it again").click()
    assert text(page) == first
    assert not came
    page.wait_for_timeout(1200)
    assert came
    assert text(page) == first


def test_signed_out_answers_wait_for_the_sign_in(forgive, open_annotate, annotator, items) -> None:
    page = open_annotate(annotator)
    cookies = page.context.cookies()
    first = text(page)
    page.context.clear_cookies(name="sessionid")
    page.keyboard.press("1")
    expect(page.get_by_role("alert")).to_contain_text("You are signed out")
    expect(status(page)).to_have_text("1 answer kept in this browser")
    page.context.add_cookies(cookies)
    page.get_by_role("button", name="Try again").click()
    wait_saved(page)
    expect(page.get_by_role("alert")).to_have_count(0)
    assert answers() == {first: "ham"}


def test_answers_wait_in_the_browser_while_their_owner_is_signed_out(
    forgive, open_annotate, annotator, items, monkeypatch
) -> None:
    """Signing out clears what the browser has cached and leaves what it keeps."""

    def refuse(*args: Any) -> Any:
        raise Unavailable

    page = open_annotate(annotator)
    first = text(page)
    with monkeypatch.context() as patch:  # offline in a way that lets one sign out
        patch.setattr(answering, "submit_answers", refuse)
        page.keyboard.press("2")
        expect(status(page)).to_contain_text("1 answer kept in this browser")
        page.goto("/")
        page.locator("summary").click()
        with page.expect_response("**/sign-out/") as left:
            page.get_by_role("button", name="Sign out").click()
        assert left.value.header_value("clear-site-data") == '"cache"'
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert answers() == {}
    page.get_by_label("User name").fill("annotator")
    page.get_by_label("Password").fill("a-long-test-password")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.goto(f"/projects/{items[0].project_id}/annotate/")
    wait_saved(page)
    assert answers() == {first: "spam"}


def test_who_is_not_a_member_any_more_decides_what_becomes_of_the_answers(
    forgive, open_annotate, project, annotator, items
) -> None:
    page = open_annotate(annotator)
    Membership.objects.filter(project=project, user=annotator).delete()
    page.keyboard.press("1")
    expect(page.get_by_role("alert")).to_contain_text("A lead removed you from this project, or deleted it.")
    expect(status(page)).to_have_text("1 answer kept in this browser")
    page.get_by_role("button", name="Throw them away").click()
    expect(status(page)).to_have_text("All answers saved")
    assert not Annotation.objects.exists()


def test_two_tabs_lose_nothing_and_ask_nothing_twice(open_annotate, project, annotator, items) -> None:
    one = open_annotate(annotator)
    two = one.context.new_page()
    two.goto(f"/projects/{project.pk}/annotate/")
    expect(two.locator('[data-state="item"]')).to_be_visible()
    seen = []
    for _ in range(4):
        for page in (one, two):
            page.wait_for_timeout(150)  # a person needs longer to change tabs
            seen.append(text(page))
            page.keyboard.press("1")
    wait_saved(one)
    wait_saved(two)
    assert len(set(seen)) == 8
    assert set(answers()) == set(seen)
    assert Annotation.objects.count() == 8


def test_without_indexeddb_answers_are_kept_all_the_same(open_context, project, annotator, items) -> None:
    context = open_context(annotator)
    context.add_init_script("Object.defineProperty(globalThis, 'indexedDB', { value: undefined });")
    page = context.new_page()
    page.goto(f"/projects/{project.pk}/annotate/")
    expect(page.locator('[data-state="item"]')).to_be_visible()
    context.set_offline(True)
    first = text(page)
    page.keyboard.press("1")
    page.keyboard.press("1")
    page.keyboard.press("Backspace")
    page.close()
    context.set_offline(False)
    again = context.new_page()
    again.goto(f"/projects/{project.pk}/annotate/")
    wait_saved(again)
    expect(again.locator('[data-state="item"]')).to_be_visible()
    assert answers() == {first: "ham"}


def test_undo_of_an_answer_that_is_on_its_way_takes_it_back_behind_it(open_annotate, annotator, items) -> None:
    page = open_annotate(annotator)
    held: list[Route] = []
    page.route("**/annotations/", lambda route: held.append(route) if not held else route.continue_())
    first = text(page)
    page.keyboard.press("1")
    expect(status(page)).to_have_text("1 answer waiting, sending")
    while not held:
        page.wait_for_timeout(50)
    page.keyboard.press("Backspace")
    assert text(page) == first
    held[0].continue_()
    wait_saved(page)
    assert outcomes() == []
    assert list(Annotation.objects.order_by("pk").values_list("outcome", flat=True)) == ["label", "undo"]
    page.keyboard.press("2")
    wait_saved(page)
    assert answers() == {first: "spam"}


def test_an_answer_of_a_tab_that_crashed_in_the_very_moment_is_sent(open_context, project, annotator, items) -> None:
    context = open_context(annotator)
    page = context.new_page()
    page.goto("/sign-in/")
    body = {
        "uuid": "00000000-0000-4000-8000-000000000001",
        "item": items[7].pk,
        "outcome": "label",
        "value": {"labels": ["spam"]},
        "assignment": proof_of(project, annotator, items[7].pk),
    }
    left = {"id": body["uuid"], "kind": "answer", "seq": 1, "uuid": body["uuid"], "item": items[7].pk, "body": body}
    key = f"margin:outbox:{annotator.pk}-{project.pk}:{body['uuid']}"
    page.evaluate("([key, op]) => localStorage.setItem(key, JSON.stringify(op))", [key, left])
    page.goto(f"/projects/{project.pk}/annotate/")
    expect(page.locator('[data-state="item"]')).to_be_visible()
    wait_saved(page)
    assert answers() == {"Message number 7": "spam"}
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.includes('outbox'))") == []


def test_on_a_shared_machine_nobody_sends_anothers_answers(open_annotate, project, annotator, reviewer, items) -> None:
    publishing.publish_queue(project, [publishing.Ranked(item.pk, "cold") for item in items], None)
    page = open_annotate(annotator)
    context = page.context
    mine = text(page)
    context.set_offline(True)
    page.keyboard.press("1")
    page.close()
    context.set_offline(False)
    cookies = context.cookies()
    context.add_cookies([session_cookie(reviewer, cookies_url(page))])
    other = context.new_page()
    other.goto(f"/projects/{project.pk}/annotate/")
    expect(other.locator('[data-state="item"]')).to_be_visible()
    wait_saved(other)
    other.wait_for_timeout(300)
    assert not Annotation.objects.exists()
    other.close()
    context.add_cookies(cookies)
    again = context.new_page()
    again.goto(f"/projects/{project.pk}/annotate/")
    expect(again.locator('[data-state="item"]')).to_be_visible()
    wait_saved(again)
    assert [(row.user, row.item.content["text"]) for row in Annotation.objects.all()] == [(annotator, mine)]


def cookies_url(page: Page) -> str:
    return page.url.split("/projects/")[0]


# Suggestions


@pytest.fixture
def suggest(project: Project, items: list[Item]) -> Callable[[str], None]:
    def make(setting: str) -> None:
        project.settings = {"suggestion": setting}
        project.save()
        value = {"labels": ["spam"]}
        publishing.publish_queue(
            project, [publishing.Ranked(item.pk, "uncertain", 1.0, 0.1, value, 0.87) for item in items], 12
        )

    return make


def test_by_default_no_suggestion_is_seen(open_annotate, annotator, suggest) -> None:
    suggest("hidden")
    page = open_annotate(annotator)
    page.keyboard.press("a")
    page.keyboard.press("1")
    wait_saved(page)
    assert "suggested" not in page.content()
    assert "The model says" not in page.content()
    assert [(row.value, row.suggestion_shown) for row in Annotation.objects.all()] == [({"labels": ["ham"]}, False)]


def test_a_shown_suggestion_is_accepted_or_rejected_by_a_key(open_annotate, annotator, suggest) -> None:
    suggest("shown")
    page = open_annotate(annotator)
    expect(page.get_by_role("button", name="spam suggested, 87 %")).to_be_visible()
    page.keyboard.press("a")
    page.keyboard.press("x")
    expect(page.get_by_text("suggested, 87 %")).to_have_count(0)
    page.keyboard.press("a")  # rejected: nothing to accept
    page.keyboard.press("1")
    wait_saved(page)
    rows = list(Annotation.objects.order_by("pk"))
    assert [row.value["labels"][0] for row in rows] == ["spam", "ham"]
    assert [row.suggestion_changed for row in rows] == [False, True]
    assert all(row.suggestion_shown for row in rows)


def test_a_suggestion_after_the_answer_stands_in_the_list_only(open_annotate, annotator, suggest) -> None:
    suggest("after")
    page = open_annotate(annotator)
    expect(page.get_by_text("suggested, 87 %")).to_have_count(0)
    page.keyboard.press("1")
    expect(page.get_by_text("The model says: spam")).to_be_visible()
    wait_saved(page)
    assert not Annotation.objects.get().suggestion_shown


def test_the_chip_says_why(open_annotate, annotator, suggest) -> None:
    suggest("hidden")
    page = open_annotate(annotator)
    expect(page.locator('[data-part="reason"]')).to_have_text("ranked by model 12")
    QueueEntry.objects.all().delete()
    Assignment.objects.all().delete()
    page.reload()
    expect(page.locator('[data-part="reason"]')).to_have_text("random: nothing ranked yet")


# Empty states


@pytest.mark.parametrize(
    ("who", "words"), [("lead", "Upload a file of texts"), ("annotator", "A lead of this project uploads")]
)
def test_no_items_yet(open_context, project, request, who, words) -> None:
    page = open_context(request.getfixturevalue(who)).new_page()
    page.goto(f"/projects/{project.pk}/annotate/")
    expect(page.get_by_role("heading", name="There is nothing to label yet")).to_be_visible()
    expect(page.get_by_text(words)).to_be_visible()


def test_all_done_looks_again_by_itself(open_annotate, project, annotator, make_items) -> None:
    make_items(project, ["the only one"])
    page = open_annotate(annotator, clock=True)
    page.keyboard.press("1")
    expect(page.get_by_role("heading", name="All done for now")).to_be_visible()
    project.refresh_from_db()
    make_items(project, ["one more"])
    page.clock.fast_forward(5_000)
    expect(page.get_by_text("one more")).to_be_visible()


def test_a_pause_is_told_and_its_end_noticed(open_annotate, project, annotator, make_items) -> None:
    make_items(project, ["the only one", "one more", "a third"])
    page = open_annotate(annotator, clock=True)
    projects.pause_project(project, "As many labels as were planned have been given.")
    for _ in range(3):
        page.keyboard.press("1")
    make_items(project, ["after the pause"])
    wait_saved(page)
    page.clock.fast_forward(5_000)
    expect(page.get_by_role("heading", name="Nothing new is handed out")).to_be_visible()
    expect(page.get_by_text("As many labels as were planned have been given.")).to_be_visible()
    projects.resume_project(project)
    page.clock.fast_forward(30_000)
    expect(page.get_by_text("after the pause")).to_be_visible()


def test_a_pause_is_told_as_soon_as_the_last_answer_is_saved(open_annotate, project, annotator, make_items) -> None:
    make_items(project, ["the only one", "one more", "a third"])
    page = open_annotate(annotator, clock=True)
    page.clock.pause_at(datetime.now() + timedelta(minutes=1))  # no timer makes the page look again
    projects.pause_project(project, "As many labels as were planned have been given.")
    for _ in range(3):
        page.clock.run_for(200)  # a person looks at each
        page.keyboard.press("1")
    expect(page.get_by_role("heading", name="Nothing new is handed out")).to_be_visible()


def test_no_labels_yet(open_context, project, annotator, lead, items) -> None:
    project.labels.all().delete()
    page = open_context(annotator).new_page()
    page.goto(f"/projects/{project.pk}/annotate/")
    expect(page.get_by_role("heading", name="This project has no labels yet")).to_be_visible()
    assert page.get_by_role("link", name="Upload data").count() == 0
    page = open_context(lead).new_page()
    page.goto(f"/projects/{project.pk}/annotate/")
    expect(page.get_by_role("link", name="Upload data")).to_be_visible()


# Touch, reading, speed


def test_a_phone_labels_by_touch(open_annotate, annotator, items) -> None:
    page = open_annotate(annotator, **PHONE)
    expect(page.get_by_text("Tap one to take it back.")).to_be_visible()
    first = text(page)
    page.get_by_role("button", name="spam").tap()
    second = text(page)
    assert second != first
    wait_until_seen(page)
    page.get_by_role("button", name="Skip").tap()
    wait_until_seen(page)
    page.get_by_role("button", name="Undo", exact=True).tap()
    assert text(page) == second
    wait_saved(page)
    assert answers() == {first: "spam"}


def test_on_a_phone_no_label_looks_chosen_for_the_next_item(open_annotate, annotator, items) -> None:
    page = open_annotate(annotator, **PHONE)
    spam = page.get_by_role("button", name="spam", exact=True)
    look = "(button) => [getComputedStyle(button).backgroundColor, getComputedStyle(button).borderColor]"
    before = spam.evaluate(look)
    spam.tap()
    wait_saved(page)
    assert spam.evaluate(look) == before


def test_on_a_phone_targets_are_large_and_at_the_thumb(open_annotate, annotator, items) -> None:
    page = open_annotate(annotator, **PHONE)
    for button in page.locator(".an-answer button:visible").all():
        box = button.bounding_box()
        assert box["height"] >= 44
        assert box["width"] >= 44
        assert box["y"] > 844 / 2
        assert box["y"] + box["height"] <= 844
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("options", [{}, PHONE], ids=["desktop", "phone"])
def test_buttons_stay_where_they_are_whatever_the_text(open_annotate, project, annotator, make_items, options) -> None:
    make_items(project, ["short", "long " * 2000, "line\n" * 300, "unbroken" * 400, "x"])
    page = open_annotate(annotator, **options)
    places = set()
    for _ in range(5):
        box = page.locator(".an-label").first.bounding_box()
        places.add((box["x"], box["y"], box["width"], box["height"]))
        page.keyboard.press("1")
    assert len(places) == 1


def test_the_text_is_shown_as_it_is(open_annotate, project, annotator, make_items) -> None:
    given = "  two\n\n   <b>lines</b> & שלום\tend"
    make_items(project, [given])
    page = open_annotate(annotator)
    assert page.locator(".an-text").text_content() == given
    assert page.locator(".an-text").get_attribute("dir") == "auto"


def test_the_screen_reader_hears_the_answer_and_the_next_text(open_annotate, annotator, items) -> None:
    page = open_annotate(annotator)
    page.keyboard.press("2")
    expect(page.locator("[aria-live=polite]")).to_have_text(f"Answered: spam. Next: {text(page)}")
    assert page.get_by_role("button", name="spam").first.get_attribute("aria-keyshortcuts") == "2"


def test_key_to_paint_can_be_measured(open_annotate, annotator, items) -> None:
    page = open_annotate(annotator)
    paints = browsing.answer(page, 12)
    assert len(paints) == 12
    assert all(paint.ms > 0 for paint in paints)
    wait_saved(page)
