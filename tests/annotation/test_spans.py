"""Spans: what is refused and where, offsets in code points whatever the script, and cells that come back."""

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.errors import InvalidValue
from annotation.tasktypes import TASK_TYPES, AnswerContext
from tests.scale import scaled

SPANS = TASK_TYPES["spans"].answer
TEXT = "Ada Lovelace slept in 巴黎 👩‍👩‍👧 cafe\u0301"
LABELS = ["PER", "LOC"]


def context(**given: object) -> AnswerContext:
    return AnswerContext(LABELS, {"text": TEXT}, given)


def span(start: object, end: object, label: object = "PER") -> dict[str, Any]:
    return {"start": start, "end": end, "label": label}


def refused(value: object, **given: object) -> str:
    with pytest.raises(InvalidValue) as caught:
        SPANS.clean(value, context(**given))
    assert caught.value.message
    return caught.value.details["part"]


def test_spans_come_out_in_the_order_of_the_text() -> None:
    given = {"spans": [span(22, 24, "LOC"), span(0, 12)]}
    assert SPANS.clean(given, context()) == {"spans": [span(0, 12), span(22, 24, "LOC")]}
    assert SPANS.clean({"spans": []}, context()) == {"spans": []}
    assert SPANS.clean({"spans": [span(0, 3), span(3, 6)]}, context())  # side by side is not over each other


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ([], "value"),
        ({"labels": ["PER"]}, "value"),
        ({"spans": "PER"}, "value.spans"),
        ({"spans": [span(0, 3), [3, 5, "PER"]]}, "value.spans[1]"),
        ({"spans": [{**span(0, 3), "text": "Ada"}]}, "value.spans[0]"),
        ({"spans": [span(-1, 3)]}, "value.spans[0].start"),
        ({"spans": [span(start=True, end=3)]}, "value.spans[0].start"),
        ({"spans": [span(0, 3.0)]}, "value.spans[0].end"),
        ({"spans": [span("0", 3)]}, "value.spans[0].start"),
        ({"spans": [span(3, 3)]}, "value.spans[0].end"),
        ({"spans": [span(0, 3), span(4, len(TEXT) + 1)]}, "value.spans[1].end"),
        ({"spans": [span(0, 3, "ORG")]}, "value.spans[0].label"),
        ({"spans": [span(0, 3, ["PER"])]}, "value.spans[0].label"),
        ({"spans": [span(8, 9), span(0, 3), span(0, 3)]}, "value.spans[2]"),
    ],
)
def test_what_is_wrong_is_named(value: object, part: str) -> None:
    assert refused(value) == part
    assert refused(value, spans_overlap=True) == part


@pytest.mark.parametrize("other", [span(0, 3), span(2, 4), span(3, 14, "LOC"), span(0, 12, "LOC"), span(11, 12)])
def test_overlap_is_for_projects_that_allow_it(other: dict[str, Any]) -> None:
    given = {"spans": [span(0, 12), other]}
    assert refused(given).startswith("value.spans[")
    assert len(SPANS.clean(given, context(spans_overlap=True))["spans"]) == 2


def test_a_span_may_end_with_the_text_counted_in_code_points() -> None:
    assert SPANS.clean({"spans": [span(len(TEXT) - 1, len(TEXT))]}, context())


def test_without_the_text_its_length_is_not_held_against_a_span() -> None:
    assert SPANS.clean({"spans": [span(0, 10_000)]}, AnswerContext(LABELS))


@st.composite
def answers(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    text = draw(st.text(st.sampled_from("aé 巴👩\u200d\u0301\U0001f1eb\U0001f1f7\nש"), min_size=1, max_size=30))
    ends = st.integers(0, len(text))
    spans = [
        span(min(pair), max(pair), label)
        for pair, label in draw(st.lists(st.tuples(st.tuples(ends, ends), st.sampled_from(LABELS)), max_size=6))
        if pair[0] != pair[1]
    ]
    return text, {"spans": list({json.dumps(one): one for one in spans}.values())}


@given(answers())
@settings(max_examples=scaled(200), deadline=None)
def test_an_answer_comes_back_from_its_cell_and_from_its_target(drawn: tuple[str, dict[str, Any]]) -> None:
    text, value = drawn
    context = AnswerContext(LABELS, {"text": text}, {"spans_overlap": True})
    clean = SPANS.clean(value, context)
    assert SPANS.clean(clean, context) == clean
    assert SPANS.from_cell(SPANS.to_cell(clean), context) == clean
    assert SPANS.value(SPANS.target(clean)) == clean
    assert SPANS.target(value) == SPANS.target(clean)
    assert SPANS.distance(clean, clean) == 0
    assert SPANS.labels_in_cell(SPANS.to_cell(clean)) == list(dict.fromkeys(one["label"] for one in clean["spans"]))


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_mark_on_a_letter_counts_as_what_it_is_written_as(form: str) -> None:
    text = unicodedata.normalize(form, "café")
    context = AnswerContext(LABELS, {"text": text})
    assert SPANS.clean({"spans": [span(0, len(text))]}, context)
    with pytest.raises(InvalidValue):
        SPANS.clean({"spans": [span(0, len(text) + 1)]}, context)


def test_cells_of_doccano_are_read() -> None:
    assert SPANS.from_cell('[[22, 24, "LOC"], [0, 3, "PER"]]', context()) == {
        "spans": [span(0, 3), span(22, 24, "LOC")]
    }
    assert SPANS.labels_in_cell('[[22, 24, "LOC"], [0, 3, "PER"], [4, 5, "LOC"]]') == ["LOC", "PER"]


@pytest.mark.parametrize("cell", ["", "PER", "{", '{"spans": []}', "[1]", "[[1, 2]]", '["PER"]', "[" * 100_000])
def test_a_cell_that_is_no_list_of_spans_is_refused(cell: str) -> None:
    with pytest.raises(InvalidValue):
        SPANS.from_cell(cell, context())
    assert SPANS.labels_in_cell(cell) == []


def test_distance_is_of_exact_spans_and_labels() -> None:
    a = {"spans": [span(0, 3), span(22, 24, "LOC")]}
    assert SPANS.distance(a, {"spans": [span(0, 3)]}) == pytest.approx(1 / 3)
    assert SPANS.distance(a, {"spans": [span(0, 4), span(22, 24)]}) == 1
    assert SPANS.distance(a, {"spans": []}) == 1
