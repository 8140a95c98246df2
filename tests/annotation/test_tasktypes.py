"""The contract of every task type: what goes in comes out, and what is malformed is refused with its wrong part."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.errors import InvalidValue
from annotation.tasktypes import TASK_TYPES, AnswerContext, TaskType, label_names_in, rename_labels
from annotation.tasktypes.answers import LabelSet
from tests.annotation.answers import ANSWER_CONTEXTS, ANSWERS, LABELS

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture(params=sorted(TASK_TYPES))
def kind(request: pytest.FixtureRequest) -> TaskType:
    return TASK_TYPES[request.param]


def answers(kind: TaskType) -> list[dict[str, Any]]:
    return [kind.answer.clean(value, ANSWER_CONTEXTS[kind.name]) for value in ANSWERS[kind.name]]


def test_every_task_type_has_its_name_and_examples(kind: TaskType) -> None:
    assert TASK_TYPES[kind.name] is kind
    assert kind.title
    assert kind.widget
    assert len(ANSWERS[kind.name]) >= 2


def test_every_task_type_has_an_item_to_show_to_who_chooses_it(kind: TaskType) -> None:
    content = kind.example
    wanted = {"width", "height"} if kind.content.keys == ("image",) else set(kind.content.keys)
    assert wanted <= set(content)
    assert content.keys() - wanted <= ({"fields"} if kind.content.has_fields else set())


def test_a_canonical_answer_stays_as_it_is(kind: TaskType) -> None:
    for answer in answers(kind):
        assert kind.answer.clean(answer, ANSWER_CONTEXTS[kind.name]) == answer


def test_an_answer_comes_back_from_its_target_and_its_cell(kind: TaskType) -> None:
    for answer in answers(kind):
        assert kind.answer.value(kind.answer.target(answer)) == answer
        assert kind.answer.from_cell(kind.answer.to_cell(answer), ANSWER_CONTEXTS[kind.name]) == answer


def test_targets_are_equal_for_equal_answers_only(kind: TaskType) -> None:
    targets = [kind.answer.target(answer) for answer in answers(kind)]
    assert len(set(targets)) == len(targets)


def test_parts_have_labels_of_the_project(kind: TaskType) -> None:
    for answer in answers(kind):
        parts = kind.answer.components(answer)
        assert {label for label, _ in parts} <= set(ANSWER_CONTEXTS[kind.name].labels)
        assert len(set(parts)) == len(parts)
        assert kind.answer.in_components or len(parts) == kind.answer.has_labels
        assert set(kind.answer.labels_in_cell(kind.answer.to_cell(answer))) == {label for label, _ in parts}


def test_distance_is_none_to_itself_and_the_same_both_ways(kind: TaskType) -> None:
    for a in answers(kind):
        assert kind.answer.distance(a, a) == 0
        for b in answers(kind):
            assert 0 <= kind.answer.distance(a, b) <= 1
            assert kind.answer.distance(a, b) == kind.answer.distance(b, a)
            assert (kind.answer.distance(a, b) > 0) == (a != b)


@given(names=st.dictionaries(st.sampled_from(LABELS), st.sampled_from([*LABELS, "label", "labels", "x"])))
@pytest.mark.parametrize("name", [name for name, kind in TASK_TYPES.items() if not kind.built_in_labels])
def test_renamed_labels_leave_a_canonical_answer(name: str, names: dict[str, str]) -> None:
    kind, context = TASK_TYPES[name], ANSWER_CONTEXTS[name]
    wider = AnswerContext([*LABELS, "label", "labels", "x"], context.content, context.settings)
    for answer in answers(kind):
        found = rename_labels(kind.answer, answer, names)
        assert kind.answer.clean(found, wider) == found
        assert set(label_names_in(found)) == {names.get(label, label) for label in label_names_in(answer)}
        assert {label for label, _ in kind.answer.components(found)} == {
            names.get(label, label) for label, _ in kind.answer.components(answer)
        }


@given(value=JSON)
@pytest.mark.parametrize("name", sorted(TASK_TYPES))
def test_what_is_malformed_is_refused_with_the_part(name: str, value: object) -> None:
    kind = TASK_TYPES[name]
    for given_value in (
        value,
        {"labels": value},
        {"spans": value},
        {"boxes": value},
        {"rating": value},
        {"number": value},
        {"labels": [value]},
    ):
        part, cleaned = "", None
        try:
            cleaned = kind.answer.clean(given_value, ANSWER_CONTEXTS[name])
        except InvalidValue as error:
            part = str(error.details["part"])
        assert (
            part.startswith("value")
            if cleaned is None
            else kind.answer.clean(cleaned, ANSWER_CONTEXTS[name]) == cleaned
        )


@given(cell=st.text(max_size=30))
@pytest.mark.parametrize("name", sorted(TASK_TYPES))
def test_any_cell_is_read_or_refused(name: str, cell: str) -> None:
    kind = TASK_TYPES[name]
    assert all(isinstance(label, str) for label in kind.answer.labels_in_cell(cell))
    answer, part = None, ""
    try:
        answer = kind.answer.from_cell(cell, ANSWER_CONTEXTS[name])
    except InvalidValue as error:
        part = error.details["part"]
    assert part if answer is None else kind.answer.clean(answer, ANSWER_CONTEXTS[name]) == answer


def test_several_labels_in_a_cell() -> None:
    kind, context = LabelSet(), AnswerContext(["a", "b", "c|d"])
    assert kind.from_cell("b | a", context) == {"labels": ["a", "b"]}
    assert kind.from_cell('["c|d"]', context) == {"labels": ["c|d"]}
    assert kind.from_cell("[]", context) == {"labels": []}
    assert kind.to_cell({"labels": ["c|d"]}) == '["c|d"]'
    assert kind.labels_in_cell("b|a|b") == ["b", "a"]
    with pytest.raises(InvalidValue) as caught:
        kind.clean({"labels": ["a", "a"]}, context)
    assert caught.value.details == {"part": "value.labels[1]"}
