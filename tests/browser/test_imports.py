"""A lead brings data in by keyboard: what is refused says why, and the next key goes on from there."""

import json
from typing import Any

import pytest
from playwright.sync_api import expect

from annotation.imports import importing
from annotation.models import Annotation, Import, Project, User
from annotation.projects.projects import create_project
from annotation.tasktypes import TASK_TYPES
from tests.pictures import archive, picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_empty_file_is_refused_where_it_was_chosen(
    open_context: Any, project: Project, lead: User, complaints: list[str]
) -> None:
    page = open_context(lead).new_page()
    page.goto(f"/projects/{project.pk}/imports/")
    page.locator("[name=file]").set_input_files({"name": "empty.csv", "mimeType": "text/csv", "buffer": b""})
    button = page.get_by_role("button", name="Upload and preview")
    expect(button).to_be_enabled()  # its script is there
    button.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("The file is empty")
    expect(button).to_be_focused()
    complaints[:] = [line for line in complaints if "400" not in line]


def lines(*rows: dict[str, Any]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


NOTE = {"text": "Ada in Paris"}
SPAN = {"start": 0, "end": 3, "label": "a", "token_start": 0, "token_end": 0}
PLACE = b"<bndbox><xmin>3</xmin><ymin>4</ymin><xmax>13</xmax><ymax>12</ymax></bndbox>"
BOX = b"<annotation><object><name>a</name>" + PLACE + b"</object></annotation>"
# task type -> a file as people have it, and the answer in it
FILES: dict[str, tuple[str, bytes, dict[str, Any]]] = {
    "text_classification": ("a.csv", b"text,label\nAda in Paris,a\n", {"labels": ["a"]}),
    "text_multilabel": ("a.jsonl", lines({**NOTE, "labels": ["b", "a"]}), {"labels": ["a", "b"]}),
    "text_pair_classification": (
        "a.csv",
        b"question1,question2,is_duplicate\nWhere?,In which place?,a\n",
        {"labels": ["a"]},
    ),
    "records": ("a.csv", b"age,job,label\n41,nurse,a\n", {"labels": ["a"]}),
    "record_numbers": ("a.csv", b"rooms,place,price\n3,Paris,41.5\n", {"number": 41.5}),
    "image_classification": (
        "a.zip",
        archive({"1.png": picture("red"), "labels.csv": b"file,label\n1.png,a\n"}),
        {"labels": ["a"]},
    ),
    "spans": ("a.jsonl", lines({**NOTE, "spans": [SPAN]}), {"spans": [{"start": 0, "end": 3, "label": "a"}]}),
    "boxes": (
        "a.zip",
        archive({"1.png": picture("red"), "1.xml": BOX}),
        {"boxes": [{"x": 3.0, "y": 4.0, "w": 10.0, "h": 8.0, "label": "a"}]},
    ),
    "ratings": ("a.csv", b"user,movie,year,rating\nada,Alien,1979,4.5\n", {"rating": 4.5}),
    "preference": ("a.csv", b"left,right,choice\nAlien,Amelie,right\n", {"labels": ["right"]}),
}


@pytest.mark.parametrize("name", TASK_TYPES)
def test_a_file_of_every_task_type_comes_in_with_its_answers(open_context: Any, lead: User, name: str) -> None:
    file, raw, answer = FILES[name]
    kind = TASK_TYPES[name]
    project = create_project(
        lead, "Mine", name, [] if kind.built_in_labels or not kind.answer.has_labels else [{"name": "a"}, {"name": "b"}]
    )
    page = open_context(lead).new_page()
    page.goto(f"/projects/{project.pk}/imports/")
    upload = page.get_by_role("button", name="Upload and preview")
    expect(upload).to_be_enabled()
    page.locator("[name=file]").set_input_files({"name": file, "mimeType": "application/octet-stream", "buffer": raw})
    upload.press("Enter")
    add = page.get_by_role("button", name="Add these rows")
    expect(add).to_be_enabled()
    add.press("Enter")
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    importing.run_import(Import.objects.get().pk)
    expect(page.get_by_role("link", name="See the items")).to_be_visible()
    assert [row.value for row in Annotation.objects.filter(project=project)] == [answer]
    item = project.items.get()
    assert not {"label", "labels", "spans", "boxes", "price", "rating", "choice"} & {*item.meta, *item.content}, (
        "leaked"
    )
