"""All detections in images, whatever their scores, as a round keeps them: average precision is computed from these.

Sides are kept to a tenth of a pixel and scores to four digits: a dozen bytes a box.
"""

import base64
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.engine.detections.contract import Detections

MAX_DETECTIONS = 100  # boxes of an image, the best: so many COCO counts
SIDE_STEP, SCORE_STEP = 0.1, 1 / 65535
NO_DETECTIONS = Detections(np.empty((0, 4), np.float32), np.empty(0, np.intp), *(np.empty(0, np.float32),) * 2)


@dataclass(frozen=True)
class DetectionsByPosition:
    """Names of the labels and, by the position of its item, the detections in each image; without their leads."""

    names: list[str]
    by_position: dict[str, Detections]

    def at(self, position: str) -> Detections:
        """Return the detections of the item there; none where no detector has run."""
        return self.by_position.get(position, NO_DETECTIONS)


def pack_detections(
    positions: NDArray[np.integer], detections: Sequence[Detections | None], names: Sequence[str]
) -> dict[str, Any]:
    """Return a form for JSON: {labels, positions, codes}."""
    detections_of_images = [kept or NO_DETECTIONS for kept in detections] or [NO_DETECTIONS]
    best_of_images = [kept.take(np.arange(len(kept.scores))[:MAX_DETECTIONS]) for kept in detections_of_images]
    parts = (
        np.array([len(kept.scores) for kept in best_of_images[: len(positions)]], "<u2"),
        np.concatenate([kept.labels for kept in best_of_images]).astype("<u2"),
        np.rint(np.concatenate([kept.scores for kept in best_of_images]) / SCORE_STEP).astype("<u2"),
        np.rint(np.concatenate([kept.boxes for kept in best_of_images]) / SIDE_STEP).astype("<i4"),
    )
    codes = base64.b64encode(zlib.compress(b"".join(part.tobytes() for part in parts), 6)).decode()
    return {"labels": list(names), "positions": [int(position) for position in positions], "codes": codes}


def unpack_detections(packed: Mapping[str, Any]) -> DetectionsByPosition:
    """Return what was packed."""
    raw, n = zlib.decompress(base64.b64decode(packed["codes"])), len(packed["positions"])
    counts = np.frombuffer(raw, "<u2", n)
    total = int(counts.sum())
    labels, scores = np.frombuffer(raw, "<u2", 2 * total, 2 * n).astype(np.intp).reshape(2, total)
    boxes = np.frombuffer(raw, "<i4", 4 * total, 2 * n + 4 * total).reshape(total, 4)
    box_sides, probabilities = (boxes * SIDE_STEP).astype(np.float32), (scores * SCORE_STEP).astype(np.float32)
    whole = Detections(box_sides, labels, probabilities, np.zeros(total, np.float32))
    ends = np.cumsum(counts, dtype=np.intp)
    spans = zip(packed["positions"], ends - counts, ends, strict=True)
    by_position = {str(position): whole.take(np.arange(low, high)) for position, low, high in spans}
    return DetectionsByPosition(list(packed["labels"]), by_position)
