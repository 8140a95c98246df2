"""How sure a model was of each part that it said, and whether people said the same: what calibration rests on. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.tasktypes import TaskType
from annotation.tasktypes.answers.component_matching import MIN_IOU
from learner.engine.estimators.detection.average_precision import hits
from learner.engine.estimators.detection.detections import ImageDetections, unpack

NO_DETECTIONS = ImageDetections([], {})
Sureties = tuple[NDArray[np.float64], NDArray[np.bool_]]  # (m,) from 0 to 1, and (m,) whether that is right
# the answers and what a model said, by position, and what it found, as `Detector.detect_all` lists it
Surety = Callable[[TaskType, Mapping[str, str], Mapping[str, str], Mapping[str, Any]], Sureties]


def surety_of_boxes(
    kind: TaskType, truth: Mapping[str, str], said: Mapping[str, str], found: Mapping[str, Any]
) -> Sureties:
    """Return the scores of the m boxes said, and which of them people have too.

    `truth` and `said` are targets by position of their item, `found` is what a round kept of all that was found there,
    of which the surest of each label were said; of rounds of before it was kept there are none.
    """
    sure, right = [np.empty(0)], [np.empty(0, bool)]
    kept = unpack(found) if found else NO_DETECTIONS
    for position, target in truth.items():
        given, there = _by_label(kind, target), kept.at(position)
        names = np.array(kept.names, object)[there.labels]
        for label, boxes in _by_label(kind, said[position]).items():
            surest = there.take(np.flatnonzero(names == label)[: len(boxes)])
            sure.append(surest.scores.astype(np.float64))
            right.append(hits(surest.boxes, given.get(label, np.empty((0, 4))), MIN_IOU))
    return np.concatenate(sure), np.concatenate(right)


def _by_label(kind: TaskType, target: str) -> dict[str, NDArray[np.float64]]:
    parts = kind.answer.components(kind.answer.value(target))
    return {name: np.array([place for label, place in parts if label == name]) for name, _ in parts}
