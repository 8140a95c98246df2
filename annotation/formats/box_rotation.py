"""Boxes that were drawn on an image as it is stored, on the image as people see it: turned as its EXIF data says."""

from collections.abc import Mapping, Sequence
from typing import Any


def rotate_boxes_upright(
    boxes: Sequence[Mapping[str, Any]], orientation: int, size: tuple[int, int]
) -> list[dict[str, Any]]:
    """Return boxes {"x", "y", "w", "h", ...} on the upright image, given the width and height of the stored one.

    >>> rotate_boxes_upright([{"x": 10, "y": 20, "w": 30, "h": 5}], 6, (200, 100))
    [{'x': 75, 'y': 10, 'w': 5, 'h': 30}]
    """
    return [_rotate_box(box, orientation, *size) for box in boxes]


def _rotate_box(box: Mapping[str, Any], orientation: int, width: int, height: int) -> dict[str, Any]:
    x, y, w, h = (box[side] for side in ("x", "y", "w", "h"))
    right, below = width - x - w, height - y - h
    x, y, w, h = {
        2: (right, y, w, h),
        3: (right, below, w, h),
        4: (x, below, w, h),
        5: (y, x, h, w),
        6: (below, x, h, w),
        7: (below, right, h, w),
        8: (y, right, h, w),
    }.get(orientation, (x, y, w, h))
    return {**box, "x": x, "y": y, "w": w, "h": h}
