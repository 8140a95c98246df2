"""Boxes through the database: they come with their images, are shown on the item's page, and leave as COCO."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image, ImageChops, ImageOps

from annotation.errors import InvalidRequest
from annotation.exports import export_table, exporting
from annotation.formats import image_reading
from annotation.imports import importing
from annotation.models import Annotation, Import, JobStatus, Project, User
from tests.annotation.test_box_files import box, voc
from tests.pictures import archive, picture

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
CELLS = {
    "set/images/a.png": picture("red"),
    "set/images/b.png": picture("blue"),
    "set/images/c.png": picture("tan"),
    "set/xml/a.xml": voc(("cell", 3, 4, 13, 12), ("cell", 5, 5, 5, 5), ("dust", 50, 30, 99, 99)),
    "set/xml/b.xml": voc(),
}
HAS = {"set/images/a.png": [box(3, 4, 10, 8), box(50, 30, 10, 10, "dust")], "set/images/b.png": []}


@pytest.fixture
def cells(project: Project) -> Project:
    Project.objects.filter(pk=project.pk).update(task_type="boxes")
    project.refresh_from_db()
    project.labels.all().delete()
    return project


@pytest.fixture
def bring(cells: Project, lead: User) -> Callable[..., Import]:
    """Return a function archive -> the import when it has ended, as it is guessed."""

    def run(raw: bytes) -> Import:
        row = importing.create_import(cells, lead, SimpleUploadedFile("cells.zip", raw))
        importing.start_draft(row)
        importing.run_import(row.pk)
        row.refresh_from_db()
        return row

    return run


def boxes() -> dict[str, Any]:
    rows = Annotation.objects.answers().select_related("item")
    return {row.item.external_id: row.value["boxes"] for row in rows}


def test_boxes_come_with_their_images(bring: Callable[..., Import], cells: Project) -> None:
    row = bring(archive(CELLS))
    assert (row.status, row.rows_added, row.rows_rejected) == (JobStatus.DONE, 3, 1)
    assert boxes() == HAS  # cut at the edge of the image
    assert cells.label_names() == ["cell", "dust"]
    assert cells.items.filter(answers=0).count() == 1
    [(number, reason)] = row.rejects.values_list("row", "reason")
    assert number == 4
    assert "no area" in reason


def test_a_table_inside_may_have_them(bring: Callable[..., Import]) -> None:
    table = io.StringIO()
    table.write("file,boxes\n")
    for name, given in HAS.items():
        cell = json.dumps(given).replace('"', '""')
        table.write(f'{name},"{cell}"\n')
    pictures = {name: raw for name, raw in CELLS.items() if name.endswith(".png")}
    row = bring(archive({**pictures, "labels.csv": table.getvalue().encode()}))
    assert (row.rows_added, row.rows_rejected) == (3, 0)
    assert boxes() == HAS


def test_other_projects_do_not_take_them_for_labels(bring: Callable[..., Import], cells: Project) -> None:
    Project.objects.filter(pk=cells.pk).update(task_type="image_classification")
    cells.refresh_from_db()
    assert bring(archive(CELLS)).rows_added == 3
    assert not Annotation.objects.exists()
    assert "boxes" in cells.items.get(position=0).export_only
    assert not cells.items.get(position=0).meta


def test_they_leave_as_coco_and_come_back(bring: Callable[..., Import], cells: Project, lead: User) -> None:
    bring(archive(CELLS))
    run = exporting.create_export(cells, lead, "coco", {"unlabelled": False})
    exporting.run_export(run.pk)
    run.refresh_from_db()
    assert (run.status, run.rows_written, run.error) == (JobStatus.DONE, 2, "")
    with run.file.open("rb") as file:
        raw = file.read()
    said = json.loads(raw)
    assert {one["file_name"]: (one["width"], one["height"]) for one in said["images"]} == dict.fromkeys(HAS, (60, 40))
    assert [one["name"] for one in said["categories"]] == ["cell", "dust"]
    assert [(one["bbox"], one["category_id"], one["area"]) for one in said["annotations"]] == [
        ([3, 4, 10, 8], 1, 80),
        ([50, 30, 10, 10], 2, 100),
    ]
    cells.items.all().delete()
    Project.objects.filter(pk=cells.pk).update(item_count=0)
    pictures = {name: picture for name, picture in CELLS.items() if name.endswith(".png")}
    assert bring(archive({**pictures, "instances.json": raw}, zipfile.ZIP_STORED)).rows_added == 3
    assert boxes() == HAS


@pytest.mark.parametrize("orientation", range(1, 9))
def test_boxes_drawn_on_the_stored_image_are_turned_with_it(
    bring: Callable[..., Import], cells: Project, orientation: int
) -> None:
    """A blue stretch in the stored pixels is where the box is on the upright image."""
    stored = Image.new("RGB", (200, 100), "white")
    stored.paste("blue", (10, 20, 60, 40))
    exif = Image.Exif()
    exif[image_reading.ORIENTATION] = orientation
    out = io.BytesIO()
    stored.save(out, "PNG", exif=exif)
    sideways = orientation in image_reading.SIDEWAYS_ORIENTATIONS
    drawn = (10, 20, 60, 40) if sideways or orientation == 1 else _blue_part(out.getvalue())
    assert bring(archive({"a.png": out.getvalue(), "a.xml": voc(("cell", *drawn), size=(200, 100))})).rows_added == 1
    item = cells.items.get()
    assert (item.content["width"], item.content["height"]) == ((100, 200) if sideways else (200, 100))
    left, top, right, bottom = _blue_part(out.getvalue())
    assert boxes() == {"a.png": [box(left, top, right - left, bottom - top)]}


def _blue_part(raw: bytes) -> tuple[int, int, int, int]:
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(raw)))
    part = ImageChops.invert(upright.convert("RGB").getchannel("R")).getbbox()
    assert part
    return part


def test_boxes_for_an_image_of_another_size_are_told_and_not_taken(
    bring: Callable[..., Import], cells: Project, api_of: Callable[..., Any], lead: User
) -> None:
    row = bring(archive({"a.png": picture("red"), "a.xml": voc(("cell", 3, 4, 13, 12), size=(600, 400))}))
    assert (row.rows_added, row.rows_rejected, row.rows_unanswered) == (1, 0, 1)
    assert boxes() == {}
    [(number, kind, reason)] = row.rejects.values_list("row", "kind", "reason")
    assert (number, kind) == (1, "unanswered")
    assert "600 x 400" in reason
    assert "60 x 40" in reason
    told = api_of(lead).get(f"/api/v1/projects/{cells.pk}/imports/{row.pk}/").json()
    assert told["rows_unanswered"] == 1
    lines = b"".join(api_of(lead).get(told["rejects_url"]).streaming_content).decode()
    assert "unanswered" in lines


def test_coco_leaves_out_images_without_an_answer_and_keeps_those_with_nothing_on_them(
    bring: Callable[..., Import], cells: Project
) -> None:
    pictures = {name: raw for name, raw in CELLS.items() if name.endswith(".png")}
    bring(archive({**pictures, "set/xml/b.xml": voc()}))
    text = exporting.preview_export(cells, "coco", export_table.Filters("gold", unlabelled=True))["text"]
    assert [one["file_name"] for one in json.loads(text)["images"]] == ["set/images/b.png"]
    cells.items.all().delete()
    Project.objects.filter(pk=cells.pk).update(item_count=0)
    bring(archive({**pictures, "instances.json": text.encode()}))
    assert boxes() == {"set/images/b.png": []}


def test_two_answers_about_an_image_are_one_image_in_coco(
    bring: Callable[..., Import], cells: Project, lead: User, annotator: User
) -> None:
    bring(archive(CELLS))
    item = cells.items.get(external_id="set/images/a.png")
    value = {"boxes": [box(1, 1, 5, 5)]}
    Annotation.objects.create(project=cells, item=item, user=annotator, outcome="label", value=value, reason="overlap")
    text = exporting.preview_export(cells, "coco", export_table.Filters("all"))["text"]
    said = json.loads(text)
    assert sorted(one["file_name"] for one in said["images"]) == sorted(HAS)
    assert [one["annotator"] for one in said["annotations"]] == ["imported", "imported", "annotator"]
    Project.objects.filter(pk=cells.pk).update(task_type="image_classification")
    with pytest.raises(InvalidRequest):
        exporting.create_export(Project.objects.get(pk=cells.pk), lead, "coco")


def test_the_page_of_an_item_shows_them(
    bring: Callable[..., Import], cells: Project, client: Client, reviewer: User
) -> None:
    bring(archive(CELLS))
    client.force_login(reviewer)
    page = client.get(
        f"/projects/{cells.pk}/items/{cells.items.get(external_id='set/images/a.png').pk}/"
    ).content.decode()
    assert 'viewBox="0 0 60 40"' in page
    assert page.count('class="al-item__box"') == 2
    assert 'x="50.0" y="30.0" width="10.0" height="10.0"' in page
    assert "<title>dust</title>" in page
    bare = client.get(
        f"/projects/{cells.pk}/items/{cells.items.get(external_id='set/images/c.png').pk}/"
    ).content.decode()
    assert "al-item__box" not in bare
