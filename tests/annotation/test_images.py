"""Pictures in and out: an archive becomes items once, whatever happens; who may see an item sees its picture."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from annotation.errors import ImportRefused
from annotation.imports import image_storage, importing
from annotation.models import Annotation, Import, Item, JobStatus, Project, User
from annotation.projects.projects import delete_project
from annotation.views.images import image_address
from tests.pictures import archive, picture

pytestmark = pytest.mark.django_db
RED, BLUE, GREEN = picture("red"), picture("blue", (3000, 1500), "JPEG"), picture("green", kind="GIF")
FLOWERS = archive(
    {"rose/1.png": RED, "tulip/2.jpg": BLUE, "tulip/3.png": RED, "tulip/4.txt": b"no", "rose/5.gif": GREEN}
)


@pytest.fixture
def flowers(project: Project) -> Project:
    Project.objects.filter(pk=project.pk).update(task_type="image_classification")
    project.refresh_from_db()
    project.labels.all().delete()
    return project


@pytest.fixture
def bring(flowers: Project, lead: User) -> Callable[..., Import]:
    """Return a function archive, mapping -> the import when it has ended."""

    def run(raw: bytes, mapping: dict[str, Any] | None = None) -> Import:
        row = importing.create_import(flowers, lead, SimpleUploadedFile("flowers.zip", raw))
        assert importing.mapping_is_certain(row)
        importing.start_draft(row, mapping)
        importing.run_import(row.pk)
        row.refresh_from_db()
        return row

    return run


def counts(row: Import) -> tuple[int, int, int, int]:
    return row.rows_read, row.rows_added, row.rows_duplicate, row.rows_rejected


def files(project: Project) -> set[str]:
    root = Path(default_storage.path(f"images/{project.pk}"))
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def test_each_picture_is_an_item_with_its_label(bring: Any, flowers: Project) -> None:
    row = bring(FLOWERS)
    assert (row.status, counts(row)) == (JobStatus.DONE, (5, 3, 1, 1))
    assert row.bytes_read == row.options["bytes"]
    items = list(flowers.items.order_by("position"))
    assert [item.external_id for item in items] == ["tulip/3.png", "rose/5.gif", "tulip/2.jpg"]
    assert [(item.content["width"], item.content["height"]) for item in items] == [(60, 40), (60, 40), (3000, 1500)]
    assert [answer.value for answer in Annotation.objects.order_by("item__position")] == [
        {"labels": ["tulip"]},
        {"labels": ["rose"]},
        {"labels": ["tulip"]},
    ]
    told = dict(row.rejects.values_list("row", "reason"))
    assert told[3].startswith("The same as row 1")
    assert "not an image" in told[4]


def test_each_picture_is_kept_once_with_two_copies(bring: Any, flowers: Project) -> None:
    bring(FLOWERS)
    assert len(files(flowers)) == 3 * 3
    for item, raw in zip(flowers.items.order_by("position"), [RED, GREEN, BLUE], strict=True):
        with default_storage.open(image_storage.image_path(item.content, "full")) as file:
            assert file.read() == raw
    again = bring(FLOWERS, {"image": "image"})
    assert counts(again) == (5, 0, 4, 1)
    assert len(files(flowers)) == 9


def test_a_half_written_file_is_mended(flowers: Project) -> None:
    content = image_storage.store_image(flowers.pk, BLUE)
    path = Path(default_storage.path(content["image"]))
    path.write_bytes(BLUE[:100])
    assert image_storage.store_image(flowers.pk, BLUE) == content
    assert path.read_bytes() == BLUE
    assert len(files(flowers)) == 3


def test_a_killed_import_goes_on_where_it_was(
    flowers: Project, lead: User, bring: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK_FILES", 2)
    keep, seen = image_storage.store_image, []

    def dies(project: int, raw: bytes) -> dict[str, Any]:
        seen.append(raw)
        if len(seen) == 4:
            raise KeyboardInterrupt
        return keep(project, raw)

    monkeypatch.setattr(image_storage, "store_image", dies)
    row = importing.create_import(flowers, lead, SimpleUploadedFile("flowers.zip", FLOWERS))
    importing.start_draft(row)
    with pytest.raises(KeyboardInterrupt):
        importing.run_import(row.pk)
    row.refresh_from_db()
    assert (row.status, counts(row)) == (JobStatus.RUNNING, (2, 2, 0, 0))
    Import.objects.update(heartbeat_at=timezone.now() - timedelta(hours=1))
    importing.run_import(row.pk)
    row.refresh_from_db()
    assert (row.status, counts(row)) == (JobStatus.DONE, (5, 3, 1, 1))
    assert [item.position for item in flowers.items.order_by("pk")] == [0, 1, 2]
    assert len(seen) == 4 + 3  # what was committed is not looked at again


def test_the_label_may_be_kept_hidden(bring: Any, flowers: Project) -> None:
    flowers.labels.create(name="rose")
    bring(FLOWERS, {"image": "image", "hidden": ["label"]})
    assert not Annotation.objects.exists()
    assert [item.export_only for item in flowers.items.order_by("position")][:2] == [
        {"label": "tulip"},
        {"label": "rose"},
    ]


def test_a_picture_with_too_many_pixels_is_a_reject(bring: Any, settings: LazySettings) -> None:
    settings.IMAGE_MAX_PIXELS = 1_000_000
    assert "more than 1 megapixels" in dict(bring(FLOWERS).rejects.values_list("row", "reason"))[5]


def test_a_table_is_no_file_for_images_nor_the_other_way(project: Project, flowers: Project, lead: User) -> None:
    with pytest.raises(ImportRefused, match="in a ZIP archive"):
        importing.create_import(flowers, lead, SimpleUploadedFile("a.csv", b"text\nhello\n"))
    Project.objects.filter(pk=project.pk).update(task_type="text_classification")
    project.refresh_from_db()
    with pytest.raises(ImportRefused, match="no images"):
        importing.create_import(project, lead, SimpleUploadedFile("a.zip", FLOWERS))
    assert not Import.objects.exists()


def address(item: Item, size: str = "") -> str:
    return f"/projects/{item.project_id}/items/{item.pk}/image/" + (f"?size={size}" if size else "")


@pytest.mark.parametrize(("size", "kind"), [("", "image/jpeg"), ("thumb", "image/jpeg"), ("full", "image/gif")])
def test_a_picture_is_served_as_what_it_is(
    bring: Any, flowers: Project, client_of: Callable[..., Client], annotator: User, size: str, kind: str
) -> None:
    bring(FLOWERS)
    item = flowers.items.get(external_id="rose/5.gif")
    client = client_of(annotator)
    where = image_address(item, size or "screen")
    response = client.get(where)
    body = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert (response.status_code, response["Content-Type"]) == (200, kind)
    assert (body == GREEN) is (size == "full")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    again = client.get(where, headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", response["ETag"])


def test_other_sizes_and_other_items_have_none(
    bring: Any, flowers: Project, client_of: Callable[..., Client], annotator: User, make_items: Any
) -> None:
    bring(FLOWERS)
    flowers.refresh_from_db()
    [text] = make_items(flowers, 1)
    client = client_of(annotator)
    assert client.get(address(flowers.items.earliest("position"), "../full")).status_code == 400
    assert client.get(address(text)).status_code == 404
    other = Project.objects.create(name="other", task_type="image_classification")
    item = flowers.items.earliest("position")
    assert client.get(f"/projects/{other.pk}/items/{item.pk}/image/").status_code == 404


def test_pages_of_items_show_pictures(
    bring: Any, flowers: Project, client_of: Callable[..., Client], annotator: User
) -> None:
    bring(FLOWERS)
    item = flowers.items.earliest("position")
    client = client_of(annotator)
    listed = client.get(f"/projects/{flowers.pk}/items/").content.decode()
    shown = client.get(f"/projects/{flowers.pk}/items/{item.pk}/").content.decode()
    assert f'src="{escape(image_address(item, "thumb"))}"' in listed
    assert f'src="{escape(image_address(item, "screen"))}"' in shown


def listed_ids(client: Client, project: Project, **filters: str) -> list[str]:
    rows = client.get(f"/api/v1/projects/{project.pk}/items/", filters).json()["results"]
    return [row["external_id"] for row in rows]


@pytest.mark.parametrize("who", ["annotator", "reviewer"])
def test_a_hidden_label_is_in_no_id_that_annotators_see(
    bring: Any, flowers: Project, client_of: Callable[..., Client], lead: User, request: pytest.FixtureRequest, who: str
) -> None:
    flowers.labels.create(name="rose")
    bring(FLOWERS, {"image": "image", "id": "file", "hidden": ["label"]})
    client, leads = client_of(request.getfixturevalue(who)), client_of(lead)
    item = flowers.items.get(external_id="rose/5.gif")
    api, pages = f"/api/v1/projects/{flowers.pk}", f"/projects/{flowers.pk}"
    taken = client.post(f"{api}/next/", {"limit": 3}, content_type="application/json").content.decode()
    seen = {
        "next": taken,
        "items": client.get(f"{api}/items/").content.decode(),
        "item": client.get(f"{api}/items/{item.pk}/").content.decode(),
        "page": client.get(f"{pages}/items/").content.decode(),
        "item page": client.get(f"{pages}/items/{item.pk}/").content.decode(),
        "annotate page": client.get(f"{pages}/annotate/").content.decode(),
    }
    for name, body in seen.items():
        assert "rose/" not in body, name
        assert "tulip" not in body, name
    assert "5.gif" in seen["item page"]
    assert sorted(listed_ids(client, flowers)) == ["2.jpg", "3.png", "5.gif"]
    # nor can they be guessed
    for filters in ({"text": "rose"}, {"text": "rose/5"}, {"external_id": "rose/5.gif"}, {"external_id": "/5.gif"}):
        assert listed_ids(client, flowers, **filters) == []
    assert listed_ids(leads, flowers, text="rose/") == ["rose/5.gif"]
    assert listed_ids(leads, flowers, external_id="rose/5.gif") == ["rose/5.gif"]


def test_without_hidden_columns_annotators_find_images_by_their_names(
    bring: Any, flowers: Project, client_of: Callable[..., Client], annotator: User
) -> None:
    bring(FLOWERS)
    client = client_of(annotator)
    assert listed_ids(client, flowers, text="5.G") == ["5.gif"]
    assert listed_ids(client, flowers, external_id="5.gif") == ["5.gif"]
    assert listed_ids(client, flowers, text=".*") == []


@pytest.mark.parametrize(
    ("external_id", "export_only", "shown"),
    [
        ("a/17", {}, "a/17"),
        ("spam/17", {"truth": "spam"}, "17"),
        ("sets/Spam/17", {"truth": "spam"}, "17"),
        ("spam-17", {"truth": "spam"}, ""),
        ("17", {"truth": "1"}, "17"),  # a single character is in any id
        ("", {"truth": "spam"}, ""),
    ],
)
def test_ids_of_texts_do_not_tell_either(external_id: str, export_only: dict[str, str], shown: str) -> None:
    item = Item(external_id=external_id, export_only=export_only, content={"text": "hello"})
    assert item.public_id == shown


@pytest.mark.django_db(transaction=True)
def test_pictures_go_with_their_project(bring: Any, flowers: Project) -> None:
    bring(FLOWERS)
    with transaction.atomic():
        delete_project(flowers)
    assert not default_storage.exists(f"images/{flowers.pk}")
