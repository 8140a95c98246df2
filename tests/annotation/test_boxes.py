"""Boxes: what is refused and where, what is cut at the image's edges, and which answers say the same."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.errors import InvalidValue
from annotation.tasktypes import TASK_TYPES, AnswerContext
from annotation.tasktypes.answers.boxes import MAX_BOXES

BOXES = TASK_TYPES["boxes"].answer
CONTEXT = AnswerContext(["cell", "dust"], {"image": "a.png", "width": 60, "height": 40})


def box(x: object, y: object, w: object, h: object, label: object = "cell") -> dict[str, Any]:
    return {"x": x, "y": y, "w": w, "h": h, "label": label}


def clean(*boxes: object) -> list[dict[str, Any]]:
    return BOXES.clean({"boxes": list(boxes)}, CONTEXT)["boxes"]


def test_boxes_are_sorted_rounded_and_cut_at_the_edges() -> None:
    given = [box(9, 5, 3, 3), box(1, 5, 3, 3), box(0, 2.3456, 100, 7.7777), box(-5, -5, 10, 10, "dust")]
    assert clean(*given) == [
        box(0, 0, 5, 5, "dust"),
        box(0, 2.35, 60, 7.77),
        box(1, 5, 3, 3),
        box(9, 5, 3, 3),
    ]
    assert clean() == []


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ([], "value"),
        ({"spans": []}, "value"),
        ({"boxes": {}}, "value.boxes"),
        ({"boxes": [box(n % 50, n // 50, 1, 1) for n in range(MAX_BOXES + 1)]}, "value.boxes"),
        ({"boxes": [box(0, 0, 1, 1), [0, 0, 1, 1]]}, "value.boxes[1]"),
        ({"boxes": [{**box(0, 0, 1, 1), "score": 1}]}, "value.boxes[0]"),
        ({"boxes": [box("0", 0, 1, 1)]}, "value.boxes[0].x"),
        ({"boxes": [box(0, y=True, w=1, h=1)]}, "value.boxes[0].y"),
        ({"boxes": [box(0, 0, float("nan"), 1)]}, "value.boxes[0].w"),
        ({"boxes": [box(0, 0, 1, float("inf"))]}, "value.boxes[0].h"),
        ({"boxes": [box(10**400, 0, 1, 1)]}, "value.boxes[0].x"),
        ({"boxes": [box(0, 0, 0, 1)]}, "value.boxes[0].w"),
        ({"boxes": [box(5, 5, 1, -1)]}, "value.boxes[0].h"),
        ({"boxes": [box(5, 5, 1, 0.001)]}, "value.boxes[0].h"),
        ({"boxes": [box(60, 0, 5, 5)]}, "value.boxes[0].x"),
        ({"boxes": [box(0, -9, 5, 5)]}, "value.boxes[0].y"),
        ({"boxes": [box(0, 0, 1, 1, "star")]}, "value.boxes[0].label"),
        ({"boxes": [box(0, 0, 1, 1), box(0, 0, 1, 1, "dust"), box(0, 0, 1.001, 1)]}, "value.boxes[2]"),
    ],
)
def test_what_is_wrong_is_named(value: object, part: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        BOXES.clean(value, CONTEXT)
    assert caught.value.message
    assert caught.value.details == {"part": part}


def test_an_item_that_is_not_at_hand_has_no_right_edge() -> None:
    context = AnswerContext(["cell"])
    assert BOXES.clean({"boxes": [box(500, -1, 9, 9)]}, context) == {"boxes": [box(500, 0, 9, 8)]}


numbers = st.floats(-20, 80, allow_nan=False) | st.integers(-20, 80)


@given(st.lists(st.builds(box, numbers, numbers, numbers, numbers, st.sampled_from(["cell", "dust"])), max_size=4))
def test_what_is_taken_lies_inside_and_stays_as_it_is(boxes: list[dict[str, Any]]) -> None:
    part, taken = "value.boxes", []
    try:
        taken = clean(*boxes)
    except InvalidValue as error:
        part = error.details["part"]
    assert part.startswith("value.boxes")
    assert clean(*taken) == taken
    for one in taken:
        assert one["x"] >= 0
        assert one["y"] >= 0
        assert one["w"] > 0
        assert one["h"] > 0
        assert round(one["x"] + one["w"], 2) <= 60
        assert round(one["y"] + one["h"], 2) <= 40


def distance(a: list[Any], b: list[Any]) -> float:
    return BOXES.distance({"boxes": a}, {"boxes": b})


def test_boxes_of_one_label_that_overlap_by_half_are_the_same() -> None:
    assert distance([], []) == 0
    assert distance([], [box(0, 0, 10, 10)]) == 1
    assert distance([box(0, 0, 10, 10)], [box(0, 0, 10, 10, "dust")]) == 1
    assert distance([box(0, 0, 10, 10)], [box(0, 0, 10, 5)]) == 0
    assert distance([box(0, 0, 10, 10)], [box(0, 0, 10, 4.9)]) == 1
    assert distance([box(0, 0, 10, 10), box(30, 0, 9, 9)], [box(1, 0, 10, 10)]) == pytest.approx(1 / 3)


def test_each_box_is_matched_once_the_most_alike_first() -> None:
    near, nearer = box(2, 0, 10, 10), box(1, 0, 10, 10)
    assert distance([box(0, 0, 10, 10)], [near, nearer]) == pytest.approx(1 / 3)
    # the second of the left takes the first of the right, which the other would have had too
    assert distance([box(0, 0, 10, 10), box(3, 0, 10, 10)], [box(3, 0, 10, 10), box(0, 3, 10, 10)]) == 0


def test_answers_have_in_common_what_overlaps_and_a_nudge_is_no_other_answer() -> None:
    drawn = {"boxes": [box(0, 0, 10, 10), box(50, 0, 10, 10)]}
    nudged, fewer = {"boxes": [box(1, 0, 10, 10), box(50, 1, 10, 10)]}, {"boxes": [box(0, 0, 10, 10)]}
    targets = [BOXES.target(one) for one in (drawn, nudged, fewer)]
    assert [BOXES.similarity(targets[0], one) for one in targets] == pytest.approx([1, 1, 2 / 3])
    assert BOXES.differs(drawn, drawn) is BOXES.differs(drawn, nudged) is False
    assert BOXES.differs(drawn, fewer) is BOXES.differs(drawn, {"boxes": []}) is True
    assert BOXES.differs(drawn, None) is BOXES.differs(None, drawn) is None


def test_people_agree_whose_boxes_are_nearly_the_same() -> None:
    targets = [
        BOXES.target({"boxes": clean(*boxes)})
        for boxes in ([box(9, 9, 9, 9)], [box(0, 0, 10, 10)], [box(1, 0, 10, 10)])
    ]
    assert BOXES.consensus(targets) == targets[1]
    assert BOXES.consensus(targets[:2]) is None
    assert BOXES.consensus([]) is None
    words = TASK_TYPES["text_classification"].answer
    assert words.consensus(["spam", "ham", "spam"]) == "spam"
    assert words.consensus(["spam", "ham"]) is None
