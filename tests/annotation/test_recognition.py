"""Files of other tools: read where their rows are plain, else refused by their name with what to do."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotation.errors import ImportRefused
from annotation.formats import Hints, Record, check_whole_file, inspect_file, read_rows
from annotation.formats.contract import MAX_LINE_BYTES
from annotation.imports import importing
from annotation.models import Project, User
from tests.pictures import archive


def read(raw: bytes, **hints: Any) -> list[dict[str, Any]]:
    options = inspect_file(io.BytesIO(raw), Hints(**hints)).options
    return [row.fields for row in read_rows(io.BytesIO(raw), options) if isinstance(row, Record)]


def texts(raw: bytes, **hints: Any) -> list[str]:
    return [row["text"] for row in read(raw, **hints)]


def refusal(raw: bytes) -> str:
    with pytest.raises(ImportRefused) as caught:
        inspect_file(io.BytesIO(raw))
    return caught.value.message


# Refused by name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("TY  - JOUR\nTI  - Alpha study of mice\nER  - \n", "RIS"),
        ("\ufeff\nTY  - JOUR\r\nTI  - Alpha\r\nER  - \r\n", "RIS"),
        ("PMID- 123\nTI  - Alpha study of mice\n\nPMID- 124\nTI  - Beta\n", "PubMed (nbib)"),
        ("%0 Journal Article\n%T Alpha\n", "EndNote"),
        ("FN Clarivate Analytics Web of Science\nVR 1.0\nPT J\n", "Web of Science"),
        ("@article{a2001,\n title = {Alpha}\n}\n", "BibTeX"),
        ("- text: a one\n  label: x\n- text: b two\n  label: y\n", "YAML"),
        ("---\ntext: a one\n", "YAML"),
        ("<!DOCTYPE html>\n<html><body>a</body></html>\n", "HTML"),
        ("<p>one</p>\n<p>two</p>\n", "HTML"),
        ('<?xml version="1.0"?>\n<tei>a</tei>\n', "XML"),
        ("#FORMAT=WebAnno TSV 3.3\n\n#Text=Ada\n1-1\t0-3\tAda\t_\n", "WebAnno TSV"),
        ("T1\tDisease 10 18\tleukemia\nT2\tDisease 30 36\tcancer\n", "brat"),
        ("# sent_id = 1\n# text = Ada\n1\tAda\tAda\tPROPN\t_\t_\t2\tnsubj\t_\t_\n", "CoNLL-U"),
        ("@relation iris\n@attribute a numeric\n@data\n1\n", "ARFF"),
        ("CREATE TABLE a (b text);\nINSERT INTO a VALUES ('c');\n", "SQL"),
        ("__label__pos good\n__label__neg bad\n", "fastText"),
        ("1\n00:00:01,000 --> 00:00:02,000\nHello\n", "SubRip (srt)"),
        ('{"id": 1, "data": {"text": "a"}, "annotations": []}\n', "Label Studio JSON"),
        ('[{"id": 1, "data": {"text": "a"}, "predictions": []}]', "Label Studio JSON"),
        ('{"images": [{"id": 1}], "annotations": [], "categories": []}', "COCO"),
        ('{"data": [{"text": "a"}, {"text": "b"}]}', "one JSON object"),
        ('{"0": {"text": "a"}, "1": {"text": "b"}}', "one JSON object"),
        ('{"text": {"0": "a", "1": "b"}, "label": {"0": "x", "1": "y"}}', "one JSON object"),
    ],
)  # fmt: skip
def test_what_is_not_read_is_named(text: str, name: str) -> None:
    message = refusal(text.encode())
    assert message.startswith(f"This is {name}, which is not read. ")
    assert len(message) > len(f"This is {name}, which is not read. ") + 10
    assert refusal(gzip.compress(text.encode())) == message


@pytest.mark.parametrize(
    "text", ['["a one","x"]\n["b two","y"]\n', '["a", "b"]', "[[1, 2], [3, 4]]", '[["a", {"entities": []}]]']
)
def test_lists_without_names_are_told(text: str) -> None:
    assert "lists without names of columns" in refusal(text.encode())


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        (("docProps/app.xml", "xl/workbook.xml", "[Content_Types].xml"), "an Excel workbook: save the sheet as CSV"),
        (("[Content_Types].xml", "word/document.xml"), "a Word document"),
        (("mimetype", "content.xml", "META-INF/manifest.xml"), "an OpenDocument file"),
        (("xl/workbook.bin", "xl/media/1.png"), "an Excel workbook"),
    ],
)
def test_office_documents_are_told_whatever_the_order_of_their_parts(inside: tuple[str, ...], words: str) -> None:
    assert words in refusal(archive(dict.fromkeys(inside, b"<x/>"), zipfile.ZIP_DEFLATED))


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"{\\rtf1\\ansi hello}", "rich text"),
        (b"Rar!\x1a\x07", "RAR"),
        (b"\x80\x04\x95" + b"x" * 20, "pickle"),
        (b"a".ljust(257, b"\1") + b"ustar", "tar archive"),
    ],
)
def test_binary_files_are_named(raw: bytes, words: str) -> None:
    assert words in refusal(raw)


# Read


@pytest.mark.parametrize(
    "raw",
    [
        b'[\n  {\n    "text": "a one",\n    "label": "x"\n  },\n  {"text": "b two"}\n]\n',
        b'[{"text":"a one","label":"x"},{"text":"b two"}]',
        b'{\n  "text": "a one",\n  "label": "x"\n}\n{\n  "text": "b two"\n}\n',
        b'\xef\xbb\xbf[{"text":"a one"},\n{"text":"b two"}]',
    ],
)
def test_json_documents_are_read(raw: bytes) -> None:
    assert texts(raw) == ["a one", "b two"]
    assert texts(gzip.compress(raw)) == ["a one", "b two"]


def test_a_json_array_that_breaks_off_keeps_its_rows_and_says_where() -> None:
    raw = b'[{"text": "a"}, {"text": "b"}, {"text": '
    found = list(read_rows(io.BytesIO(raw), inspect_file(io.BytesIO(raw)).options))
    assert [row.fields["text"] for row in found if isinstance(row, Record)] == ["a", "b"]
    assert "cannot be read from here on" in found[2].reason  # type: ignore[union-attr]


def test_a_json_array_on_one_line_of_any_length_is_read() -> None:
    raw = json.dumps([{"text": f"number {n} " + "x" * 1000} for n in range(MAX_LINE_BYTES // 900)]).encode()
    assert len(raw) > MAX_LINE_BYTES
    options = inspect_file(io.BytesIO(raw)).options
    assert check_whole_file(io.BytesIO(raw), options) == len(raw)
    reader = read_rows(io.BytesIO(raw), options)
    assert sum(isinstance(row, Record) for row in reader) == MAX_LINE_BYTES // 900
    assert reader.position == len(raw)


def test_bad_text_in_a_json_array_costs_its_row() -> None:
    raw = b'[{"text": "a"}, {"text": "caf\xe9"}, 7, {"text": "b\\u0000"}, {"text": "c"}]\n' + "é".encode() * 9
    assert texts(raw[:-18], encoding="utf-8") == ["a", "c"]


def test_columns_inside_data_are_read() -> None:
    raw = b'{"data": {"text": "a one"}, "id": 1}\n{"data": {"text": "b two"}, "id": 2}\n'
    assert read(raw) == [{"id": 1, "text": "a one"}, {"id": 2, "text": "b two"}]
    assert inspect_file(io.BytesIO(raw)).mapping["text"] == "text"


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("refund please\nwhere is my order\ncancel subscription\nbroken screen\n", 4),
        ("I like it, but\nGreat, thanks\nBad, really\n", 3),
        ('He said, "hello, you"\nand | or; so\n\n   \nlast line, the third', 3),
        ("退款，谢谢\n我的订单在哪里\n", 2),
    ],
)
def test_text_of_one_item_a_line(text: str, items: int) -> None:
    for raw in (text.encode(), text.encode("utf-16"), text.replace("\n", "\r\n").encode()):
        found = inspect_file(io.BytesIO(raw))
        assert found.options.format == "lines"
        assert found.notes
        assert found.mapping["text"] == "text"
        assert texts(raw) == [line.strip() for line in text.split("\n") if line.strip()]
        assert len(texts(raw)) == items


def test_a_single_word_at_the_top_is_the_name_of_the_column_and_told() -> None:
    found = inspect_file(io.BytesIO(b"headline\nhello, you\nhi there\n"))
    assert found.options.columns == ["headline"]
    assert "“headline”, was taken as the name" in found.notes[0]


def test_comments_before_a_table_are_skipped_and_told() -> None:
    raw = b"# exported 2024\n# by tool\ntext,label\na one,x\nb two,y\n"
    assert texts(raw) == ["a one", "b two"]
    assert inspect_file(io.BytesIO(raw)).notes == ("2 lines that begin with # were skipped: they are comments.",)
    assert [row["text"] for row in read(b"#id,text\n1,a\n2,b\n")] == ["a", "b"]
    assert texts(b'"sep=;"\ntext;label\na, b;x\n') == ["a, b"]


def test_questions_above_figures_are_names_of_columns() -> None:
    questions = b"Timestamp,How satisfied are you with our service?,Any other comments?\n"
    raw = questions + b"2024/01/02 10:00:00,4,Great\n2024/01/02 11:00:00,2,Slow\n"
    assert [len(row) for row in read(raw)] == [3, 3]
    assert len(read(b"Is it good?,Is it bad?\nyes it is good.,no not at all.\n", header=True)) == 1


def test_a_first_row_longer_than_the_sample_is_no_reason_to_refuse_the_others() -> None:
    raw = b"text,label\n" + b"w " * 700_000 + b",x\nb two,y\n"
    assert [len(text) for text in texts(raw)] == [1_400_000, 5]


def test_delimiters_at_the_end_of_each_line_are_no_column() -> None:
    assert read(b"text;label\na one;x;\nb two;y;;\n") == [
        {"text": "a one", "label": "x"},
        {"text": "b two", "label": "y"},
    ]


def test_conllu_with_tags_is_read_by_its_second_column() -> None:
    lines = ["# text = Marta said", "1-2\tMarta\t_\t_\t_\t_\t_\t_\t_\t_"]
    lines += ["1\tMarta\t_\tPROPN\t_\t_\t2\tnsubj\t_\tB-PER", "2\tsaid\t_\tVERB\t_\t_\t0\troot\t_\tO"]
    assert texts("\n".join([*lines, "", ""]).encode()) == ["Marta said"]


# Through the project


@pytest.fixture
def draft(project: Project, lead: User) -> Callable[[bytes], Any]:
    return lambda raw: importing.create_import(project, lead, SimpleUploadedFile("data", raw))


def test_columns_that_may_give_the_answer_away_are_not_shown(draft: Callable[[bytes], Any]) -> None:
    lines = [
        {"text": f"t {n}", "toxic": n % 2, "myLabel": "x", "stars": n, "site": f"s{n}", "kind": "ab"[n % 2]}
        for n in range(20)
    ]
    run = draft("".join(json.dumps(line) + "\n" for line in lines).encode())
    assert run.mapping["label"] is None
    assert run.mapping["hidden"] == ["toxic", "myLabel", "stars", "kind"]
    assert importing.preview_draft(run)["notes"] == [
        "No column was taken as the answer: the rows come in without answers."
    ]


def test_zeros_and_ones_are_told_to_be_no_answers(draft: Callable[[bytes], Any]) -> None:
    notes = importing.preview_draft(draft(b"text,toxic,obscene\na one,1,0\nb two,1,1\nc three,0,0\n"))["notes"]
    assert "No column was taken as the answer" in notes[0]
    assert "toxic|obscene" in notes[1]


def test_what_annotators_turned_down_is_no_answer(project: Project, draft: Callable[[bytes], Any]) -> None:
    verdicts = ["accept", "reject", "ignore"]
    run = draft(
        "".join(
            json.dumps({"text": f"t {n}", "label": "spam", "answer": word}) + "\n" for n, word in enumerate(verdicts)
        ).encode()
    )
    assert "reject or ignore" in importing.preview_draft(run)["notes"][0]
    importing.start_draft(run)
    importing.run_import(run.pk)
    assert list(project.items.order_by("position").values_list("answers", flat=True)) == [1, 0, 0]


def test_an_encoding_that_is_left_open_is_asked_about(project: Project, lead: User, api_of: Callable[..., Any]) -> None:
    upload = SimpleUploadedFile("data.csv", "text\nplain\nSe\u00f1or\n".encode("cp1252"))
    answer = api_of(lead).post(f"/api/v1/projects/{project.pk}/imports/", {"file": upload}, format="multipart")
    assert answer.status_code == 200  # a draft
    other = answer.json()["preview"]["other_encoding"]
    assert other == {"encoding": "cp1250", "examples": [["Señor", "Seńor"]], "is_excluded": False}
    certain = SimpleUploadedFile("data.csv", "text\nSüd\ngrößer\n".encode("cp1252"))
    answer = api_of(lead).post(f"/api/v1/projects/{project.pk}/imports/", {"file": certain}, format="multipart")
    assert answer.status_code == 202
