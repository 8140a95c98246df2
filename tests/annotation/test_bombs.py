"""Small files that unpack to large ones: what they cost is bounded, in a request strictly; linear in what they hold."""

import gzip
import io
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from annotation.errors import ImportRefused
from annotation.formats import (
    BadRow,
    FileOptions,
    Record,
    check_whole_file,
    contract,
    csv_,
    inspect_file,
    read_budget,
    read_rows,
    readers,
)
from annotation.formats.csv_ import CsvReader
from annotation.imports import importing
from tests.pictures import archive, picture

pytestmark = pytest.mark.no_cover  # they hold time, which counting lines would take
RED = picture("red")
LOOK_SECONDS = 4.0  # what a request may spend; each of these took far more before
REFUSAL_SECONDS = 20.0  # what a worker may spend on three million rows, on a busy machine
MEGABYTE = 1 << 20


@contextmanager
def spending_at_most(seconds: float) -> Iterator[None]:
    """Hold the processor time of a block."""
    start = time.process_time()
    yield
    spent = time.process_time() - start
    assert spent <= seconds, f"{spent:.1f} s"


def bomb_of_labels() -> bytes:
    """Return an archive of an image and of a packed table that is 500 times as large: more images than there are."""
    table = "file,label\n" + "".join(f"{n}.png,a\n" for n in range(10_000))
    return archive({"0.png": RED, "labels.csv": gzip.compress((table + "1.png,a\n" * 3_000_000).encode())})


def bomb_of_ratings() -> bytes:
    """Return an archive of tables to join that unpack to more than there is memory."""
    table = gzip.compress(b"movieId,title\n" + b"".join(b"%d,x\n" % n for n in range(1_000_000)))
    return archive({"ratings.csv": b"userId,movieId,rating\n1,1,5\n", **{f"{n}.csv.gz": table for n in range(3)}})


def coco(boxes: int, images: int = 1, **box: Any) -> bytes:
    return json.dumps(
        {
            "images": [{"id": n, "file_name": f"{n}.png"} for n in range(images)],
            "categories": [{"id": 1, "name": "a"}],
            "annotations": [
                {"id": n, "image_id": n % images, "category_id": 1, "bbox": [n % 50, n % 37, 1 + n / boxes, 1]} | box
                for n in range(boxes)
            ],
        }
    ).encode()


BOMBS: dict[str, Callable[[], bytes]] = {
    "labels": bomb_of_labels,
    "ratings": bomb_of_ratings,
    "coco": lambda: archive({"0.png": RED, "boxes.json": coco(200_000)}),
    "nesting": lambda: archive({"0.png": RED, "a.json": b"[" * (3 << 20), "b.json": b"[[]," * MEGABYTE}),
    "numbers": lambda: archive({"0.png": RED, "a.json": b'{"images": [' + b"{}," * MEGABYTE}),
    "names": lambda: archive({f"{n}.png": b"" for n in range(10_000)}),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_request_only_looks(bomb: str) -> None:
    raw = BOMBS[bomb]()
    assert len(raw) < 20 * MEGABYTE
    with spending_at_most(LOOK_SECONDS):
        options = inspect_file(io.BytesIO(raw)).options
        next(iter(read_rows(io.BytesIO(raw), options, is_look=True)))


@pytest.mark.parametrize("bomb", ["labels", "ratings"])
def test_a_worker_refuses_what_it_cannot_hold(bomb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "RUN_LIMITS", replace(read_budget.RUN_LIMITS, table_bytes=4 * MEGABYTE))
    raw, reports = BOMBS[bomb](), []
    with spending_at_most(REFUSAL_SECONDS), pytest.raises(ImportRefused, match="held in memory"):
        read_rows(io.BytesIO(raw), inspect_file(io.BytesIO(raw)).options, lambda: reports.append(1))
    assert 4 <= len(reports) <= 200, "so that it can be cancelled"


def test_tables_are_bounded_by_their_cells_too(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = archive({"0.png": RED, "labels.csv": b"file,label,a,b\n0.png,x,,\n" + b"1.png,,,\n" * 30})
    options = inspect_file(io.BytesIO(raw)).options
    monkeypatch.setattr(readers, "RUN_LIMITS", replace(read_budget.RUN_LIMITS, table_cells=5 * 31))
    assert len(list(read_rows(io.BytesIO(raw), options))) == 31
    monkeypatch.setattr(readers, "RUN_LIMITS", replace(read_budget.RUN_LIMITS, table_cells=5 * 31 - 1))
    with pytest.raises(ImportRefused, match="154 cells"):
        read_rows(io.BytesIO(raw), options)


def test_json_is_bounded_by_its_values(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = archive({"0.png": RED, "boxes.json": coco(100)})
    options = inspect_file(io.BytesIO(raw)).options
    assert [row.fields["boxes"] for row in read_rows(io.BytesIO(raw), options) if isinstance(row, Record)] != []
    monkeypatch.setattr(readers, "RUN_LIMITS", replace(read_budget.RUN_LIMITS, json_values=100))
    assert [row.excerpt for row in read_rows(io.BytesIO(raw), options) if isinstance(row, BadRow)] == ["boxes.json"]


def test_more_tables_than_anybody_joins_are_refused() -> None:
    table = b"userId,movieId,rating\n1,1,5\n"
    with pytest.raises(ImportRefused, match="more than 20 tables"):
        inspect_file(io.BytesIO(archive({f"{n}.csv": table for n in range(21)})))


def test_a_cut_off_table_in_an_archive_is_refused() -> None:
    table = gzip.compress(b"file,label\n" + b"".join(b"%d.png,a\n" % (n * 7919) for n in range(300_000)))
    raw = archive({"0.png": RED, "labels.csv": table[:-100]})
    with pytest.raises(ImportRefused, match=r"labels.csv in the archive: The gzip file is damaged"):
        read_rows(io.BytesIO(raw), inspect_file(io.BytesIO(raw)).options)


def test_boxes_of_one_image_cost_what_they_are() -> None:
    raw = archive({"0.png": picture("red", (60, 60)), "boxes.json": coco(60_000)})
    options = inspect_file(io.BytesIO(raw)).options
    with spending_at_most(6.0):
        (row,) = read_rows(io.BytesIO(raw), options)
    assert isinstance(row, Record)
    assert len(row.fields["boxes"]) == 60_000


def test_of_what_lies_beside_the_rows_the_first_problems_are_told_and_the_rest_counted() -> None:
    raw = archive({"0.png": RED, "boxes.json": coco(contract.MAX_PROBLEMS + 234, iscrowd=1)})
    bad = [row for row in read_rows(io.BytesIO(raw), inspect_file(io.BytesIO(raw)).options) if isinstance(row, BadRow)]
    assert len(bad) == contract.MAX_PROBLEMS + 1
    assert "234 more" in str(bad[-1].reason)


@pytest.mark.parametrize(
    "raw",
    [
        ",".join(f"c{n}" for n in range(100_000)).encode() + b"\n" + b"1," * 99_999 + b"1\n",
        b"".join(json.dumps({f"c{n}": 1, "text": "a"}).encode() + b"\n" for n in range(30_000)),
    ],
    ids=["csv", "jsonl"],
)
def test_more_columns_than_a_page_can_list_are_refused_at_once(raw: bytes) -> None:
    with spending_at_most(LOOK_SECONDS), pytest.raises(ImportRefused, match="more than 5000 columns"):
        inspect_file(io.BytesIO(raw))


def test_columns_of_one_name_are_told_at_once() -> None:
    names = ",".join(f"c{n}" for n in range(100_000)) + ",c7"
    with spending_at_most(LOOK_SECONDS), pytest.raises(ImportRefused, match="called “c7”"):
        inspect_file(io.BytesIO(f"{names}\n".encode()))


def test_a_mapping_of_many_columns_is_checked_at_once(project: Any) -> None:
    columns = [f"c{n}" for n in range(contract.MAX_FILE_COLUMNS)]
    with spending_at_most(1.0):
        mapping = importing.clean_mapping(project, columns, {"text": "c0", "hidden": columns[1:]})
    assert len(mapping["hidden"]) == contract.MAX_FILE_COLUMNS - 1


def test_what_an_open_quotation_mark_swallowed_is_read_again_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    def read() -> list[Record | BadRow]:
        lines = io.BufferedReader(io.BytesIO(b'"a\n' + b"b\n" * 1000))  # type: ignore[arg-type]
        return list(CsvReader(lines, FileOptions(columns=["text"], header=False)))

    assert len(read()) == 1001
    monkeypatch.setattr(csv_, "MAX_REREAD_CHARACTERS", 1000 * csv_.LINE_CHARACTERS)
    (row,) = read()
    assert "The 1001 lines after it" in str(row.reason)  # type: ignore[union-attr]


def test_a_file_may_not_unpack_to_more_than_text_ever_does() -> None:
    assert importing.max_unpacked_bytes(833) == importing.MIN_UNPACKED_BYTES
    assert importing.max_unpacked_bytes(MEGABYTE) == importing.MAX_RATIO * MEGABYTE
    raw = gzip.compress(b"text\n" + b"a\n" * (40 << 20))
    options = inspect_file(io.BytesIO(raw)).options
    with pytest.raises(ImportRefused, match="larger than 64 MB"):
        check_whole_file(io.BytesIO(raw), options, importing.max_unpacked_bytes(len(raw)))
