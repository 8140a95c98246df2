"""How confident a model was of each predicted component, and whether people have it too: for calibration. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.tasktypes import TaskType
from annotation.tasktypes.answers.component_matching import MIN_IOU
from learner.engine.detections.average_precision import true_positive_mask
from learner.engine.detections.packed_detections import DetectionsByPosition, unpack_detections

NO_DETECTIONS = DetectionsByPosition([], {})
# (m,) from 0 to 1, and (m,) whether that is right
ConfidenceAndCorrectness = tuple[NDArray[np.float64], NDArray[np.bool_]]
# people's answers and the model's, by position, and all detections, as `Detector.detect_all` lists it
ConfidenceFunction = Callable[
    [TaskType, Mapping[str, str], Mapping[str, str], Mapping[str, Any]], ConfidenceAndCorrectness
]


def box_confidences_and_correctness(
    task_type: TaskType, truth: Mapping[str, str], predicted: Mapping[str, str], detections: Mapping[str, Any]
) -> ConfidenceAndCorrectness:
    """Return the scores of the m predicted boxes, and which of them people have too.

    `truth` and `predicted` are targets by position of their item. `detections` is what a round kept of all detections,
    of which the most confident of each label were predicted; rounds of the first releases kept none.
    """
    scores, correct = [np.empty(0)], [np.empty(0, bool)]
    all_detections = unpack_detections(detections) if detections else NO_DETECTIONS
    for position, target in truth.items():
        true_boxes, detections_here = _boxes_by_label(task_type, target), all_detections.at(position)
        names = np.array(all_detections.names, object)[detections_here.labels]
        for label, boxes in _boxes_by_label(task_type, predicted[position]).items():
            predicted_boxes = detections_here.take(np.flatnonzero(names == label)[: len(boxes)])
            scores.append(predicted_boxes.scores.astype(np.float64))
            correct.append(true_positive_mask(predicted_boxes.boxes, true_boxes.get(label, np.empty((0, 4))), MIN_IOU))
    return np.concatenate(scores), np.concatenate(correct)


def _boxes_by_label(task_type: TaskType, target: str) -> dict[str, NDArray[np.float64]]:
    components = task_type.answer.components(task_type.answer.value(target))
    return {name: np.array([box for label, box in components if label == name]) for name, _ in components}
