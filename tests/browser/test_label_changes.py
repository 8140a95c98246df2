"""A lead makes a project by keyboard from a pasted list, brings data in, and changes labels that have answers."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from annotation.imports import importing
from annotation.models import Annotation, Import, Project, User
from annotation.queue import answering
from tests.browser.conftest import PHONE, axe

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = 'name,key,description\nham,,"nice, plain"\nspam,s,\nadvert,1,\n'


def test_from_a_pasted_list_to_labels_that_change(open_context: Any, lead: User, tmp_path: Path) -> None:
    lead.is_staff = True
    lead.save()
    page = open_context(lead).new_page()
    page.goto("/projects/create/")
    page.keyboard.type("Messages")
    page.get_by_text("Paste a list").press("Enter")
    page.get_by_label("One label a line").fill(LIST)
    page.get_by_role("button", name="Add these labels").press("Enter")
    expect(page.locator("[data-rows] > [data-row]")).to_have_count(3)
    expect(page.locator('[data-part="key"]').first).to_have_value("2")  # 1 is asked for further down
    assert axe(page) == []
    page.get_by_role("button", name="Make the project").press("Enter")
    expect(page.get_by_role("button", name="Upload and preview")).to_be_enabled()
    expect(page.get_by_role("navigation", name="Steps of a new project")).to_contain_text("Data")
    project = Project.objects.get()
    assert [(row.name, row.key, row.description) for row in project.labels.all()] == [
        ("ham", "2", "nice, plain"),
        ("spam", "s", ""),
        ("advert", "1", ""),
    ]

    rows = "".join(f"message {n},{label}\n" for n, label in enumerate(["ham", "spam", "spam", "", "eggs"]))
    page.locator("[name=file]").set_input_files(
        {"name": "few.csv", "mimeType": "text/csv", "buffer": f"text,label\n{rows}".encode()}
    )
    page.get_by_role("button", name="Upload and preview").press("Enter")
    expect(page.get_by_role("button", name="Add these rows")).to_be_enabled()  # its script is there
    page.get_by_role("button", name="Add these rows").press("Enter")
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    importing.run_import(Import.objects.get().pk)
    expect(page.get_by_role("link", name="Invite people")).to_be_visible()
    expect(page.get_by_role("link", name="Annotate").last).to_be_visible()
    item = project.items.get(answers=0)
    answer = answering.Answer(uuid=uuid4(), item=item.pk, outcome="label", value={"labels": ["advert"]})
    answering.submit_answers(project, lead, [answer])

    page.goto(f"/projects/{project.pk}/settings/")
    page.wait_for_load_state("networkidle")
    change = page.get_by_role("region", name="Change labels that have answers")
    change.get_by_label("Label", exact=True).select_option("spam")
    change.get_by_label("New name").fill("junk")
    change.get_by_label("New name").press("Enter")
    expect(change).to_contain_text("2 answers name it")
    expect(change).to_contain_text("2 of the answers came with an upload")
    assert axe(page) == []
    assert Annotation.objects.filter(value={"labels": ["spam"]}, live=True).count() == 2
    change.get_by_role("button", name="Change it").press("Enter")
    done = change.get_by_role("status").filter(has_text="Done. “spam” is called “junk” from now on.")
    expect(done).to_be_focused()
    expect(change.get_by_text("Changes so far")).to_be_visible()  # the page of afterwards
    expect(done).to_be_in_viewport()
    assert axe(page) == []
    change.get_by_text("Changes so far").click()
    expect(change).to_contain_text("“spam” became “junk”")

    phone = open_context(lead, **PHONE).new_page()
    phone.goto(f"/projects/{project.pk}/settings/")
    change = phone.get_by_role("region", name="Change labels that have answers")
    change.get_by_label("Label", exact=True).select_option("advert")
    change.get_by_label("What to do").select_option("merge")
    change.get_by_label("Into").select_option("junk")
    change.get_by_role("button", name="Show what changes").tap()
    expect(change).to_contain_text("“advert” goes: its answers say “junk” from now on.")
    change.get_by_role("button", name="Change it").tap()
    change.get_by_text("Changes so far").tap()
    expect(change).to_contain_text("“advert” was merged into “junk”")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    said = Annotation.objects.answers().order_by("item").values_list("value__labels__0", flat=True)
    assert list(said) == ["ham", "junk", "junk", "junk"]


def test_a_change_asks_before_unsaved_settings_are_lost(
    open_context: Any, project: Project, lead: User, make_items: Any
) -> None:
    answer = answering.Answer(
        uuid=uuid4(), item=make_items(project, 1)[0].pk, outcome="label", value={"labels": ["spam"]}
    )
    answering.submit_answers(project, lead, [answer])
    page = open_context(lead).new_page()
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.goto(f"/projects/{project.pk}/settings/")
    page.wait_for_load_state("networkidle")  # its scripts are there
    page.get_by_label("People per item").fill("2")
    change = page.get_by_role("region", name="Change labels that have answers")
    change.get_by_label("Label", exact=True).select_option("spam")
    change.get_by_label("New name").fill("junk")
    change.get_by_role("button", name="Show what changes").click()
    change.get_by_role("button", name="Change it").click()
    expect(change.get_by_role("status")).to_have_text("Done. “spam” is called “junk” from now on.")
    expect(page.get_by_label("People per item")).to_have_value("2")
    assert asked == ["beforeunload"]
