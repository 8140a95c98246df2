"""CoNLL files: sentences become texts, tags become spans, whatever the scheme and the separator."""

import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.errors import ImportRefused, InvalidRequest
from annotation.formats import (
    READABLE,
    WRITABLE,
    BadRow,
    Detected,
    FileOptions,
    Hints,
    Record,
    detect_text_format,
    open_unpacked_text,
)
from tests.scale import scaled


def read(text: str, format_: str = "auto") -> tuple[Detected, list[Record | BadRow]]:
    raw = text.encode()
    found = detect_text_format(io.BytesIO(raw), Hints(format_))
    return found, list(
        READABLE[found.options.format].read(open_unpacked_text(io.BytesIO(raw), found.options), found.options)
    )


def entities(*tokens: tuple[str, str], separator: str = "\t") -> list[tuple[str, str]]:
    _, rows = read("\n".join(separator.join(token) for token in tokens) + "\n", "conll")
    (row,) = rows
    assert isinstance(row, Record), row
    text = row.fields["text"]
    return [(text[one["start"] : one["end"]], one["label"]) for one in row.fields["spans"]]


WNUT = "Empire\tB-location\nState\tI-location\n=\tO\nESB\tB-location\n.\tO\n\n#\tO\nrain\tO\n\n\n"
WNUT += "👩‍👧\tO\nin\tO\nOslo\tB-loc\n"


def test_a_file_of_tokens_and_tags_is_recognised() -> None:
    found, rows = read(WNUT)
    assert found.options.format == "conll"
    assert found.options.columns == ["text", "spans"]
    assert found.mapping["text"] == "text"
    assert [row.row for row in rows] == [1, 2, 3]
    assert rows[0] == Record(
        1,
        {
            "text": "Empire State = ESB .",
            "spans": [
                {"start": 0, "end": 12, "label": "location"},
                {"start": 15, "end": 18, "label": "location"},
            ],
        },
    )
    assert rows[1] == Record(2, {"text": "# rain", "spans": []})
    assert rows[2] == Record(3, {"text": "👩‍👧 in Oslo", "spans": [{"start": 7, "end": 11, "label": "loc"}]})


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_four_columns_marks_of_documents_and_comments_are_read(end: str) -> None:
    text = "-DOCSTART- -X- -X- O\n\n# sentence 1\nEU NNP B-NP B-ORG\nrejects VBZ B-VP O\n\n".replace("\n", end)
    found, rows = read(text)
    assert found.options.format == "conll"
    assert rows == [Record(1, {"text": "EU rejects", "spans": [{"start": 0, "end": 2, "label": "ORG"}]})]


@pytest.mark.parametrize("separator", ["\t", " ", "   "])
@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (["B-A", "I-A", "B-A", "O"], [("w0 w1", "A"), ("w2", "A")]),  # IOB2
        (["I-A", "I-A", "B-A", "O"], [("w0 w1", "A"), ("w2", "A")]),  # IOB1
        (["I-A", "I-B", "O", "I-A"], [("w0", "A"), ("w1", "B"), ("w3", "A")]),
        (["S-A", "S-A", "B-B", "E-B"], [("w0", "A"), ("w1", "A"), ("w2 w3", "B")]),  # BIOES
        (["U-A", "B-A", "I-A", "L-A"], [("w0", "A"), ("w1 w2 w3", "A")]),  # BILOU
        (["B-A", "E-A", "I-A", "O"], [("w0 w1", "A"), ("w2", "A")]),
        (["B-x-y", "I-x-y", "O", "O"], [("w0 w1", "x-y")]),
    ],
)
def test_schemes(tags: list[str], expected: list[tuple[str, str]], separator: str) -> None:
    assert entities(*[(f"w{n}", tag) for n, tag in enumerate(tags)], separator=separator) == expected


WORDS = st.text(st.sampled_from("aé巴👩\u200d\u0301\U0001f1eb#'"), min_size=1, max_size=6)


@given(st.lists(st.tuples(WORDS, st.sampled_from(["O", "B-A", "I-A", "B-B", "I-B"])), min_size=1, max_size=12))
@settings(max_examples=scaled(150), deadline=None)
def test_every_entity_is_cut_out_of_the_text_at_its_words(tokens: list[tuple[str, str]]) -> None:
    found = entities(*tokens)
    assert [word for text, _ in found for word in text.split(" ")] == [word for word, tag in tokens if tag != "O"]


def test_a_bad_sentence_is_told_and_the_others_are_kept() -> None:
    _, rows = read("a\tO\n\nb\tPERSON\n\nc\tO\n", "conll")
    assert [type(row) for row in rows] == [Record, BadRow, Record]
    assert "b PERSON" in rows[1].reason  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text", ["text\tlabel\nhello\tham\n", "text,label\nI took vitamin B-12,ham\n", '{"text": "O"}\n']
)
def test_other_files_stay_what_they_are(text: str) -> None:
    assert detect_text_format(io.BytesIO(text.encode())).options.format != "conll"


def test_a_sentence_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("annotation.formats.conll.MAX_LINE_BYTES", 1000)
    with pytest.raises(ImportRefused, match="blank lines"):
        list(READABLE["conll"].read(io.BytesIO(b"word\tO\n" * 500), FileOptions(format="conll")))


def test_the_spans_go_through_a_cell() -> None:
    _, rows = read(WNUT)
    assert json.loads(json.dumps(rows[0].fields["spans"])) == rows[0].fields["spans"]  # type: ignore[union-attr]


def written(form: str, text: str, spans: list[dict[str, Any]]) -> str:
    record = {"item": 7, "text": text, "value": {"spans": spans}}
    return "".join(WRITABLE[form].write([record, {"item": 8, "text": "nobody said", "value": None}], []))


def test_a_file_that_was_read_is_written_as_it_was() -> None:
    _, rows = read(WNUT)
    out = "".join(written("conll_spaces", row.fields["text"], row.fields["spans"]) for row in rows)  # type: ignore[union-attr]
    assert out == WNUT.replace("\n\n\n", "\n\n") + "\n"


TEXTS = st.text(st.sampled_from("aé巴👩\u200d\u0301,. \n\t\xa0'"), max_size=24).filter(lambda text: bool(text.strip()))


@given(TEXTS, st.lists(st.integers(0, 24), max_size=8, unique=True))
@settings(max_examples=scaled(150), deadline=None)
def test_what_is_written_is_read_with_the_same_entities(text: str, ends: list[int]) -> None:
    places = sorted(end for end in ends if end <= len(text))
    pairs = [(start, end) for start, end in zip(places[::2], places[1::2], strict=False) if text[start:end].strip()]
    spans = [{"start": start, "end": end, "label": f"L {n % 2}"} for n, (start, end) in enumerate(pairs)]
    for form in ("conll", "conll_spaces"):
        _, [row] = read(written(form, text, spans), "conll")
        assert isinstance(row, Record), row
        again = row.fields["text"]
        assert bare(again) == bare(text)
        found = [(bare(again[one["start"] : one["end"]]), one["label"]) for one in row.fields["spans"]]
        assert found == [(bare(text[start:end]), f"L {n % 2}") for n, (start, end) in enumerate(pairs)]


def bare(text: str) -> str:
    return "".join(text.split())


def test_spans_that_overlap_are_refused_in_words() -> None:
    spans = [{"start": 0, "end": 3, "label": "A"}, {"start": 2, "end": 5, "label": "B"}]
    with pytest.raises(InvalidRequest, match="item 7 spans overlap"):
        written("conll", "abcdef", spans)
