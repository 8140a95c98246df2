"""Formats: what is written is read again; every bad file gets a clear refusal; a bad row never ends a file."""

import codecs
import gzip
import io
import json
import tracemalloc

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from annotation.errors import ImportRefused
from annotation.formats import (
    FORMATS,
    READABLE,
    BadRow,
    Detected,
    FileOptions,
    Hints,
    Record,
    check_whole_file,
    detect_text_format,
    open_unpacked_text,
)
from annotation.formats.contract import MAX_LINE_BYTES
from tests.scale import scaled

# What a database can keep: no NUL, no half of a surrogate pair.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
COLUMNS = ["text", "label", "note"]


def rows_of(raw: bytes, options: FileOptions) -> list[Record | BadRow]:
    return list(READABLE[options.format].read(open_unpacked_text(io.BytesIO(raw), options), options))


def read(raw: bytes, **hints: object) -> tuple[Detected, list[Record | BadRow]]:
    found = detect_text_format(io.BytesIO(raw), Hints(**hints))
    return found, rows_of(raw, found.options)


def refusal(raw: bytes, **hints: object) -> str:
    with pytest.raises(ImportRefused) as caught:
        detect_text_format(io.BytesIO(raw), Hints(**hints))
    return caught.value.message


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("packed", [False, True])
@given(cells=st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=8))
@example(cells=[("a\rb", "c\nd", 'e"f')])
@example(cells=[("\ufeffstart", "", " spaces ")])
@example(cells=[("", "", ""), ("x", "\r", "\n")])
@settings(max_examples=scaled(60), deadline=None)
def test_read_gives_what_write_wrote(name: str, *, packed: bool, cells: list[tuple[str, str, str]]) -> None:
    records = [dict(zip(COLUMNS, row, strict=True)) for row in cells]
    raw = "".join(FORMATS[name].write(records, COLUMNS)).encode()
    options = FileOptions(format=name, gzip=packed, delimiter="\t" if name == "tsv" else ",", columns=COLUMNS)
    again = rows_of(gzip.compress(raw, 1) if packed else raw, options)
    assert [row.fields for row in again if isinstance(row, Record)] == records
    assert [row.row for row in again] == list(range(1, len(records) + 1))


@given(st.binary(max_size=400))
@settings(max_examples=scaled(200), deadline=None)
def test_no_bytes_whatever_raise_anything_but_a_refusal(raw: bytes) -> None:
    try:
        found, rows = read(raw)
    except ImportRefused as refused:
        found, reason = None, refused.message
    if found is None:
        assert reason
    else:
        assert [row.row for row in rows] == list(range(1, len(rows) + 1))
        assert all(set(row.fields) == set(found.options.columns) for row in rows if isinstance(row, Record))


@given(st.lists(st.binary(max_size=60).filter(lambda raw: b"\0" not in raw), max_size=8))
@settings(max_examples=scaled(150), deadline=None)
def test_the_good_rows_around_bad_ones_are_kept(bad: list[bytes]) -> None:
    lines = [b'{"text": "first"}', *[line.replace(b"\n", b" ") for line in bad], b'{"text": "last"}', b""]
    rows = rows_of(b"\n".join(lines), FileOptions(format="jsonl"))
    assert rows[0] == Record(1, {"text": "first"})
    assert rows[-1].fields == {"text": "last"}  # type: ignore[union-attr]


# Detection


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found(delimiter: str) -> None:
    lines = [delimiter.join(["text", "label"]), *[delimiter.join([f"see, you; at {n}", "ham"]) for n in range(20)]]
    if delimiter in ",;":
        lines = [line.replace(", ", " ").replace("; ", " ") for line in lines]
    found, rows = read("\n".join(lines).encode())
    assert found.options.delimiter == delimiter
    assert found.options.columns == ["text", "label"]
    assert len(rows) == 20


def test_one_column_with_commas_in_its_texts_is_one_column() -> None:
    found, rows = read(b"text\nhello, you\nhi, there, all\nfine\n")
    assert found.options.columns == ["text"]
    assert [row.fields["text"] for row in rows] == ["hello, you", "hi, there, all", "fine"]  # type: ignore[union-attr]


CHINESE = "文本,标签\n" + "你好世界，今天天气很好,好\n我不喜欢这家餐厅的服务,坏\n" * 10
FRENCH = "text,label\n" + "un café très cher à l'hôtel,a\nil a neigé cet été,b\n" * 10


@pytest.mark.parametrize(
    ("text", "written", "found_as"),
    [
        (CHINESE, "utf-8", "utf-8"),
        (CHINESE, "utf-8-sig", "utf-8"),
        (CHINESE, "utf-16", "utf-16"),
        (FRENCH, "utf-16-le", "utf-16-le"),
        (FRENCH, "utf-16-be", "utf-16-be"),
        (CHINESE, "gb18030", "gb18030"),
        (CHINESE, "gbk", "gb18030"),
        (FRENCH, "latin-1", "cp1252"),
    ],
)
def test_encoding_is_found(text: str, written: str, found_as: str) -> None:
    found, rows = read(text.encode(written))
    assert found.options.encoding == found_as
    assert found.options.columns == text.split("\n")[0].split(",")
    assert ",".join(rows[0].fields.values()) == text.split("\n")[1]  # type: ignore[union-attr]
    assert len(rows) == 20


def test_a_few_broken_lines_do_not_change_the_encoding() -> None:
    lines = ["text,label", *["très bien,a"] * 20]
    raw = "\n".join(lines).encode() + b"\ncaf\xe9,b\nfin,b\n"
    found, rows = read(raw)
    assert found.options.encoding == "utf-8"
    assert isinstance(rows[20], BadRow)
    assert "not valid utf-8" in rows[20].reason
    assert rows[21] == Record(22, {"text": "fin", "label": "b"})


def test_a_cut_off_utf16_file_loses_its_last_row_only() -> None:
    raw = "text,label\na,b\nc,d".encode("utf-16")[:-1]
    _, rows = read(raw)
    assert rows[0] == Record(1, {"text": "a", "label": "b"})
    assert isinstance(rows[1], BadRow)


def test_bare_carriage_returns_end_lines() -> None:
    _, rows = read(b"text,label\rhello,ham\rhi,spam\r")
    assert [row.fields["text"] for row in rows] == ["hello", "hi"]  # type: ignore[union-attr]


def test_jsonl_is_found_and_its_columns_are_those_of_all_lines() -> None:
    found, rows = read(gzip.compress(b'{"text": "a"}\n\n{"text": "b", "label": "x", "n": 1}\n'))
    assert (found.options.format, found.options.gzip) == ("jsonl", True)
    assert found.options.columns == ["text", "label", "n"]
    assert [row.row for row in rows] == [1, 2]


@pytest.mark.parametrize(
    ("columns", "mapping"),
    [
        (["Text", "Label", "ID"], {"text": "Text", "label": "Label", "id": "ID"}),
        (["sentence", "category"], {"text": "sentence", "label": "category", "id": None}),
        (["review", "stars"], {"text": "review", "label": None, "id": None}),
        (["a", "b"], {"text": None, "label": None, "id": None}),
        (["headline"], {"text": "headline", "label": None, "id": None}),
    ],
)
def test_mapping_is_guessed(columns: list[str], mapping: dict[str, str | None]) -> None:
    found, _ = read((",".join(columns) + "\n" + ",".join(["hello"] * len(columns)) + "\n").encode())
    assert found.mapping == {**mapping, "hidden": []}


def test_hints_go_before_what_the_file_looks_like() -> None:
    found, rows = read(b"WIN a prize,spam\nhi,ham\n", header=False)
    assert found.options.columns == ["column 1", "column 2"]
    assert rows[0] == Record(1, {"column 1": "WIN a prize", "column 2": "spam"})
    assert read("text\nété\n".encode("latin-1"), encoding="latin-1")[1] == [Record(1, {"text": "été"})]


# Files that are refused


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "empty"),
        (gzip.compress(b"", mtime=0), "empty"),
        (b"\n\n  \n", "blank"),
        (b"text,label\n", "no rows"),
        (b"PK\x03\x04rest of a workbook", "Excel"),
        (b"%PDF-1.7 and more", "PDF"),
        (b"\x89PNG\r\n\x1a\n\0\0", "image"),
        (b"text,label\nhello\0there,ham\n", "binary"),
        (bytes(range(256)) * 10, "binary"),
        (b"You won,spam\nhi there,ham\nhello,spam\n", "names of columns"),
        (b"5,2\n1,3\n", "names of columns"),
        (b"text,text\na,b\n", "Two columns"),
        (b'[["a", "b"]]', "lists without names"),
        (gzip.compress(b"text\nhello\nthere\n" * 50, mtime=0)[:-9], "damaged"),
        (b"\x1f\x8bnot really", "damaged"),
        (b"x" * (MAX_LINE_BYTES + 1024 * 1024 + 1), "longer than 10 MB"),
        (gzip.compress(b"x" * (3 * MAX_LINE_BYTES)), "longer than 10 MB"),
        (b"text,label\n1,2,3\n4,5,6\n", "None of the first rows"),
    ],
)
def test_bad_files_are_refused_in_words(raw: bytes, words: str) -> None:
    assert words in refusal(raw)


@pytest.mark.parametrize(
    "hints", [{"format": "xlsx"}, {"encoding": "ebcdic"}, {"delimiter": "x"}, {"format": "jsonl", "delimiter": "::"}]
)
def test_bad_hints_are_refused(hints: dict[str, str]) -> None:
    assert "is" in refusal(b"text\nhello\n", **hints)


class Endless(io.RawIOBase):
    """A gigabyte without a line end, made as it is read."""

    def __init__(self, start: bytes, size: int = 1 << 30) -> None:
        self._start, self._size, self._at = start, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset
        return offset

    def readinto(self, buffer: object) -> int:
        n = max(0, min(len(buffer), self._size - self._at))
        buffer[:n] = (self._start[self._at : self._at + n]).ljust(n, b"x")
        self._at += n
        return n


@pytest.mark.parametrize("start", [b"", b"text\nhello\n"])
def test_a_line_of_a_gigabyte_is_refused_in_constant_memory(start: bytes) -> None:
    tracemalloc.start()
    stream = io.BufferedReader(Endless(start))
    with pytest.raises(ImportRefused, match="longer than 10 MB"):
        check_whole_file(stream, detect_text_format(stream, Hints()).options)  # type: ignore[arg-type]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * MAX_LINE_BYTES


def test_survey_counts_and_bounds_what_is_unpacked() -> None:
    raw = gzip.compress(b"text\n" + b"hello\n" * 500_000)
    options = detect_text_format(io.BytesIO(raw)).options
    assert check_whole_file(io.BytesIO(raw), options) == 5 + 3_000_000
    with pytest.raises(ImportRefused, match="Upload it in parts"):
        check_whole_file(io.BytesIO(raw), options, max_bytes=2_000_000)


def test_survey_refuses_an_archive_cut_off_behind_the_sample() -> None:
    lines = "\n".join(json.dumps({"text": f"text number {n * 7919}"}) for n in range(60_000))
    raw = gzip.compress(lines.encode())[:-20]
    with pytest.raises(ImportRefused, match="damaged"):
        check_whole_file(io.BytesIO(raw), detect_text_format(io.BytesIO(raw)).options)


def test_survey_refuses_another_encoding_behind_the_sample() -> None:
    raw = b"text\n" + b"plain ascii\n" * 100_000 + "déjà vu\n".encode("latin-1") * 200
    found = detect_text_format(io.BytesIO(raw))
    assert found.options.encoding == "utf-8"
    with pytest.raises(ImportRefused, match="not valid utf-8"):
        check_whole_file(io.BytesIO(raw), found.options)


# Rows that are bad


def test_bad_csv_rows_are_told_apart_and_the_rest_goes_on() -> None:
    raw = b'text,label\na,b,c\n"x" y,z\nok,1\n"open,2\nok again,3\nalone\n'
    rows = rows_of(raw, FileOptions(columns=["text", "label"]))
    reasons = {row.row: row.reason for row in rows if isinstance(row, BadRow)}
    assert "3 columns instead of 2" in reasons[1]
    assert "after a closing quotation mark" in reasons[2]
    assert "never closed" in reasons[4]
    assert "1 column instead of 2" in reasons[6]
    assert [row.fields["text"] for row in rows if isinstance(row, Record)] == ["ok", "ok again"]


@pytest.mark.parametrize(
    "line",
    [
        '{"text": NaN}',
        '{"text": 1e999}',
        "[1]",
        '"text"',
        "{",
        '{"text": "\\u0000"}',
        '{"t": ["\\ud800"]}',
        "[" * 100_000,
    ],
)
def test_bad_json_lines_are_bad_rows(line: str) -> None:
    rows = rows_of(f'{{"text": "a"}}\n{line}\n{{"text": "b"}}\n'.encode(), FileOptions(format="jsonl"))
    assert isinstance(rows[1], BadRow)
    assert rows[1].reason
    assert len(rows[1].excerpt) <= 200
    assert rows[2] == Record(3, {"text": "b"})


def test_a_nul_behind_the_sample_is_a_bad_row() -> None:
    rows = rows_of(b"text\na\0b\nc\n", FileOptions(columns=["text"]))
    assert isinstance(rows[0], BadRow)
    assert rows[1] == Record(2, {"text": "c"})


def test_quotation_marks_that_never_close_cost_a_row_each_and_end() -> None:
    raw = b"text\n" + b'"open\n' + b"fine\n" * 3000
    rows = rows_of(raw, FileOptions(columns=["text"]))
    assert sum(isinstance(row, Record) for row in rows) == 3000


def test_utf16_boms_are_not_part_of_a_name() -> None:
    for bom, name in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        found, _ = read(bom + "text,label\na,b\n".encode(name))
        assert found.options.columns == ["text", "label"]
