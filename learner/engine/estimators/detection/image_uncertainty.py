"""How uncertain a detector is of an image, as one number from 0 to 1.

Brust, Käding and Denzler, "Active learning for deep object detection", VISAPP 2019: each box is as uncertain as
(1 - (p1 - p2))^2, p1 and p2 its two best probabilities, background included; an image as all of its boxes together,
their mean, or the worst. A sum is brought below one by 1 - exp(-sum), which keeps the order. Boxes of low
scores count too: a person could settle them.

The count of boxes is uncertain as far as it depends on the score from which boxes are counted.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from learner.engine.detections.contract import Detections

ImageUncertainty = Callable[[Detections], float]  # the detections in an image -> 0 to 1

LOW_SCORE, HIGH_SCORE = 0.3, 0.7  # from which on boxes are counted


def bounded_total(detections: Detections) -> float:
    """Return the bounded sum: images with much to settle come first."""
    return float(-np.expm1(-_box_uncertainties(detections).sum()))


def mean_uncertainty(detections: Detections) -> float:
    """Return the mean; 0 without boxes."""
    return float(_box_uncertainties(detections).mean()) if len(detections.leads) else 0.0


def max_uncertainty(detections: Detections) -> float:
    """Return the uncertainty of the most uncertain box; 0 without boxes."""
    return float(_box_uncertainties(detections).max(initial=0.0))


def count_uncertainty(detections: Detections) -> float:
    """Return which share of a label's boxes has the low score and not the high one.

    The mean over the labels that were detected, so that neither crowded images nor frequent labels go first; 0 without
    boxes.
    """
    low = np.bincount(detections.labels[detections.scores >= LOW_SCORE])
    high = np.bincount(detections.labels[detections.scores >= HIGH_SCORE], minlength=len(low))
    is_detected = low > 0
    return float((1 - high[is_detected] / low[is_detected]).mean()) if is_detected.any() else 0.0


def _box_uncertainties(detections: Detections) -> NDArray[np.float64]:
    return (1 - np.clip(np.asarray(detections.leads, np.float64), 0, 1)) ** 2


IMAGE_UNCERTAINTIES: dict[str, ImageUncertainty] = {
    "total": bounded_total,
    "mean": mean_uncertainty,
    "worst": max_uncertainty,
    "count": count_uncertainty,
}
