"""How unsure a detector is of a picture, as one number from 0 to 1.

Brust, Käding and Denzler, "Active learning for deep object detection", VISAPP 2019: each box found is as doubtful as
(1 - (p1 - p2))^2, p1 and p2 its two best probabilities, background included; a picture as all of its boxes together,
their mean, or the worst. A sum is brought below one by 1 - exp(-sum), which keeps the order. Faint boxes count
too: one that is half believed is what a person could settle.

The count of boxes is in doubt as far as it depends on how sure a box has to be.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from learner.engine.estimators.detection.detector import Detection

Doubt = Callable[[Detection], float]  # what was found in a picture -> 0 to 1

EASY, STRICT = 0.3, 0.7  # scores from which on boxes are counted


def total(found: Detection) -> float:
    """Return the bounded sum: pictures with much to settle come first."""
    return float(-np.expm1(-_each(found).sum()))


def mean(found: Detection) -> float:
    """Return the mean; 0 without boxes."""
    return float(_each(found).mean()) if len(found.leads) else 0.0


def worst(found: Detection) -> float:
    """Return the doubt of the most doubtful box; 0 without boxes."""
    return float(_each(found).max(initial=0.0))


def count(found: Detection) -> float:
    """Return which share of a label's boxes is there by the easy count and not by the strict one.

    The mean over the labels that were found, so that neither crowded pictures nor frequent labels go first; 0 without
    boxes.
    """
    easy = np.bincount(found.labels[found.scores >= EASY])
    strict = np.bincount(found.labels[found.scores >= STRICT], minlength=len(easy))
    there = easy > 0
    return float((1 - strict[there] / easy[there]).mean()) if there.any() else 0.0


def _each(found: Detection) -> NDArray[np.float64]:
    return (1 - np.clip(np.asarray(found.leads, np.float64), 0, 1)) ** 2


DOUBTS: dict[str, Doubt] = {"total": total, "mean": mean, "worst": worst, "count": count}
