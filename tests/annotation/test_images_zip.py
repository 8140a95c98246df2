"""Images in an archive: every file is a row, with its label where that is certain; no archive can do harm."""

import io
import stat
import zipfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.errors import ImportRefused
from annotation.formats import BadFile, BadRow, Hints, Record, check_whole_file, inspect_file, read_rows, zip_archive
from tests.pictures import archive, picture
from tests.scale import scaled

RED, BLUE = picture("red"), picture("blue")


def read(raw: bytes) -> list[Record | BadRow]:
    return list(read_rows(io.BytesIO(raw), inspect_file(io.BytesIO(raw)).options))


def labels(raw: bytes) -> dict[str, Any]:
    return {row.fields["file"]: row.fields.get("label") for row in read(raw) if isinstance(row, Record)}


def refusal(raw: bytes, **hints: str) -> str:
    with pytest.raises(ImportRefused) as caught:
        inspect_file(io.BytesIO(raw), Hints(**hints))
    return caught.value.message


def unreadable(row: Record | BadRow) -> str:
    assert isinstance(row, Record)
    assert row.file
    with pytest.raises(BadFile) as caught:
        row.file.read()
    return str(caught.value)


def test_every_file_is_a_row_with_its_bytes() -> None:
    raw = archive({"a.png": RED, "b.png": BLUE, "__MACOSX/._a.png": b"x", ".DS_Store": b"x", "c/Thumbs.db": b"x"})
    found = inspect_file(io.BytesIO(raw))
    assert (found.options.format, found.options.columns) == ("images", ["image", "file"])
    assert found.mapping == {"image": "image", "id": "file", "label": None, "hidden": [], "boxes": None}
    assert [(row.row, row.fields) for row in read(raw)] == [  # type: ignore[union-attr]
        (1, {"image": "b.png", "file": "b.png"}),
        (2, {"image": "a.png", "file": "a.png"}),
    ]
    assert [row.file.read() for row in read(raw)] == [BLUE, RED]  # type: ignore[union-attr]
    assert check_whole_file(io.BytesIO(raw), found.options) == len(RED) + len(BLUE)
    reader = read_rows(io.BytesIO(raw), found.options)
    assert [reader.position for _ in reader] == [len(BLUE), len(RED) + len(BLUE)]


def test_the_rows_are_mixed_in_the_same_way_each_time() -> None:
    """However the archive is sorted: what knows only its beginning has seen every label."""
    names = [f"{label}/{n}.png" for label in ("daisy", "rose", "tulip") for n in range(100)]
    sorted_, turned = archive(dict.fromkeys(names, RED)), archive(dict.fromkeys(reversed(names), RED))
    found = [row.fields["file"] for row in read(sorted_) if isinstance(row, Record)]
    assert found == [row.fields["file"] for row in read(turned) if isinstance(row, Record)]
    assert sorted(found) == sorted(names)
    begin = [name.partition("/")[0] for name in found[:50]]
    assert min(begin.count(label) for label in ("daisy", "rose", "tulip")) >= 8


@pytest.mark.parametrize("top", ["", "flowers/", "a/b/"])
def test_folders_side_by_side_are_labels(top: str) -> None:
    raw = archive({f"{top}rose/1.png": RED, f"{top}tulip/1.png": BLUE, "README.txt": b"about"})
    found = labels(raw)
    assert found[f"{top}rose/1.png"] == "rose"
    assert found[f"{top}tulip/1.png"] == "tulip"
    assert inspect_file(io.BytesIO(raw)).mapping["label"] == "label"


@pytest.mark.parametrize(
    "names",
    [
        ["photos/1.png", "photos/2.png"],
        ["1.png", "rose/2.png"],
        ["train/rose/1.png", "test/rose/2.png"],
        ["rose/1.png", "tulip/red/2.png"],
    ],
)
def test_other_folders_are_none(names: list[str]) -> None:
    raw = archive(dict(zip(names, [RED, BLUE], strict=True)))
    assert "label" not in inspect_file(io.BytesIO(raw)).options.columns


def test_a_table_inside_says_the_labels_and_more() -> None:
    table = b"file,label,place\nimages/x/1.png,rose,Ulm\n2.png,tulip,\nlost.png,rose,\n2.png,rose,\n"
    raw = archive({"set/labels.csv": table, "set/images/x/1.png": RED, "set/images/y/2.png": BLUE, "set/3.png": RED})
    found = read(raw)
    assert inspect_file(io.BytesIO(raw)).options.columns == ["image", "file", "label", "place"]
    assert [row.fields for row in found if isinstance(row, Record)] == [
        {"image": "set/images/x/1.png", "file": "set/images/x/1.png", "label": "rose", "place": "Ulm"},
        {"image": "set/images/y/2.png", "file": "set/images/y/2.png", "label": None, "place": ""},
        {"image": "set/3.png", "file": "set/3.png"},
    ]
    assert [(row.row, row.excerpt) for row in found if isinstance(row, BadRow)] == [(4, "lost.png"), (5, "2.png")]
    assert [row.reason.partition(" ")[2] for row in found if isinstance(row, BadRow)] == [
        "names this file, but the archive does not have it.",
        "gives this file two labels: neither was taken.",
    ]


def test_a_table_that_names_no_files_is_told() -> None:
    assert "needs a column `file`" in refusal(archive({"labels.csv": b"text,label\na,b\n", "1.png": RED}))
    assert "labels.csv in the archive: " in refusal(archive({"labels.csv": b"", "1.png": RED}))


@pytest.mark.parametrize("name", ["../../etc/1.png", "/etc/1.png", "a/../../1.png", "C:\\x\\1.png", "..\\1.png"])
def test_a_path_that_leads_out_is_not_read(name: str) -> None:
    raw = archive({name: RED, "ok.png": BLUE})
    good, bad = sorted(read(raw), key=lambda row: row.fields["file"] != "ok.png")  # type: ignore[union-attr]
    assert "leads out" in unreadable(bad)
    assert isinstance(good, Record)
    assert good.file
    assert good.file.read() == BLUE


def test_names_are_read_as_they_were_meant() -> None:
    raw = archive({"玫瑰/一.png": RED, "郁金香/二.png": BLUE})
    assert labels(raw) == {"玫瑰/一.png": "玫瑰", "郁金香/二.png": "郁金香"}
    plain = archive({"AA/1.png": RED, "BB/1.png": BLUE})
    assert set(labels(plain.replace(b"AA/", "花".encode("gb18030") + b"/"))) == {"花/1.png", "BB/1.png"}
    assert set(labels(plain.replace(b"AA/1.png", b"AA\\1.png"))) == {"AA/1.png", "BB/1.png"}


def test_a_link_is_not_followed() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        link = zipfile.ZipInfo("link.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(link, "/etc/passwd")
    assert "a link" in unreadable(read(out.getvalue())[0])


def test_an_encrypted_file_is_told() -> None:
    raw = bytearray(archive({"1.png": RED}))
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in unreadable(read(bytes(raw))[0])


def test_a_damaged_file_does_not_end_the_archive() -> None:
    raw = archive({"1.png": RED, "2.png": BLUE}, zipfile.ZIP_STORED)
    bad, good = read(raw.replace(RED, RED[:-1] + b"?"))
    assert "damaged at this file" in unreadable(bad)
    assert isinstance(good, Record)
    assert good.file
    assert good.file.read() == BLUE


def test_a_large_file_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_archive, "MAX_FILE_BYTES", 1024 * 1024)
    raw = archive({"zeros.png": bytes(1024 * 1024 + 1), "ok.png": RED})
    assert len(raw) < 10_000
    assert "larger than 1 MB" in unreadable(read(raw)[0])


def test_more_than_the_limit_in_all_is_refused() -> None:
    raw = archive({f"{n}.png": bytes(100_000) for n in range(30)})
    with pytest.raises(ImportRefused, match="larger than 2 MB"):
        check_whole_file(io.BytesIO(raw), inspect_file(io.BytesIO(raw)).options, 2 * 1024 * 1024)


def test_a_list_without_end_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = archive({f"{n}.png": RED for n in range(3)})
    monkeypatch.setattr(zip_archive, "MAX_FILES", 2)
    assert "more than 2 files" in refusal(raw)
    monkeypatch.setattr(zip_archive, "MAX_FILES", 3)
    assert len(read(raw)) == 3
    monkeypatch.setattr(zip_archive, "MAX_DIRECTORY_BYTES", 100)
    assert "long names" in refusal(raw)


def test_what_is_no_archive_of_images_is_refused() -> None:
    assert "no images" in refusal(archive({"texts.csv": b"text\nhello\n"}))
    assert "no images" in refusal(archive({}))
    assert "Excel" in refusal(archive({"[Content_Types].xml": b"<x/>", "xl/media/1.png": RED}))
    assert "no ZIP archive" in refusal(b"text\nhello\n", format="images")
    assert "damaged or cut off" in refusal(archive({"1.png": RED})[:-30])


@given(st.binary(max_size=200), st.integers(0, 500))
@settings(max_examples=scaled(200), deadline=None)
def test_no_bytes_whatever_raise_anything_but_a_refusal(noise: bytes, at: int) -> None:
    raw = archive({"rose/1.png": RED, "labels.csv": b"file,label\nrose/1.png,rose\n"})
    raw = raw[:at] + noise + raw[at + len(noise) :]
    reasons = []
    try:
        for row in read(raw):
            if isinstance(row, Record) and row.file:
                try:
                    row.file.read()
                except BadFile as bad:
                    reasons.append(str(bad))
    except ImportRefused as refused:
        reasons.append(refused.message)
    assert all(reasons)
