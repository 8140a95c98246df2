"""Ratings and preferences: brought in as tables, seen and given by keyboard and by touch."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import expect

from annotation.imports import importing
from annotation.models import Annotation, Import, Membership, Project, User
from annotation.projects import projects
from tests.annotation.test_ratings import MOVIES, RATINGS, USERS, packed
from tests.browser.conftest import PHONE, axe, opened
from tests.browser.test_annotate import wait_saved

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def project(lead: User, annotator: User) -> Project:
    made = projects.create_project(lead, "Films", "ratings", [])
    Membership.objects.create(project=made, user=annotator)
    return made


def bring(project: Project, lead: User) -> None:
    archive = packed(ratings=RATINGS, movies=MOVIES, users=USERS).read()
    run = importing.create_import(project, lead, SimpleUploadedFile("films.zip", archive))
    importing.start_draft(run)
    importing.run_import(run.pk)


def given() -> list[float]:
    rows = Annotation.objects.answers().filter(user__is_machine=False).order_by("pk")
    return [row.value["rating"] for row in rows]


def test_ratings_by_keyboard(open_context, project, lead, annotator) -> None:
    bring(project, lead)
    page = opened(open_context(annotator), project)
    first = page.locator(".ra-question").inner_text()
    assert first.startswith("What does u")
    assert "movieId" not in first
    expect(page.locator(".an-fields dt").first).to_have_text("Thing")
    expect(page.get_by_role("button", name="4.5")).to_have_attribute("aria-keyshortcuts", "9")
    assert axe(page) == []
    page.keyboard.press("9")
    page.keyboard.press("0")
    page.keyboard.press("Backspace")
    page.keyboard.press("1")
    page.keyboard.press(" ")  # not known: skipped
    wait_saved(page)
    assert given() == [4.5, 0.5]
    expect(page.locator('[data-part="history"] li', has_text="4.5").first).to_contain_text("Film, no.")


def test_likes_by_touch_in_the_dark(open_context, project, lead, annotator) -> None:
    labels = [{"name": "0", "description": "Dislike"}, {"name": "1", "description": "Like"}]
    project = projects.create_project(lead, "Likes", "ratings", labels)
    Membership.objects.create(project=project, user=annotator)
    table = b"user,thing,title,rating\nu1,m1,Alien,\nu1,m2,Casablanca,\n"
    run = importing.create_import(project, lead, SimpleUploadedFile("films.csv", table))
    importing.start_draft(run)
    importing.run_import(run.pk)
    page = opened(open_context(annotator, **PHONE, color_scheme="dark"), project)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Like", exact=True).tap()
    wait_saved(page)
    assert given() == [1.0]


def test_a_lead_sees_how_tables_were_joined(open_context, project, lead, tmp_path: Path) -> None:
    path = tmp_path / "films.zip"
    path.write_bytes(packed(ratings=RATINGS, movies=MOVIES).read())
    page = open_context(lead).new_page()
    page.goto(f"/projects/{project.pk}/imports/")
    page.set_input_files("#file", path)
    page.get_by_role("button", name="Upload and preview").click()
    roles = page.locator("[data-column]")
    expect(roles).to_have_count(6)
    chosen = [roles.nth(n).input_value() for n in range(6)]
    assert chosen == ["user", "thing", "label", "meta", "fields", "fields"]
    assert axe(page) == []
    page.get_by_role("button", name="Add these rows").click()
    expect(page.locator("[data-state]")).to_be_visible()
    assert Import.objects.get().mapping["fields"] == ["title", "genres"]


def of_films(lead: User, annotator: User) -> Project:
    """Return a project in which two films a time are compared."""
    project = projects.create_project(lead, "Which film", "preference", [])
    Membership.objects.create(project=project, user=annotator)
    rows = "".join(f"m{n},m{n + 1},Film {n},Film {n + 1}\n" for n in range(6))
    table = f"left,right,left.title,right.title\n{rows}".encode()
    run = importing.create_import(project, lead, SimpleUploadedFile("films.csv", table))
    importing.start_draft(run, {"left": "left", "right": "right"})
    importing.run_import(run.pk)
    return project


def test_two_things_side_by_side(open_context, lead, annotator) -> None:
    page = opened(open_context(annotator), of_films(lead, annotator))
    expect(page.get_by_role("region", name="Left").locator("dt")).to_have_text("title")
    assert axe(page) == []
    for key in ("ArrowRight", "0", "1"):
        page.keyboard.press(key)
    wait_saved(page)
    answers = Annotation.objects.answers().order_by("pk")
    assert [row.value["labels"][0] for row in answers] == ["right", "same", "left"]
    expect(page.locator('[data-part="history"] li', has_text="No difference")).to_have_count(1)


def test_one_above_the_other_on_a_phone(open_context, lead, annotator) -> None:
    page = opened(open_context(annotator, **PHONE, color_scheme="dark"), of_films(lead, annotator))
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    left, right = (page.get_by_role("region", name=name).bounding_box() for name in ("Left", "Right"))
    assert left["y"] + left["height"] <= right["y"]
    assert left["x"] == right["x"]
    page.get_by_role("button", name="No difference").tap()
    wait_saved(page)
    assert Annotation.objects.answers().get().value == {"labels": ["same"]}


def of_texts(lead: User, annotator: User) -> Project:
    """Return a project in which two long texts a time are compared."""
    project = projects.create_project(lead, "Which answer", "preference", [])
    Membership.objects.create(project=project, user=annotator)
    rows = "".join(f"a{n},b{n},{'The cat sat on the mat. ' * 20},{'Dogs bark at night. ' * 20}\n" for n in range(3))
    table = f"left,right,left.text,right.text\n{rows}".encode()
    run = importing.create_import(project, lead, SimpleUploadedFile("answers.csv", table))
    importing.start_draft(run, {"left": "left", "right": "right"})
    importing.run_import(run.pk)
    return project


def test_a_long_text_has_the_width_of_its_card(open_context, lead, annotator) -> None:
    page = opened(open_context(annotator), of_texts(lead, annotator))
    for name in ("Left", "Right"):
        card = page.get_by_role("region", name=name)
        side, title, value = (one.bounding_box() for one in (card, card.locator("dt"), card.locator("dd")))
        assert value["width"] > 0.85 * side["width"]
        assert value["y"] >= title["y"] + title["height"]


def test_on_a_phone_a_swipe_goes_from_one_long_text_to_the_other(open_context, lead, annotator) -> None:
    page = opened(open_context(annotator, **PHONE), of_texts(lead, annotator))
    left, right = (page.get_by_role("region", name=name) for name in ("Left", "Right"))
    expect(right).to_be_in_viewport(ratio=0.01)  # its edge
    assert left.bounding_box()["y"] == right.bounding_box()["y"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert axe(page) == []
    page.locator(".pr-sides").focus()
    for _ in range(12):
        page.keyboard.press("ArrowRight")  # as a swipe does; where both are in sight the arrow is an answer
    expect(right).to_be_in_viewport(ratio=0.5)
    assert not Annotation.objects.exists()
    page.get_by_role("button", name="Right").tap()
    expect(left.get_by_role("heading")).not_to_have_text("a0")
    expect(right).not_to_be_in_viewport(ratio=0.3)  # the next pair begins with the left one
    wait_saved(page)
    assert Annotation.objects.answers().get().value == {"labels": ["right"]}


def test_the_choices_are_said_in_chinese_on_every_page(open_context, lead) -> None:
    project = of_films(lead, User.objects.create_user("somebody"))
    page = opened(open_context(lead, locale="zh-CN"), project)
    expect(page.locator(".an-label__name")).to_have_text(["左", "右", "没有差别"])
    expect(page.get_by_role("region", name="右")).to_be_visible()
    page.keyboard.press("2")
    expect(page.locator('[data-part="history"] .an-line__answer')).to_have_text("右")
    expect(page.locator('[data-part="status"]')).to_have_text("全部标注已保存")
    page.goto(f"/projects/{project.pk}/dashboard/")
    expect(page.locator('[data-part="counts-table"] th[scope="col"]')).to_have_text(
        ["标注者", "左", "右", "没有差别", "全部"]
    )
    page.wait_for_function("Chart.getChart('counts-canvas')?.data.labels.join() === '左,右,没有差别'")
