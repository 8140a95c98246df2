"""The dashboard in a real browser: its states, live numbers, keyboard focus, themes and axe."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, Request, Route, expect

from annotation.models import Item, Project, User, WorkerHeartbeat
from learner.api import rounds
from learner.models import LearnerState
from tests.browser.conftest import PHONE, axe
from tests.learner.factories import add_round, answer, freeze, work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MakeItems = Callable[..., list[Item]]
OpenContext = Callable[..., BrowserContext]


@pytest.fixture(autouse=True)
def _calm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "wake_worker", [].append)


@pytest.fixture
def worked(transactional_db: None, project: Project, make_items: MakeItems, annotator: User, reviewer: User) -> Project:
    WorkerHeartbeat.touch("train")
    for number, label in enumerate(project.labels.all(), start=1):
        label.color = f"label-{number}"
        label.save()
    work(project, make_items(project, 500), [annotator, reviewer], rounds=8, tested=100)
    return project


def show(context: BrowserContext, project: Project) -> Page:
    page = context.new_page()
    page.goto(f"/projects/{project.pk}/dashboard/")
    expect(page.locator("[data-part=live]")).not_to_be_empty()
    return page


def part(page: Page, name: str) -> Any:
    return page.locator(f"[data-part='{name}']")


def ink(page: Page, canvas: str) -> Any:
    """Return the colour of the chart's last line, or None where nothing is drawn."""
    return page.evaluate("(name) => Chart.getChart(name)?.data.datasets.at(-1).borderColor", f"{canvas}-canvas")


# States


def test_without_items_it_says_what_to_do(open_context: OpenContext, project: Project, lead: User) -> None:
    page = show(open_context(lead), project)
    expect(part(page, "no-items")).to_be_visible()
    expect(part(page, "body")).to_be_hidden()
    expect(part(page, "worker")).to_be_hidden()
    assert axe(page) == []


def test_without_labels_it_leads_to_annotate(
    open_context: OpenContext, project: Project, lead: User, make_items: MakeItems
) -> None:
    make_items(project, 20)
    page = show(open_context(lead), project)
    expect(part(page, "no-labels")).to_be_visible()
    expect(part(page, "worker")).to_contain_text("No worker is running")
    assert axe(page) == []


def test_few_test_answers_show_no_accuracy_and_why(
    open_context: OpenContext, project: Project, lead: User, make_items: MakeItems
) -> None:
    items = make_items(project, 200)
    tested = freeze(items, 40)
    answer(tested[:12], lead, ["ham"] * 12, reason="test")
    add_round(project, {item.position: "ham" for item in tested})
    page = show(open_context(lead), project)
    expect(part(page, "waiting-text")).to_contain_text("12 of the 30 test answers needed so far")
    assert part(page, "waiting-bar").evaluate("(bar) => [bar.value, bar.max]") == [12, 30]
    expect(part(page, "accuracy")).to_have_text("not yet")
    expect(part(page, "curve")).to_be_hidden()
    expect(part(page, "quality")).to_be_hidden()
    assert axe(page) == []


def test_a_failed_round_and_a_dead_worker_are_told(open_context: OpenContext, worked: Project, lead: User) -> None:
    add_round(worked, status="failed", error="MemoryError: no room", timings={})
    WorkerHeartbeat.objects.update(seen_at=timezone.now() - timedelta(minutes=5))
    page = show(open_context(lead), worked)
    expect(part(page, "worker")).to_contain_text("No worker is running")
    expect(part(page, "failing-text")).to_contain_text("Round 9 failed: MemoryError: no room")
    expect(part(page, "rounds").locator("tbody tr").first).to_contain_text("failed")
    assert axe(page) == []


# Numbers


def test_figures_carry_interval_and_n(open_context: OpenContext, worked: Project, lead: User) -> None:
    page = show(open_context(lead, locale="en-US"), worked)
    for name in ("accuracy", "macro_f1"):
        expect(part(page, name)).to_contain_text("%")
        expect(part(page, f"{name}-note")).to_contain_text("(95 %)")
    expect(part(page, "labels")).to_have_text("132")
    expect(part(page, "queue-text")).to_have_text("Ranked by model 8.")


def test_every_chart_has_its_numbers_as_a_table(open_context: OpenContext, worked: Project, lead: User) -> None:
    page = show(open_context(lead), worked)
    for canvas in page.locator("canvas").all():
        assert canvas.get_attribute("role") == "img"
        assert canvas.get_attribute("aria-label")
    assert part(page, "curve-table").locator("tbody tr").count() == 8 + 6
    assert part(page, "counts-table").locator("tbody tr").count() == 3
    assert part(page, "hours-table").locator("tbody tr").count() == 24
    drawn = page.evaluate("Chart.getChart('counts-canvas').data.datasets[0].data")
    cells = part(page, "counts-table").locator("tbody tr").last.locator("td").all_inner_texts()
    page.locator("summary", has_text="By person and label").click()
    cells = part(page, "counts-table").locator("tbody tr").last.locator("td").all_inner_texts()
    assert [int(cell) for cell in cells] == [*drawn, sum(drawn)]


def test_it_says_how_far_to_trust_the_figures(open_context: OpenContext, worked: Project, lead: User) -> None:
    page = show(open_context(lead, locale="en-US"), worked)
    rows = part(page, "reliability-table").locator("tbody tr")
    expect(rows).to_have_count(5)
    expect(rows.nth(0)).to_contain_text("never trains")
    expect(rows.nth(3)).to_contain_text("Biased")
    expect(rows.nth(3).locator("td").nth(1)).to_have_text("90")
    expect(part(page, "equal-labels")).to_contain_text("n = 80 test answers")
    expect(part(page, "calibration-note")).to_contain_text("(n = 80 test answers)")
    drawn = page.evaluate("Chart.getChart('calibration-canvas').data.datasets.at(-1).data.length")
    assert part(page, "calibration-table").locator("tbody tr").count() == drawn == 5


def test_an_answer_of_several_labels_counts_in_part(
    open_context: OpenContext, project: Project, lead: User, make_items: MakeItems
) -> None:
    Project.objects.filter(pk=project.pk).update(task_type="text_multilabel")
    tested = freeze(make_items(project, 100), 60)
    answer(tested, lead, ["ham"] * 60, reason="test")
    add_round(project, {item.position: '["ham", "spam"]' if n % 2 else '["ham"]' for n, item in enumerate(tested)})
    page = show(open_context(lead, locale="en-US"), project)
    expect(part(page, "reliability-table").locator("thead th").nth(1)).to_have_text("Mean F1")
    expect(part(page, "reliability-table").locator("tbody tr").first).to_contain_text("83.3")  # half are 2/3 right
    expect(part(page, "calibration-note")).to_contain_text("(n = 60 whole test answers)")
    expect(part(page, "accuracy")).to_contain_text("50.0")
    assert axe(page) == []


def test_the_curve_shows_either_figure(open_context: OpenContext, worked: Project, lead: User) -> None:
    page = show(open_context(lead), worked)
    values = "Chart.getChart('curve-canvas').data.datasets[2].data.map((spot) => spot.y)"
    before = page.evaluate(values)
    page.get_by_role("radio", name="Macro F1").check()
    assert page.evaluate(values) != before


def test_a_random_arm_of_a_few_answers_does_not_flatten_the_curve(
    open_context: OpenContext, worked: Project, lead: User
) -> None:
    first = worked.rounds.get(number=3)  # the first with a random arm
    first.control_labels = 1
    first.control_predictions = dict.fromkeys(first.control_predictions, "neither")  # right about nothing
    first.save()
    page = show(open_context(lead), worked)
    curves = page.evaluate("Chart.getChart('curve-canvas').data.datasets.map((set) => set.data.map((spot) => spot.y))")
    low, _, _, _, _, control = curves[:6]
    axis = page.evaluate("Chart.getChart('curve-canvas').scales.y.min")
    assert control[0] == 0
    assert min(low) - 0.1 <= axis <= min(low)
    dashes = page.evaluate("Chart.getChart('curve-canvas').legend.legendItems.map((entry) => entry.lineDash)")
    assert dashes[:2] == [[], [6, 4]]


def test_the_curve_shows_where_another_estimator_took_over(
    open_context: OpenContext, worked: Project, lead: User
) -> None:
    worked.rounds.filter(number__gte=6).update(settings={"estimator": "svm"})
    page = show(open_context(lead), worked)
    marks = page.evaluate("Chart.getChart('curve-canvas').data.datasets[2].pointStyle")
    assert marks == ["circle"] * 5 + ["triangle"] + ["circle"] * 2
    note = "From model 6 on: Linear SVM, before: Automatic."
    expect(part(page, "curve-note")).to_contain_text(note)
    page.locator("summary", has_text="The curve as a table").click()
    rows = part(page, "curve-table").locator("tbody tr")
    expect(rows.first).to_contain_text("Linear SVM")
    expect(rows.last).to_contain_text("Automatic")
    assert axe(page) == []


def test_colours_follow_the_theme(open_context: OpenContext, worked: Project, lead: User) -> None:
    page = show(open_context(lead, color_scheme="light"), worked)
    light = ink(page, "curve")
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        "(before) => Chart.getChart('curve-canvas').data.datasets.at(-1).borderColor !== before", arg=light
    )


# Live


def test_numbers_change_while_people_label(
    open_context: OpenContext, worked: Project, lead: User, annotator: User
) -> None:
    page = show(open_context(lead), worked)
    fold = part(page, "rounds").locator("summary").first
    fold.press("Enter")
    page.evaluate("window.kept = document.activeElement")
    answer(list(worked.items.filter(answers=0, split="pool")[:3]), annotator, ["spam"] * 3)
    add_round(worked, dict.fromkeys(range(100), "ham"))
    expect(part(page, "labels")).to_have_text("135")
    assert part(page, "rounds").locator("tbody th").first.inner_text() == "9"
    assert page.evaluate("document.activeElement === window.kept && window.kept.isConnected")
    assert page.evaluate("window.kept.parentElement.open")


def test_polling_sends_the_etag_and_pauses_in_a_hidden_tab(
    open_context: OpenContext, worked: Project, lead: User
) -> None:
    context = open_context(lead)
    context.clock.install()
    page = show(context, worked)
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if request.url.endswith("/progress/") else None)
    for _ in range(2):
        with page.expect_response("**/progress/"):
            page.clock.fast_forward(3000)
    assert len(asked) == 2
    assert asked[-1].all_headers().get("if-none-match", "").startswith('W/"')
    hide = """(hidden) => {
        Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    page.evaluate(hide, True)
    for _ in range(3):
        page.clock.fast_forward(3000)
        page.wait_for_timeout(100)
    assert len(asked) == 2
    with page.expect_response("**/progress/"):
        page.evaluate(hide, False)
    assert len(asked) == 3


def test_a_lost_server_is_told_and_found_again(
    open_context: OpenContext, worked: Project, lead: User, complaints: list[str]
) -> None:
    context = open_context(lead)
    context.clock.install()
    page = show(context, worked)
    page.route("**/progress/", lambda route: route.abort())
    page.clock.fast_forward(3000)
    expect(part(page, "live")).to_contain_text("No connection")
    expect(part(page, "labels")).to_have_text("132")
    page.unroute("**/progress/")
    page.clock.fast_forward(15_000)
    expect(part(page, "live")).to_contain_text("Live")
    complaints.clear()


def test_retrain_now_by_keyboard(open_context: OpenContext, worked: Project, lead: User) -> None:
    page = show(open_context(lead), worked)
    button = page.get_by_role("button", name="Retrain now")
    button.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Asked for")
    expect(part(page, "next-text")).to_contain_text("A round was asked for")
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(button).to_be_focused()
    assert LearnerState.objects.filter(project=worked, requested_at__isnull=False).exists()


def test_what_is_pressed_while_numbers_are_on_their_way_is_looked_at_next(
    open_context: OpenContext, worked: Project, lead: User
) -> None:
    page = show(open_context(lead), worked)
    on_the_way: list[Route] = []
    page.route("**/progress/", lambda route: route.continue_() if on_the_way else on_the_way.append(route))
    while not on_the_way:
        page.wait_for_timeout(50)
    old = on_the_way[0].fetch()
    page.get_by_role("button", name="Retrain now").click()
    expect(page.get_by_role("status")).to_contain_text("Asked for")
    with page.expect_request("**/progress/", timeout=2000):  # not only when the next look is due
        on_the_way[0].fulfill(response=old)
    expect(part(page, "next-text")).to_contain_text("A round was asked for")


def test_a_reviewer_sees_no_button(open_context: OpenContext, worked: Project, reviewer: User) -> None:
    page = show(open_context(reviewer), worked)
    expect(page.get_by_role("button", name="Retrain now")).to_have_count(0)
    expect(part(page, "accuracy")).to_contain_text("%")


# Access


@pytest.mark.parametrize(("scheme", "device"), [("light", PHONE), ("dark", {})], ids=["phone", "wide"])
def test_axe_finds_nothing_and_nothing_sticks_out(
    device: dict[str, Any], scheme: str, open_context: OpenContext, worked: Project, lead: User
) -> None:
    page = show(open_context(lead, color_scheme=scheme, **device), worked)
    for fold in page.locator("main summary").all():
        fold.click()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


# Is it enough?


def test_conditions_and_forecast_are_shown_and_a_lead_stops_and_resumes(
    open_context: OpenContext, worked: Project, lead: User
) -> None:
    worked.settings = {"label_budget": 130, "target_accuracy": 0.99}
    worked.save()
    page = show(open_context(lead, locale="en-US"), worked)
    lines = part(page, "conditions").locator("li")
    expect(lines).to_have_count(7)  # two limits that are set, five signs
    expect(lines.nth(0)).to_contain_text("Label budget")
    expect(lines.nth(0)).to_have_attribute("data-advice", "stop")
    expect(lines.nth(0)).to_contain_text("reached")
    expect(part(page, "stop")).to_contain_text("You can stop: a limit of this project is reached.")
    names = page.evaluate("() => Chart.getChart('curve-canvas').data.datasets.map((set) => set.label)")
    assert "Forecast" in names
    expect(part(page, "curve-note")).to_contain_text("200 more would take")
    page.locator("[name=figure][value=macro_f1]").check(force=True)
    names = page.evaluate("() => Chart.getChart('curve-canvas').data.datasets.map((set) => set.label)")
    assert "Forecast" not in names
    assert axe(page) == []
    page.get_by_role("button", name="Stop handing out").click()
    expect(part(page, "paused-text")).to_contain_text("A lead has stopped the handing out.")
    worked.refresh_from_db()
    assert worked.paused_at is not None
    assert axe(page) == []
    page.get_by_role("button", name="Resume handing out").click()
    expect(part(page, "paused")).to_be_hidden()
    worked.refresh_from_db()
    assert worked.paused_at is None
