"""A lead starts a simulation, watches it and sees its plot; nobody is shut out of it."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from annotation.models import JobStatus, Project, User
from learner.models import Simulation
from learner.rounds import feature_matrices, item_contents
from learner.simulations import requests, worker
from tests.browser.conftest import DESKTOP, PHONE, axe
from tests.learner.conftest import truth
from tests.learner.factories import answer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DEFAULT = "Boltzmann, then weighted k-means"


@pytest.fixture
def answered(project: Project, make_items: Any, annotator: User) -> Project:
    texts = [f"{'claim your cash reward' if n % 3 == 0 else 'see you at lunch'} {n}" for n in range(120)]
    items = make_items(project, texts)
    answer(items, annotator, [truth(item) for item in items])
    feature_matrices.feature_store().ensure_rows(
        project.pk, 120, lambda start: item_contents.content_chunks(project, start, 120), "static"
    )
    return project


def finish(pk: int) -> None:
    """Work off a simulation, in as many slices as it takes."""
    while Simulation.objects.get(pk=pk).status in (JobStatus.QUEUED, JobStatus.RUNNING):
        worker.run_simulation(pk)


def overflows(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def drawn(page: Page, chart: str) -> dict[str, str]:
    """Return the names of a chart's lines, each with its colour."""
    found = f"window.Chart?.getChart(document.querySelector('[data-chart={chart}]'))"
    page.wait_for_function(f"() => {found}")
    lines = ".data.datasets.filter((set) => !set.isBand).map((set) => [set.label, set.borderColor])"
    return dict(page.evaluate(f"() => {found}{lines}"))


@pytest.mark.parametrize(("theme", "width"), [("light", DESKTOP), ("dark", PHONE)], ids=["desktop", "phone"])
def test_a_lead_starts_a_simulation_and_sees_its_plot(open_context, answered, lead, theme, width) -> None:
    page = open_context(lead, color_scheme=theme, **width).new_page()
    page.goto(f"/projects/{answered.pk}/dashboard/")
    page.get_by_role("link", name="Simulation").click()
    expect(page.get_by_role("heading", name="Simulation", exact=True)).to_be_visible()
    assert axe(page) == []
    assert not overflows(page)
    page.get_by_label("Training labels").fill("40")
    page.get_by_label("Repetitions").fill("2")
    page.get_by_label("Linear SVM").check()
    page.get_by_label("Search for").select_option("spam")
    page.get_by_role("button", name="Start the simulation").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    assert axe(page) == []
    finish(Simulation.objects.get().pk)
    expect(page.get_by_role("img", name="Learning curves of the strategies")).to_be_visible()
    expect(page.get_by_role("img", name="Recall of the strategies")).to_be_visible()
    names = [f"{DEFAULT}, Linear SVM", "Margin, Automatic", "All labels, Linear SVM"]
    for name in names:
        assert name in drawn(page, "learning")
    assert f"{DEFAULT}, Linear SVM" in drawn(page, "recall")
    expect(page.get_by_role("row", name=f"{DEFAULT} Linear SVM")).to_have_count(3)
    assert axe(page) == []
    assert not overflows(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download all points as CSV").click()
    assert Path(download.value.path()).read_text().startswith("strategy,learner,seed")
    page.get_by_role("link", name="All simulations").click()
    earlier = page.get_by_role("region", name="Simulations so far").get_by_role("row").last
    expect(earlier).to_contain_text(f"{DEFAULT}, Margin, Random")
    expect(earlier).to_contain_text("Linear SVM")


def test_the_charts_are_in_the_readers_language_and_follow_the_theme(open_context, answered, lead) -> None:
    asked = {"strategies": ["random", "margin"], "learners": ["logistic"], "budget": 30}
    run = requests.request_simulation(answered, lead, asked)
    finish(run.pk)
    page = open_context(lead, color_scheme="light", locale="zh-CN").new_page()
    page.goto(f"/projects/{answered.pk}/simulations/{run.pk}/")
    light = drawn(page, "learning")
    assert list(light)[:2] == ["随机", "边缘采样"]
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(100)
    dark = drawn(page, "learning")
    assert list(dark) == list(light)
    assert all(dark[name] != light[name] for name in light)


def test_a_simulation_of_nothing_is_refused_where_it_is_asked_for(open_context, answered, lead, complaints) -> None:
    page = open_context(lead).new_page()
    page.goto(f"/projects/{answered.pk}/simulations/")
    for name in (DEFAULT, "Margin", "Random"):
        page.get_by_label(name, exact=True).uncheck()
    page.get_by_role("button", name="Start the simulation").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose at least one")
    expect(page.get_by_role("button", name="Start the simulation")).to_be_focused()
    complaints[:] = [line for line in complaints if "400" not in line]
