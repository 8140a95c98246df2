"""Mean average precision of boxes at half overlap, with its interval over images. Pure.

The figure of the field (Everingham et al. 2010; Lin et al., ECCV 2014), by `detection.average_precision`. Boxes
of one image are right or wrong together, so intervals come from resampling images (Efron 1979).
"""

import warnings
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from annotation.tasktypes import TaskType
from learner.engine.detections.average_precision import RankedDetections, Truth, rank_detections
from learner.engine.detections.contract import Detections
from learner.engine.detections.packed_detections import DetectionsByPosition
from learner.engine.statistics.estimates import Estimate, wilson_interval

RESAMPLES = 200  # the ends of an interval are known to a tenth of its width, and a curve has many points
SEED = 20100909


def average_precision_estimates(
    task_type: TaskType, truth: Mapping[str, str], detections: DetectionsByPosition
) -> tuple[Estimate | None, dict[str, Estimate]]:
    """Return the mean over the labels that people marked, and each one's average precision; None where there is none.

    `truth` are answers, as targets, by position of their item.
    """
    components_of_images = [task_type.answer.components(task_type.answer.value(target)) for target in truth.values()]
    names = sorted({label for components in components_of_images for label, _ in components})
    true_boxes = [_boxes_and_labels(components, names) for components in components_of_images]
    detections_of_images = [_relabel_detections(detections.at(position), detections.names, names) for position in truth]
    weights = _bootstrap_image_weights(len(components_of_images))
    labels = [rank_detections(true_boxes, detections_of_images, position) for position in range(len(names))]
    values = np.array([label.average_precision(weights) for label in labels]).reshape(len(names), len(weights))
    per_label = {
        name: _bootstrap_estimate(row, _image_count(label))
        for name, row, label in zip(names, values, labels, strict=True)
    }
    return (_bootstrap_estimate(_mean_over_labels(values), len(components_of_images)) if names else None), per_label


def _boxes_and_labels(components: Sequence[tuple[str, object]], names: Sequence[str]) -> Truth:
    boxes = np.array([box for _, box in components], np.float64).reshape(-1, 4)
    return boxes, np.array([names.index(label) for label, _ in components], np.intp)


def _relabel_detections(detections: Detections, names: Sequence[str], label_names: Sequence[str]) -> Detections:
    """Return the detections with labels as positions in `label_names`; those of other labels are left out."""
    positions = np.array([label_names.index(name) if name in label_names else -1 for name in names], np.intp)
    labels = positions[detections.labels] if len(names) else detections.labels
    return Detections(detections.boxes, labels, detections.scores, detections.leads).take(labels >= 0)


def _bootstrap_image_weights(n: int) -> NDArray[np.int64]:
    """Return (1 + RESAMPLES, n) how often each image counts: all of them once, and then as drawn."""
    values = np.random.default_rng(SEED).multinomial(n, np.full(n, 1 / max(n, 1)), size=RESAMPLES)
    return np.concatenate([np.ones((1, n), np.int64), values])


def _image_count(label: RankedDetections) -> int:
    return int(((label.truth_count > 0) | (np.bincount(label.images, minlength=len(label.truth_count)) > 0)).sum())


def _mean_over_labels(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean over the labels that a draw has boxes of; nan where it has none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.asarray(np.nanmean(values, axis=0))


def _bootstrap_estimate(values: NDArray[np.float64], n: int) -> Estimate:
    """Return the first value and the percentiles of the others; where all or nothing is right, Wilson's too."""
    value = float(values[0])
    low, high = (float(end) for end in np.nanpercentile(values, [2.5, 97.5]))
    if value in (0.0, 1.0):
        wilson_bounds = wilson_interval(value * n, n)
        low, high = min(low, wilson_bounds[0]), max(high, wilson_bounds[1])
    return Estimate(value, min(low, value), max(high, value), n)
