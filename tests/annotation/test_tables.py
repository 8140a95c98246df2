"""Tables in and out: a task type that takes as many columns as there are."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from annotation.errors import ImportRefused
from annotation.exports import exporting
from annotation.exports.column_order import record_columns_in_order
from annotation.imports import importing
from annotation.models import Annotation, Export, Import, ImportReject, Item, JobStatus, Project, User
from annotation.projects.item_filters import ItemFilter, ItemVisibility

TABLE = """id,zip,age,job,seconds,y
a1,8000,41,nurse,120,yes
a2,3000,,"cook, chef",7,no
a3,8000,29,nurse,,
a4,,,,,no
a5,8000,41,nurse,99,no
"""


@pytest.fixture
def table(project: Project) -> Project:
    project.task_type = "records"
    project.save()
    project.labels.all().delete()
    return project


@pytest.fixture
def bring(table: Project, lead: User, django_capture_on_commit_callbacks: Callable[..., Any]) -> Callable[..., Import]:
    def bring(text: str = TABLE, mapping: dict[str, Any] | None = None, name: str = "table.csv") -> Import:
        row = importing.create_import(table, lead, SimpleUploadedFile(name, text.encode()))
        with django_capture_on_commit_callbacks():
            importing.start_draft(row, mapping)
        importing.run_import(row.pk)
        row.refresh_from_db()
        return row

    return bring


def test_every_column_that_is_nothing_else_is_part_of_the_record(bring: Callable[..., Import], table: Project) -> None:
    row = bring(mapping={"id": "id", "label": "y", "hidden": ["seconds"]})
    assert row.mapping["fields"] == ["zip", "age", "job"]
    assert (row.rows_added, row.rows_duplicate, row.rows_rejected) == (3, 1, 1)
    first, second, third = Item.objects.order_by("position")
    assert first.content == {"fields": {"zip": "8000", "age": "41", "job": "nurse"}}
    assert (first.export_only, first.meta, first.external_id) == ({"seconds": "120"}, {}, "a1")
    assert second.content["fields"]["job"] == "cook, chef"
    assert list(Annotation.objects.order_by("item__position").values_list("value", flat=True)) == [
        {"labels": ["yes"]},
        {"labels": ["no"]},
    ]
    reasons = dict(ImportReject.objects.values_list("row", "reason"))
    assert reasons[4] == "All cells of the row are empty."
    assert "same as row 1" in reasons[5]
    assert table.label_names() == ["yes", "no"]
    assert third.answers == 0


def test_the_mapping_may_name_the_columns_and_keep_others_beside(bring: Callable[..., Import]) -> None:
    bring(mapping={"label": "y", "fields": ["job", "age"], "hidden": ["id"]})
    item = Item.objects.order_by("position")[0]
    assert item.content == {"fields": {"age": "41", "job": "nurse"}}
    assert item.meta == {"zip": "8000", "seconds": "120"}
    assert item.export_only == {"id": "a1"}


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({"label": "y", "fields": ["y", "age"]}, "two things"),
        ({"hidden": ["age"], "fields": ["age"]}, "two things"),
        ({"fields": ["salary"]}, "no column 'salary'"),
        ({"fields": "age"}, "fields is a list"),
        ({"fields": []}, "No column is left"),
        ({"text": "job"}, "does not know: text"),
    ],
)
def test_a_wrong_mapping_is_refused(table: Project, lead: User, mapping: dict[str, Any], words: str) -> None:
    row = importing.create_import(table, lead, SimpleUploadedFile("t.csv", TABLE.encode()))
    with pytest.raises(ImportRefused, match=words):
        importing.start_draft(row, mapping)
    row.refresh_from_db()
    assert row.status == JobStatus.DRAFT


def test_texts_take_no_fields(project: Project, lead: User) -> None:
    row = importing.create_import(project, lead, SimpleUploadedFile("t.csv", b"text,age\nhello,4\n"))
    with pytest.raises(ImportRefused, match="does not know: fields"):
        importing.start_draft(row, {"text": "text", "fields": ["age"]})


def test_a_table_without_a_known_answer_waits_for_a_person(table: Project, lead: User) -> None:
    certain = [
        importing.mapping_is_certain(importing.create_import(table, lead, SimpleUploadedFile("t.csv", text.encode())))
        for text in (TABLE, TABLE.replace(",y", ",bought"))
    ]
    assert certain == [True, False]


def test_json_values_keep_their_kind(bring: Callable[..., Import]) -> None:
    line = '{"n": 3, "ok": true, "none": null, "tags": ["a"], "name": "x"}\n{"n": 4.5}\n'
    bring(line, mapping={}, name="t.jsonl")
    first, second = Item.objects.order_by("position")
    assert first.content["fields"] == {"n": 3, "ok": True, "none": None, "tags": '["a"]', "name": "x"}
    assert second.content["fields"] == {"n": 4.5}


def test_columns_keep_the_order_of_the_files(bring: Callable[..., Import], table: Project) -> None:
    bring(mapping={"id": "id", "label": "y"})
    bring("job,age,extra\nbaker,50,7\n", mapping={})
    assert record_columns_in_order(table) == ["zip", "age", "job", "seconds", "extra"]


def test_columns_are_searched(bring: Callable[..., Import], table: Project, lead: User) -> None:
    bring(mapping={"id": "id", "label": "y"})
    found = ItemFilter(text="NURSE").items(ItemVisibility.for_user(lead, table))
    assert set(found.values_list("external_id", flat=True)) == {"a1", "a3", "a5"}


def exported(project: Project, lead: User, capture: Callable[..., Any]) -> str:
    with capture():
        run = exporting.create_export(project, lead, "csv", {"unlabelled": True})
    exporting.run_export(run.pk)
    with Export.objects.get(pk=run.pk).file.open("rb") as file:
        return str(file.read().decode())


def test_an_export_comes_back_as_it_was(
    bring: Callable[..., Import], table: Project, lead: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    bring(mapping={"id": "id", "label": "y", "hidden": ["seconds"]})
    before = list(Item.objects.order_by("position").values_list("external_id", "content"))
    text = exported(table, lead, django_capture_on_commit_callbacks)
    assert next(csv.reader(io.StringIO(text)))[:5] == ["external_id", "zip", "age", "job", "label"]
    Item.objects.all().delete()
    Import.objects.all().delete()
    row = importing.create_import(table, lead, SimpleUploadedFile("back.csv", text.encode()))
    assert importing.mapping_is_certain(row)
    assert "hidden.seconds" in row.mapping["hidden"]
    with django_capture_on_commit_callbacks():
        importing.start_draft(row)
    importing.run_import(row.pk)
    assert list(Item.objects.order_by("position").values_list("external_id", "content")) == before
    assert Annotation.objects.filter(item__external_id="a1").get().value == {"labels": ["yes"]}


def test_a_column_called_like_one_of_ours_has_a_longer_name(
    bring: Callable[..., Import], table: Project, lead: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    bring("score,age\n7,41\n", mapping={})
    text = exported(table, lead, django_capture_on_commit_callbacks)
    row = next(csv.DictReader(io.StringIO(text)))
    assert (row["content.score"], row["score"], row["age"]) == ("7", "", "41")


def test_pages_show_records_in_words(bring: Callable[..., Import], table: Project, lead: User, client: Client) -> None:
    bring(mapping={"id": "id", "label": "y"})
    client.force_login(lead)
    words = "zip: 8000; age: 41; job: nurse; seconds: 120"
    item = Item.objects.get(external_id="a1")
    assert words in client.get(f"/projects/{table.pk}/items/").content.decode()
    assert words in client.get(f"/projects/{table.pk}/items/{item.pk}/").content.decode()


def test_the_form_offers_every_column_as_part_of_the_record(table: Project, lead: User, client: Client) -> None:
    row = importing.create_import(table, lead, SimpleUploadedFile("t.csv", TABLE.encode()))
    client.force_login(lead)
    page = client.get(f"/projects/{table.pk}/imports/{row.pk}/").content.decode()
    assert page.count('<option value="fields" selected>') == 4  # not id and y
    assert "data-takes-columns" in page
