"""Boxes beside images: Pascal VOC and COCO become a column, and a box that is none does not cost its image."""

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.errors import ImportRefused
from annotation.formats import BadRow, Record, inspect_file, read_budget, read_rows, readers
from tests.pictures import archive, picture
from tests.scale import scaled

RED, BLUE = picture("red"), picture("blue")
Read = dict[str, Any]


def voc(*objects: tuple[str, Any, Any, Any, Any], size: tuple[int, int] = (60, 40)) -> bytes:
    """Return an annotation of (name, xmin, ymin, xmax, ymax)."""
    inside = "".join(
        f"<object><name>{name}</name><bndbox><xmin>{a}</xmin><ymin>{b}</ymin><xmax>{c}</xmax><ymax>{d}</ymax></bndbox></object>"
        for name, a, b, c, d in objects
    )
    wide, high = size
    return f"<annotation><size><width>{wide}</width><height>{high}</height></size>{inside}</annotation>".encode()


def coco(**parts: object) -> bytes:
    whole = {"images": [], "annotations": [], "categories": [{"id": 1, "name": "cell"}, {"id": 2, "name": "dust"}]}
    return json.dumps(whole | parts).encode()


def read(raw: bytes) -> tuple[Read, list[BadRow]]:
    """Return {file: boxes} of those that come with boxes, and the rows that are none."""
    found = list(read_rows(io.BytesIO(raw), inspect_file(io.BytesIO(raw)).options))
    good = {
        row.fields["file"]: row.fields["boxes"] for row in found if isinstance(row, Record) and "boxes" in row.fields
    }
    return good, [row for row in found if isinstance(row, BadRow)]


def box(x: float, y: float, w: float, h: float, label: str = "cell") -> Read:
    return {"x": x, "y": y, "w": w, "h": h, "label": label}


def test_pascal_voc_is_a_column_and_its_files_are_no_rows() -> None:
    raw = archive(
        {
            "set/Annotations/a.xml": voc(("cell", 3, 4, 13, 12), ("dust", 0, 0, 60, 40)),
            "set/Annotations/b.xml": voc(),
            "set/ImageSets/Main/train.txt": b"a\n",
            "set/JPEGImages/a.png": RED,
            "set/JPEGImages/b.png": BLUE,
            "set/JPEGImages/c.png": BLUE,
        }
    )
    found = inspect_file(io.BytesIO(raw))
    assert found.options.columns == ["image", "file", "boxes"]
    assert found.mapping["boxes"] == "boxes"
    assert found.mapping["label"] is None
    assert read(raw) == (
        {"set/JPEGImages/a.png": [box(3, 4, 10, 8), box(0, 0, 60, 40, "dust")], "set/JPEGImages/b.png": []},
        [],
    )


def test_a_box_that_is_none_is_told_and_the_others_stay() -> None:
    raw = archive(
        {
            "a.png": RED,
            "a.xml": voc(
                ("cell", 7, 7, 7, 7), ("cell", 3, 4, 13, 12), ("cell", 3, 4, 13, 12), ("", 1, 1, 2, 2),
                ("cell", "x", 1, 2, 2), ("cell", 61, 1, 70, 9), ("cell", 9, 9, 5, 20),
            ),
            "lost.xml": voc(),
        }
    )  # fmt: skip
    good, bad = read(raw)
    assert good == {"a.png": [box(3, 4, 10, 8)]}
    assert [row.row for row in bad] == list(range(2, 9))
    assert [row.reason.removeprefix("The box was left out: ") for row in bad] == [
        "There is no image of this name in the archive.",
        "it has no area.",
        "it is there twice.",
        "it has no name.",
        "its four numbers cannot be read.",
        "it is outside of the image.",
        "it has no area.",
    ]
    assert bad[1].excerpt == "a.xml: cell 7 7 0 0"


def test_images_of_one_name_have_the_boxes_of_their_own_folder() -> None:
    raw = archive(
        {
            "train/a.png": RED,
            "val/a.png": BLUE,
            "test/img/a.png": RED,
            "train/a.xml": voc(("cell", 1, 1, 2, 2)),
            "val/a.xml": voc(("cell", 5, 5, 9, 9)),
            "test/xml/a.xml": voc(),
        }
    )
    good, bad = read(raw)
    assert good == {"train/a.png": [box(1, 1, 1, 1)], "val/a.png": [box(5, 5, 4, 4)], "test/img/a.png": []}
    assert not bad


@pytest.mark.parametrize(
    ("hostile", "why"),
    [
        (b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><annotation>&c;</annotation>', "entities"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><annotation/>', "entities"),
        (b"<annotation><object>", "damaged"),
        (b"<html/>", "no Pascal VOC"),
        (b"<annotation>" + b" " * 1024 * 1024 + b"</annotation>", "larger than 1 MB"),
        (b"<a>" * 50_000, "damaged"),
    ],
)
def test_xml_that_means_harm_costs_its_boxes_alone(hostile: bytes, why: str) -> None:
    raw = archive({"a.png": RED, "b.png": BLUE, "a.xml": voc(("cell", 3, 4, 13, 12)), "b.xml": hostile})
    good, bad = read(raw)
    assert good == {"a.png": [box(3, 4, 10, 8)]}
    assert [row.excerpt for row in bad] == ["b.xml"]
    assert why in bad[0].reason


def test_xml_of_something_else_is_no_boxes() -> None:
    raw = archive({"a.png": RED, "a.xml": b"<svg/>"})
    assert inspect_file(io.BytesIO(raw)).options.columns == ["image", "file"]


def test_coco_names_images_and_what_is_on_them() -> None:
    images = [
        {"id": 7, "file_name": "a.png", "width": 60, "height": 40},
        {"id": 8, "file_name": "b.png"},
        {"id": 9, "file_name": "lost.png"},
    ]
    annotations: list[Any] = [
        {"id": 1, "image_id": 7, "category_id": 1, "bbox": [3, 4, 10, 8]},
        {"id": 2, "image_id": 7, "category_id": 2, "bbox": [1, 1, 0, 5]},
        {"id": 3, "image_id": 7, "category_id": 2, "bbox": [1, 1, 5, 5], "iscrowd": 1},
        {"id": 4, "image_id": 7, "category_id": 3, "bbox": [1, 1, 5, 5]},
        {"id": 5, "image_id": 9, "category_id": 1, "bbox": [1, 1, 5, 5]},
        {"id": 6, "image_id": 7, "category_id": 1, "bbox": [1, True, "5", None]},
        "none",
    ]
    raw = archive(
        {
            "annotations/instances.json": coco(images=images, annotations=annotations),
            "annotations/captions.json": b"{}",
            "images/a.png": RED,
            "images/b.png": BLUE,
            "images/c.png": RED,
        }
    )
    good, bad = read(raw)
    assert good == {"images/a.png": [box(3, 4, 10, 8)], "images/b.png": []}
    reasons = [row.reason.partition(": ")[2] or row.reason for row in bad if "instances" in row.excerpt]
    assert reasons == [
        "There is no image of this name in the archive.",
        "it has no area.",
        "it marks a crowd, not one object.",
        "it has no name.",
        "its four numbers cannot be read.",
    ]


def test_json_beyond_all_measure_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    said = coco(images=[{"id": 1, "file_name": "a.png", "answered": True}])
    monkeypatch.setattr(readers, "RUN_LIMITS", replace(read_budget.RUN_LIMITS, json_bytes=len(said) + 10))
    good, bad = read(archive({"a.png": RED, "1.json": said, "2.json": b" " * 11 + said}))
    assert good == {"a.png": []}
    assert [row.excerpt for row in bad] == ["2.json"]
    assert "was not read" in bad[0].reason


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("a.png") | st.just(7),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "file_name", "image_id", "bbox", "category_id", "width", "name"]), inner
        )
    ),
    max_leaves=12,
)


@given(st.lists(JSON, max_size=3), st.lists(JSON, max_size=3), st.lists(JSON, max_size=3))
@settings(max_examples=scaled(150), deadline=None)
def test_any_coco_is_read(images: object, annotations: object, categories: object) -> None:
    whole = coco(images=images, annotations=annotations, categories=categories)
    good, _bad = read(archive({"a.png": RED, "c.json": whole}))
    assert set(good) <= {"a.png"}


@given(st.binary(max_size=60), st.integers(0, 200))
@settings(max_examples=scaled(150), deadline=None)
def test_any_xml_is_read_or_refused(noise: bytes, at: int) -> None:
    said = voc(("cell", 3, 4, 13, 12))
    raw = archive({"a.png": RED, "a.xml": said[:at] + noise + said[at + len(noise) :]})
    good: dict[str, Any] = {}
    try:
        good, bad = read(raw)
        reasons = [row.reason for row in bad]
    except ImportRefused as refused:
        reasons = [refused.message]
    assert set(good) <= {"a.png"}
    assert all(reasons)
