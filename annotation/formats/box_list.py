"""The boxes of one image as they are read from a file beside it: those that are some, and why the others are none."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from annotation.formats.contract import Problems
from annotation.lazy_text import LazyText as _
from annotation.tasktypes.answers.json_cells import parse_list_cell

ANSWERED_KEY = "answered"  # of an image in Margin's own exports: it has an answer, though there be no boxes
Box = dict[str, Any]


@dataclass(frozen=True)
class ImageBoxes:
    """The boxes of one image: none, or None where they are not known; and the size of the image they were drawn on."""

    boxes: list[Box] | None = None
    size: tuple[int, int] | None = None  # width and height, where the file tells


class BoxList:
    """The boxes of one image, and why some are none."""

    def __init__(self, where: str, width: float, height: float, trouble: Problems) -> None:
        self.is_known = True  # that there are no others
        self._taken: dict[tuple[object, ...], Box] = {}
        self._where, self._size, self._trouble = where, (width, height), trouble
        self._has_refused = False

    @property
    def result(self) -> ImageBoxes:
        """What is known about the image: nothing where each of its boxes was refused."""
        boxes = list(self._taken.values())
        size = (round(self._size[0]), round(self._size[1])) if all(side > 0 for side in self._size) else None
        return ImageBoxes(boxes if boxes or (self.is_known and not self._has_refused) else None, size)

    def refuse(self, where: str, reason: str) -> None:
        """Note a box that is left out."""
        self._has_refused = True
        self._trouble.append((where, reason))

    def add(self, sides: Sequence[Any], label: object) -> None:
        """Take x, y, w, h and a label, or say why not."""
        numbers = [float(side) if is_number(side) else math.nan for side in sides]
        name = label.strip() if isinstance(label, str) else ""
        box = {**dict(zip("xywh", numbers, strict=False)), "label": name}
        reason = self._box_fault(numbers, box)
        if reason:
            written = " ".join(f"{number:g}" for number in numbers)
            self.refuse(f"{self._where}: {name} {written}", reason)
        else:
            self._taken[tuple(box.values())] = box

    def _box_fault(self, numbers: Sequence[float], box: Box) -> str:
        if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
            return _("The box was left out: its four numbers cannot be read.")
        x, y, w, h = numbers
        width, height = (size if size > 0 else math.inf for size in self._size)
        if w <= 0 or h <= 0:
            return _("The box was left out: it has no area.")
        if x >= width or y >= height or x + w <= 0 or y + h <= 0:
            return _("The box was left out: it is outside of the image.")
        if not box["label"] or not box["label"].isprintable():
            return _("The box was left out: it has no name.")
        return _("The box was left out: it is there twice.") if tuple(box.values()) in self._taken else ""


def holds_boxes(value: object) -> bool:
    """Whether a cell is a JSON list of boxes, one at least."""
    items = parse_list_cell(value) if isinstance(value, str) else None
    first = items[0] if isinstance(items, list) and items else None
    return isinstance(first, dict) and {"x", "y", "w", "h"} <= first.keys()


def is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9
