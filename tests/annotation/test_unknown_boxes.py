"""Boxes that are not known are not none; forms of boxes that are not read are named."""

import csv
import io
import time
from typing import Any

import pytest

from annotation.errors import ImportRefused
from annotation.formats import BadRow, Record, inspect_file, read_rows
from tests.annotation.test_box_files import box, coco, read, voc
from tests.pictures import archive, picture

RED, BLUE = picture("red"), picture("blue")
A = {"id": 7, "file_name": "a.png", "width": 60, "height": 40}


def of_coco(**parts: object) -> tuple[dict[str, Any], list[str]]:
    good, bad = read(archive({"a.png": RED, "c.json": coco(**{"images": [A], **parts})}))
    return good, [row.reason for row in bad]


@pytest.mark.parametrize(("image_id", "category_id"), [("7", 1), (7.0, "1"), (7, 1.0)])
def test_ids_of_another_json_type_are_the_same(image_id: object, category_id: object) -> None:
    annotations = [{"id": 1, "image_id": image_id, "category_id": category_id, "bbox": [3, 4, 10, 8]}]
    assert of_coco(annotations=annotations) == ({"a.png": [box(3, 4, 10, 8)]}, [])


def test_a_polygon_without_a_box_has_the_box_around_it() -> None:
    polygons = [[5, 5, 25, 5, 25, 20], [30, 8, 31, 9, 30, 9]]
    annotations = [{"id": 1, "image_id": 7, "category_id": 1, "segmentation": polygons}]
    assert of_coco(annotations=annotations) == ({"a.png": [box(5, 5, 26, 15)]}, [])


@pytest.mark.parametrize(
    "annotation",
    [
        {"image_id": 7, "category_id": 1, "segmentation": {"counts": "abc", "size": [40, 60]}},
        {"image_id": 7, "category_id": 1, "segmentation": [[5, 5]]},
        {"image_id": 7, "category_id": 9, "bbox": [1, 1, 5, 5]},
        {"image_id": 7, "category_id": 1, "bbox": [1, 1, 5, 5], "iscrowd": 1},
        {"image_id": 99, "category_id": 1, "bbox": [1, 1, 5, 5]},
    ],
)
def test_an_image_whose_boxes_were_refused_has_no_answer(annotation: dict[str, Any]) -> None:
    good, reasons = of_coco(annotations=[{"id": 1, **annotation}])
    assert good == {}
    assert len(reasons) == 1
    assert reasons[0].startswith("The box was left out: ")


def test_a_file_without_annotations_says_nothing_about_its_images() -> None:
    assert of_coco() == ({}, [])
    other = {"id": 8, "file_name": "b.png"}
    known = coco(images=[A, other], annotations=[{"id": 1, "image_id": 7, "category_id": 1, "bbox": [1, 1, 5, 5]}])
    assert read(archive({"a.png": RED, "b.png": BLUE, "c.json": known}))[0]["b.png"] == []


def test_voc_with_refused_boxes_only_has_no_answer() -> None:
    good, bad = read(archive({"a.png": RED, "a.xml": voc(("cell", 7, 7, 7, 7)), "b.png": BLUE, "b.xml": voc()}))
    assert good == {"b.png": []}
    assert len(bad) == 1


def test_a_mask_is_no_image_of_its_own() -> None:
    raw = archive(
        {
            "JPEGImages/1.jpg": RED,
            "JPEGImages/2.jpg": BLUE,
            "SegmentationClass/1.png": BLUE,
            "masks/2_mask.png": RED,
            "Annotations/1.xml": voc(("cell", 3, 4, 13, 12)),
        }
    )
    found = list(read_rows(io.BytesIO(raw), inspect_file(io.BytesIO(raw)).options))
    files = {row.fields["file"] for row in found if isinstance(row, Record)}
    assert files == {"JPEGImages/1.jpg", "JPEGImages/2.jpg"}
    assert read(raw)[0] == {"JPEGImages/1.jpg": [box(3, 4, 10, 8)]}
    assert {row.excerpt for row in found if isinstance(row, BadRow)} == {"SegmentationClass/1.png", "masks/2_mask.png"}


def test_a_folder_called_masks_alone_is_an_ordinary_label() -> None:
    raw = archive({"masks/1.png": RED, "faces/2.png": BLUE})
    found = [
        row.fields
        for row in read_rows(io.BytesIO(raw), inspect_file(io.BytesIO(raw)).options)
        if isinstance(row, Record)
    ]
    assert {row["file"]: row["label"] for row in found} == {"masks/1.png": "masks", "faces/2.png": "faces"}


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"labels/a.txt": b"0 0.5 0.5 0.2 0.2\n", "classes.txt": b"cat\n"}, "YOLO"),
        ({"a.txt": b"0 0.5 0.5 0.2 0.2\n1 .1 .1 .1 .1"}, "YOLO"),
        ({"labels/a.txt": b"0 0.1 0.1 0.9 0.1 0.9 0.9\n"}, "YOLO"),
        ({"annotations.xml": b"<annotations><meta/><image name='a.png'><box/></image></annotations>"}, "CVAT"),
        ({"a.json": b'{"version": "5", "shapes": [], "imagePath": "a.png"}'}, "LabelMe"),
        ({"via.json": b'{"a.png12": {"filename": "a.png", "regions": []}}'}, "VIA"),
        ({"c.json": b'[{"image": "a.png", "annotations": []}]'}, "CreateML"),
        ({"ls.json": b'[{"id": 1, "data": {"image": "a.png"}, "annotations": []}]'}, "Label Studio"),
    ],
)
def test_boxes_in_forms_that_are_not_read_are_named(files: dict[str, bytes], kind: str) -> None:
    with pytest.raises(ImportRefused) as caught:
        inspect_file(io.BytesIO(archive({"images/a.png": RED, **files})))
    assert f"annotations of {kind} (" in caught.value.message
    assert "COCO or Pascal VOC" in caught.value.message


def test_text_beside_images_that_holds_no_boxes_is_no_reason_to_refuse_them() -> None:
    inspect_file(io.BytesIO(archive({"a.png": RED, "a.txt": b"a red square", "b.json": b"{}", "c.xml": b"<svg/>"})))


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("metadata.csv", b"file_name,label\na.png,cat\n"),
        ("metadata.jsonl", b'{"file_name": "a.png", "label": "cat"}\n'),
        ("train.csv", b"image,class\na.png,cat\n"),
        ("annotations.tsv", b"filename\tlabel\na.png\tcat\n"),
    ],
)
def test_any_table_that_names_images_brings_their_labels(name: str, table: bytes) -> None:
    raw = archive({"set/a.png": RED, f"set/{name}": table})
    found = list(read_rows(io.BytesIO(raw), inspect_file(io.BytesIO(raw)).options))
    labels = [(row.fields["file"], row.fields["label"]) for row in found if isinstance(row, Record)]
    assert labels == [("set/a.png", "cat")]
    assert len(found) == 1


def test_one_box_a_row() -> None:
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(["filename", "width", "height", "class", "xmin", "ymin", "xmax", "ymax"])
    lines.writerow(["a.png", 60, 40, "cell", 3, 4, 13, 12])
    lines.writerow(["a.png", 60, 40, "dust", 0, 0, 60, 40])
    lines.writerow(["b.png", 60, 40, "", "", "", "", ""])
    lines.writerow(["c.png", 60, 40, "cell", 9, 9, 5, 20])
    raw = archive({"a.png": RED, "b.png": BLUE, "c.png": picture("tan"), "labels.csv": out.getvalue().encode()})
    good, bad = read(raw)
    assert good == {"a.png": [box(3, 4, 10, 8), box(0, 0, 60, 40, "dust")], "b.png": []}
    assert [row.reason for row in bad] == ["The box was left out: it has no area."]


def _seconds_of(count: int) -> float:
    annotations = [
        {"id": n, "image_id": 7, "category_id": 1, "bbox": [n % 50, n % 30, 1 + n / count, 2]} for n in range(count)
    ]
    raw = archive({"a.png": RED, "c.json": coco(images=[A], annotations=annotations)})
    start = time.process_time()
    good, bad = read(raw)
    assert len(good["a.png"]) == count
    assert not bad
    return time.process_time() - start


def test_many_boxes_of_one_image_cost_no_more_each() -> None:
    """Eight times the boxes take about eight times as long; compared with each other, 64 times."""
    _seconds_of(100)
    assert _seconds_of(40_000) < 24 * _seconds_of(5_000)
