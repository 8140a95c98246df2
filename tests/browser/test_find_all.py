"""Find all items of one label: from the wizard over the keys to what the dashboard says of recall."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from annotation.models import Annotation, Item, Project, User
from tests.browser.conftest import axe, wait_until_seen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def make_search(page: Page) -> Project:
    page.goto("/projects/create/")
    page.get_by_label("Name", exact=True).first.fill("Review")
    page.get_by_label("Object boxes").check()
    goal = page.get_by_role("group", name="What is the goal?")
    expect(goal).to_be_hidden()
    page.get_by_label("Text classification", exact=True).check()
    expect(page.get_by_label("Topic")).to_be_hidden()
    goal.get_by_label("Find all items of one label").check()
    expect(page.get_by_label("Label to find").get_by_role("option")).to_have_text(
        ["The first label", "Relevant", "Not relevant"]
    )
    page.get_by_label("Label to find").select_option("Relevant")
    page.get_by_label("Topic").fill("Trials of a drug")
    page.get_by_label("Reasons for exclusion").fill("no control group\n\nanimals\n")
    assert axe(page) == []
    page.get_by_role("button", name="Make the project").click()
    expect(page.get_by_role("button", name="Upload and preview")).to_be_enabled()
    return Project.objects.get(name="Review")


def test_a_search_is_made_read_and_told(open_context: Any, lead: User, make_items: Callable[..., list[Item]]) -> None:
    lead.is_staff = True
    lead.save()
    page = open_context(lead).new_page()
    project = make_search(page)
    assert project.settings["exclusion_reasons"] == ["no control group", "animals"]
    assert project.settings["batch_size"] == 10
    make_items(project, [f"A trial of drug {n}" for n in range(40)])
    page.goto(f"/projects/{project.pk}/annotate/")
    reasons = page.get_by_role("group", name="Reason for exclusion")
    expect(reasons.get_by_role("button")).to_have_text(["3 no control group", "4 animals"])
    assert axe(page) == []
    history = page.locator("[data-part=history]")
    for count, key in enumerate("1234222222", start=1):
        wait_until_seen(page)
        page.keyboard.press(key)
        expect(history.get_by_role("listitem")).to_have_count(count)
    expect(page.locator(".an-status")).to_contain_text("saved")
    answers = list(Annotation.objects.order_by("pk").values_list("value", "exclusion_reason"))
    yes, no = {"labels": ["Relevant"]}, {"labels": ["Not relevant"]}
    assert answers == [(yes, None), (no, None), (no, "no control group"), (no, "animals"), *[(no, None)] * 6]
    page.goto(f"/projects/{project.pk}/dashboard/")
    expect(page.locator("[data-part=recall-bound]")).to_have_text(re.compile(r"^\d+%$"))
    expect(page.locator("[data-part=found]")).to_have_text("1")
    expect(page.locator("[data-part=exclusions]")).to_contain_text("animals")
    expect(page.get_by_role("heading", name="Learning curve")).to_be_hidden()
    assert page.evaluate("Chart.getChart(document.querySelector('[data-part=finds-canvas]')).data.datasets.length") >= 1
    assert axe(page) == []
