"""Mean average precision of boxes at half overlap, with its interval over pictures. Pure.

The figure of the field (Everingham et al. 2010; Lin et al., ECCV 2014), by `learner.detection.average_precision`. Boxes
of one picture are right or wrong together, so intervals come from resampling pictures (Efron 1979).
"""

import warnings
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from annotation.tasktypes import TaskType
from learner.engine.estimators.detection.average_precision import RankedDetections, Truth, rank_detections
from learner.engine.estimators.detection.detections import DetectionsByPosition
from learner.engine.estimators.detection.detector import Detections
from learner.engine.statistics.estimates import Estimate, wilson

RESAMPLES = 200  # the ends of an interval are known to a tenth of its width, and a curve has many points
SEED = 20100909


def average_precision_estimates(
    task_type: TaskType, truth: Mapping[str, str], found: DetectionsByPosition
) -> tuple[Estimate | None, dict[str, Estimate]]:
    """Return the mean over the labels that people marked, and each one's average precision; None where there is none.

    `truth` are answers, as targets, by position of their item.
    """
    parts = [task_type.answer.components(task_type.answer.value(target)) for target in truth.values()]
    names = sorted({label for one in parts for label, _ in one})
    given = [_truth(one, names) for one in parts]
    said = [_renamed(found.at(position), found.names, names) for position in truth]
    times = _times(len(parts))
    labels = [rank_detections(given, said, place) for place in range(len(names))]
    drawn = np.array([label.precision(times) for label in labels]).reshape(len(names), len(times))
    each = {name: _estimate(row, _pictures(label)) for name, row, label in zip(names, drawn, labels, strict=True)}
    return (_estimate(_means(drawn), len(parts)) if names else None), each


def _truth(parts: Sequence[tuple[str, object]], names: Sequence[str]) -> Truth:
    boxes = np.array([place for _, place in parts], np.float64).reshape(-1, 4)
    return boxes, np.array([names.index(label) for label, _ in parts], np.intp)


def _renamed(found: Detections, names: Sequence[str], wanted: Sequence[str]) -> Detections:
    """Return what was found with labels as places in `wanted`; those that are not there are left out."""
    places = np.array([wanted.index(name) if name in wanted else -1 for name in names], np.intp)
    labels = places[found.labels] if len(names) else found.labels
    return Detections(found.boxes, labels, found.scores, found.leads).take(labels >= 0)


def _times(n: int) -> NDArray[np.int64]:
    """Return (1 + RESAMPLES, n) how often each picture counts: all of them once, and then as drawn."""
    drawn = np.random.default_rng(SEED).multinomial(n, np.full(n, 1 / max(n, 1)), size=RESAMPLES)
    return np.concatenate([np.ones((1, n), np.int64), drawn])


def _pictures(label: RankedDetections) -> int:
    return int(((label.truth_count > 0) | (np.bincount(label.images, minlength=len(label.truth_count)) > 0)).sum())


def _means(drawn: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean over the labels that a draw has boxes of; nan where it has none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.asarray(np.nanmean(drawn, axis=0))


def _estimate(drawn: NDArray[np.float64], n: int) -> Estimate:
    """Return the first value and the percentiles of the others; where all or nothing is right, Wilson's doubt too."""
    value = float(drawn[0])
    low, high = (float(end) for end in np.nanpercentile(drawn, [2.5, 97.5]))
    if value in (0.0, 1.0):
        sure = wilson(value * n, n)
        low, high = min(low, sure[0]), max(high, sure[1])
    return Estimate(value, min(low, value), max(high, value), n)
