"""Labelled boxes on an image.

Value: {"boxes": [{"x": 3.0, "y": 4.0, "w": 10.0, "h": 8.0, "label": "RBC"}]}, in pixels of the original image, upright,
from its top left corner; cut at the image's edges, of two decimals. Sorted by y, x, w, h and label. No boxes at all is
an answer too: there is nothing here.
"""

import json
import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from annotation.errors import InvalidValue
from annotation.json_values import CANONICAL
from annotation.lazy_text import LazyText as _
from annotation.tasktypes.answers.component_matching import Match, matching_boxes
from annotation.tasktypes.answers.components import Components
from annotation.tasktypes.answers.contract import AnswerContext, Component
from annotation.tasktypes.answers.json_cells import read_list
from annotation.tasktypes.answers.label_values import known_label, label_text

BOX_SIDES = ("x", "y", "w", "h")
BOX_KEYS = {*BOX_SIDES, "label"}
MAX_BOXES = 1000  # of one answer
EXPECTED_FORM = _('An answer has the form {"boxes": [{"x": 3, "y": 4, "w": 10, "h": 8, "label": "name"}]}.')


class Boxes(Components):
    """Any number of labelled boxes; two are the same that overlap by half and have the same label."""

    reads_content = True

    @property
    def match(self) -> Match:
        """How boxes of two answers are found to be the same."""
        return matching_boxes

    def clean(self, value: object, context: AnswerContext) -> dict[str, Any]:
        """Check {"boxes": [...]} against the labels and the size of the image; what is outside of it is cut off.

        >>> context = AnswerContext(["cell"], {"width": 20, "height": 10})
        >>> Boxes().clean({"boxes": [{"x": 15, "y": -1, "w": 9, "h": 4.001, "label": "cell"}]}, context)
        {'boxes': [{'x': 15.0, 'y': 0.0, 'w': 5.0, 'h': 3.0, 'label': 'cell'}]}
        """
        if not isinstance(value, Mapping) or set(value) != {"boxes"}:
            raise InvalidValue(EXPECTED_FORM, {"part": "value"})
        if not isinstance(value["boxes"], list | tuple):
            raise InvalidValue(EXPECTED_FORM, {"part": "value.boxes"})
        if len(value["boxes"]) > MAX_BOXES:
            raise InvalidValue(_("An answer has at most %(most)d boxes.", most=MAX_BOXES), {"part": "value.boxes"})
        boxes = [_clean_box(box, context, f"value.boxes[{index}]") for index, box in enumerate(value["boxes"])]
        order = sorted(range(len(boxes)), key=lambda index: _box_sort_key(boxes[index]))
        for before, after in pairwise(order):
            if boxes[before] == boxes[after]:
                raise InvalidValue(_("The box is there twice."), {"part": f"value.boxes[{after}]"})
        return {"boxes": [boxes[index] for index in order]}

    def target(self, value: Mapping[str, Any]) -> str:
        """Return the boxes as a JSON list."""
        return CANONICAL.encode(sorted(value["boxes"], key=_box_sort_key))

    def value(self, target: str) -> dict[str, Any]:
        """Return the answer that has these boxes."""
        return {"boxes": [_plain_box(box) for box in json.loads(target)]}

    def components(self, value: Mapping[str, Any]) -> list[Component]:
        """Return each box's label, and where it is: x, y, w, h."""
        return [(str(box["label"]), tuple(box[side] for side in BOX_SIDES)) for box in value["boxes"]]

    def labels_in_cell(self, cell: str) -> list[str]:
        """Return the labels of a cell's boxes, each once."""
        try:
            boxes = _read_boxes_cell(cell)
        except InvalidValue:
            return []
        names = [box.get("label") for box in boxes if isinstance(box, Mapping)]
        return list(
            dict.fromkeys(name for name in names if isinstance(name, str) and name.strip() and name.isprintable())
        )

    def from_cell(self, cell: str, context: AnswerContext) -> dict[str, Any]:
        """Read a JSON list of {"x", "y", "w", "h", "label"}."""
        return self.clean({"boxes": _read_boxes_cell(cell)}, context)

    def to_cell(self, value: Mapping[str, Any]) -> str:
        """Return the boxes as a JSON list."""
        return CANONICAL.encode([_plain_box(box) for box in value["boxes"]])


def _box_sort_key(box: Mapping[str, Any]) -> tuple[float, float, float, float, str]:
    return box["y"], box["x"], box["w"], box["h"], box["label"]


def _plain_box(box: Mapping[str, Any]) -> dict[str, Any]:
    return {**{side: float(box[side]) for side in BOX_SIDES}, "label": box["label"]}


def _clean_box(box: object, context: AnswerContext, part: str) -> dict[str, Any]:
    """Return one box in its canonical form; raises InvalidValue that names what is wrong with it."""
    if not isinstance(box, Mapping) or set(box) != BOX_KEYS:
        raise InvalidValue(EXPECTED_FORM, {"part": part})
    for side in BOX_SIDES:
        if not _is_number(box[side]):
            raise InvalidValue(_("A box has numbers for x, y, w and h, in pixels."), {"part": f"{part}.{side}"})
    content = context.content or {}
    x, w = _clip_side(box["x"], box["w"], content.get("width"), f"{part}.x", f"{part}.w")
    y, h = _clip_side(box["y"], box["h"], content.get("height"), f"{part}.y", f"{part}.h")
    return {"x": x, "y": y, "w": w, "h": h, "label": known_label(box["label"], context, f"{part}.label")}


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond all floats
        return False


def _clip_side(
    start: float, length: float, limit: float | None, start_part: str, length_part: str
) -> tuple[float, float]:
    """Return where a box starts and how long it is along one axis, inside of the image."""
    if length <= 0:
        raise InvalidValue(_("A box is wider and higher than nothing."), {"part": length_part})
    end = float(start) + float(length)
    low, high = round(max(0.0, float(start)), 2), round(end if limit is None else min(float(limit), end), 2)
    if high <= 0 or (limit is not None and low >= limit):
        raise InvalidValue(_("The box is outside of the image."), {"part": start_part})
    length = round(high - low, 2)
    if not 0 < length < math.inf:
        raise InvalidValue(_("A box is wider and higher than nothing."), {"part": length_part})
    return low, length


def _read_boxes_cell(cell: str) -> list[Any]:
    boxes = read_list(cell, InvalidValue(_("This is no JSON list of boxes."), {"part": "value.boxes"}), BOX_KEYS)
    for box in boxes:
        if isinstance(box, dict) and "label" in box:
            box["label"] = label_text(box["label"])
    return boxes
