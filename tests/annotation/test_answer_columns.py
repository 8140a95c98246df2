"""Columns of answers as other programs write them: read as they are meant, or refused; never made into odd labels."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotation.errors import InvalidValue
from annotation.imports import importing
from annotation.models import Annotation, Import, Project, User
from annotation.tasktypes import AnswerContext
from annotation.tasktypes.answers import LabelSet, Number, Rating, SingleLabel, Spans
from annotation.tasktypes.answers.number_scale import NumberScale

# Cells


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        ("", ""),
        ([], ""),
        ("[]", ""),
        ([None], ""),
        ("spam", "spam"),
        (["spam"], "spam"),
        ("['spam']", "spam"),
        ('{"choices": ["spam"]}', "spam"),
        ({"labels": ["spam"]}, "spam"),
        (True, "true"),
        (1, "1"),
        (1.0, "1"),
        (1.5, "1.5"),
        ("007", "007"),
        ("[sic]", "[sic]"),
        ("a, b", "a, b"),
    ],
)
def test_one_label_in_a_value(value: object, cell: str) -> None:
    assert SingleLabel().cell_of(value) == cell


@pytest.mark.parametrize("value", [["a", "b"], '["a", "b"]', "['a', 'b']", {"a": 1}, [["a"]], [{"label": "a"}]])
def test_a_list_or_an_object_is_not_one_label(value: object) -> None:
    with pytest.raises(InvalidValue):
        SingleLabel().cell_of(value)


@pytest.mark.parametrize(
    ("value", "labels"),
    [
        ([], []),
        ("a|b", ["a", "b"]),
        (["a", "b"], ["a", "b"]),
        ("['a', 'b']", ["a", "b"]),
        ('{"choices": ["a", "b"]}', ["a", "b"]),
        ([1, 2], ["1", "2"]),
        ([1.0, True], ["1", "true"]),
        ('["food, drink"]', ["food, drink"]),
        ("C#", ["C#"]),
    ],
)
def test_several_labels_in_a_value(value: object, labels: list[str]) -> None:
    kind = LabelSet()
    cell = kind.cell_of(value)
    assert kind.labels_in_cell(cell) == labels
    assert kind.from_cell(cell, AnswerContext(labels or ["x"])) == {"labels": sorted(labels)}


@pytest.mark.parametrize("cell", ["a, b", "a;b", "pos#neg", "[a", "{'a': 1}", '[["a"]]'])
def test_what_may_be_one_label_or_several_is_made_into_none(cell: str) -> None:
    kind = LabelSet()
    assert kind.labels_in_cell(cell) == []
    with pytest.raises(InvalidValue):
        kind.from_cell(cell, AnswerContext(["x"]))


def test_known_labels_say_what_another_separator_means() -> None:
    kind = LabelSet()
    assert kind.from_cell("a, b", AnswerContext(["a", "b"])) == {"labels": ["a", "b"]}
    assert kind.from_cell("a, b", AnswerContext(["a, b"])) == {"labels": ["a, b"]}


@pytest.mark.parametrize(
    "cell",
    [
        '[{"start": 0, "end": 3, "label": "PER"}]',
        '[{"id": 1, "start_offset": 0, "end_offset": 3, "label": "PER"}]',
        '[{"start": 0, "end": 3, "text": "Ada", "labels": ["PER"]}]',
        '[[0, 3, "PER"]]',
        "[(0, 3, 'PER')]",
    ],
)
def test_spans_as_other_tools_write_them(cell: str) -> None:
    kind, context = Spans(), AnswerContext(["PER"], {"text": "Ada in Paris"})
    assert kind.labels_in_cell(cell) == ["PER"]
    assert kind.from_cell(cell, context) == {"spans": [{"start": 0, "end": 3, "label": "PER"}]}


def test_spans_that_overlap_are_refused_with_the_setting() -> None:
    with pytest.raises(InvalidValue, match="spans_overlap"):
        Spans().from_cell('[[0, 3, "A"], [1, 4, "A"]]', AnswerContext(["A"], {"text": "Bank of"}))


NUMBER = Number(NumberScale(0, 10_000))


@pytest.mark.parametrize(
    ("cell", "decimal_comma", "number"),
    [
        ("12,5", False, 12.5),
        ("1.234,5", False, 1234.5),
        ("1,234.5", False, 1234.5),
        ("1.234", True, 1234),
        ("1,234", True, 1.234),
    ],
)
def test_numbers_with_a_decimal_comma(cell: str, decimal_comma: bool, number: float) -> None:
    context = AnswerContext([], decimal_comma=decimal_comma)
    assert NUMBER.from_cell(cell, context) == {"number": number}


@pytest.mark.parametrize("cell", ["1_000", "nan", "inf", "12,5 EUR", "", "1,234", "٣x"])
def test_what_is_no_number_for_certain_is_told(cell: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        NUMBER.from_cell(cell, AnswerContext([]))
    assert cell in caught.value.message


def test_a_rating_with_a_decimal_comma() -> None:
    assert Rating().from_cell("4,5", AnswerContext(["4.5"])) == {"rating": 4.5}
    assert Rating().labels_in_cell("4,50") == ["4.5"]


# Imports


@pytest.fixture
def bring(project: Project, lead: User) -> Callable[..., Import]:
    """Return a function rows -> the import when it has ended; labels are made as they come."""
    project.labels.all().delete()

    def run(rows: list[dict[str, Any]]) -> Import:
        raw = "".join(json.dumps(row) + "\n" for row in rows).encode()
        row = importing.create_import(project, lead, SimpleUploadedFile("rows.jsonl", raw))
        importing.start_draft(row)
        importing.run_import(row.pk)
        row.refresh_from_db()
        return row

    return run


def answers() -> dict[str, Any]:
    rows = Annotation.objects.answers().select_related("item")
    return {row.item.content["text"]: row.value["labels"] for row in rows}


def test_lists_do_not_become_names_of_labels(bring: Callable[..., Import], project: Project) -> None:
    labels: list[Any] = ["pos", ["neg"], [], None, ["pos", "neg"]]
    run = bring([{"text": f"text {n}", "label": label} for n, label in enumerate(labels)])
    assert (run.rows_added, run.rows_rejected) == (4, 1)
    assert project.label_names() == ["pos", "neg"]
    assert answers() == {"text 0": ["pos"], "text 1": ["neg"]}
    assert "has 2 labels" in run.rejects.get().reason


@pytest.mark.parametrize("labels", [[True, False, "True", "TRUE"], [1, 0, 1.0, "1"]])
def test_one_value_in_several_spellings_is_one_label(
    bring: Callable[..., Import], project: Project, labels: list[Any]
) -> None:
    bring([{"text": f"text {n}", "label": label} for n, label in enumerate(labels)])
    assert len(project.label_names()) == 2
    assert answers()["text 0"] == answers()["text 2"] == answers()["text 3"]


def test_the_answer_of_a_duplicate_is_taken_where_there_is_none(bring: Callable[..., Import], project: Project) -> None:
    run = bring([{"text": "a"}, {"text": "a", "label": "x"}, {"text": "a", "label": "y"}, {"text": "a", "label": "x"}])
    assert (run.rows_added, run.rows_duplicate) == (1, 3)
    assert answers() == {"a": ["x"]}
    assert project.label_names() == ["x"]
    told = dict(run.rejects.values_list("row", "reason"))
    assert "has taken this one" in told[2]
    assert told[3].endswith("the answer of this row was not taken: y")
    assert told[4] == "The same as row 1."


def test_a_later_file_brings_the_answers_that_items_lack(
    bring: Callable[..., Import], project: Project, annotator: User
) -> None:
    bring([{"text": "a", "label": "x"}, {"text": "b"}, {"text": "c"}, {"text": "d", "label": "y"}])
    item = project.items.get(content__text="c")
    Annotation.objects.create(project=project, item=item, user=annotator, outcome="label", value={"labels": ["x"]})
    project.items.filter(pk=item.pk).update(answers=1)
    run = bring([{"text": "a", "label": "x"}, {"text": "b", "label": "y"}, {"text": "c", "label": "y"}])
    assert (run.rows_added, run.rows_duplicate) == (0, 3)
    assert answers() == {"a": ["x"], "b": ["y"], "c": ["x"], "d": ["y"]}
    assert list(project.items.order_by("position").values_list("answers", flat=True)) == [1, 1, 1, 1]
    assert "was not taken: y" in run.rejects.get(row=3).reason


def test_a_duplicate_whose_answer_cannot_be_read_says_so(bring: Callable[..., Import], project: Project) -> None:
    bring([{"text": "a"}, {"text": "b", "label": "x"}])
    raw = b'{"text": "a", "label": "unheard of"}\n'
    run = importing.create_import(project, project.created_by, SimpleUploadedFile("rows.jsonl", raw))  # type: ignore[arg-type]
    importing.start_draft(run, {"text": "text", "label": "label", "create_labels": False})
    importing.run_import(run.pk)
    assert "Its answer was not taken: 'unheard of' is not a label" in run.rejects.get().reason
