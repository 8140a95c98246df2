"""All that was found in pictures, sure or not, as a round keeps it: what average precision is computed from.

Sides are kept to a tenth of a pixel and scores to four digits: a dozen bytes a box.
"""

import base64
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.engine.estimators.detection.detector import Detection

MOST = 100  # boxes of a picture, the best: so many COCO counts
SIDE_STEP, SCORE_STEP = 0.1, 1 / 65535
NOTHING = Detection(np.empty((0, 4), np.float32), np.empty(0, np.intp), *(np.empty(0, np.float32),) * 2)


@dataclass(frozen=True)
class Found:
    """What was found in pictures: names of the labels, and by position of an item its boxes; without their leads."""

    names: list[str]
    by_position: dict[str, Detection]

    def of(self, position: str) -> Detection:
        """Return what was found there: nothing where nobody looked."""
        return self.by_position.get(position, NOTHING)


def pack(positions: NDArray[np.integer], found: Sequence[Detection | None], names: Sequence[str]) -> dict[str, Any]:
    """Return a form for JSON: {labels, positions, codes}."""
    best = [one.take(np.arange(len(one.scores))[:MOST]) if one else NOTHING for one in found] or [NOTHING]
    parts = (
        np.array([len(one.scores) for one in best[: len(positions)]], "<u2"),
        np.concatenate([one.labels for one in best]).astype("<u2"),
        np.rint(np.concatenate([one.scores for one in best]) / SCORE_STEP).astype("<u2"),
        np.rint(np.concatenate([one.boxes for one in best]) / SIDE_STEP).astype("<i4"),
    )
    codes = base64.b64encode(zlib.compress(b"".join(part.tobytes() for part in parts), 6)).decode()
    return {"labels": list(names), "positions": [int(place) for place in positions], "codes": codes}


def unpack(packed: Mapping[str, Any]) -> Found:
    """Return what was packed."""
    raw, n = zlib.decompress(base64.b64decode(packed["codes"])), len(packed["positions"])
    counts = np.frombuffer(raw, "<u2", n)
    total = int(counts.sum())
    labels, scores = np.frombuffer(raw, "<u2", 2 * total, 2 * n).astype(np.intp).reshape(2, total)
    boxes = np.frombuffer(raw, "<i4", 4 * total, 2 * n + 4 * total).reshape(total, 4)
    whole = Detection(*_in_units(boxes, labels, scores), np.zeros(total, np.float32))
    ends = np.cumsum(counts, dtype=np.intp)
    spans = zip(packed["positions"], ends - counts, ends, strict=True)
    return Found(list(packed["labels"]), {str(place): whole.take(np.arange(low, high)) for place, low, high in spans})


def _in_units(boxes: Any, labels: Any, scores: Any) -> tuple[NDArray[Any], NDArray[np.intp], NDArray[Any]]:
    return (boxes * SIDE_STEP).astype(np.float32), labels, (scores * SCORE_STEP).astype(np.float32)
