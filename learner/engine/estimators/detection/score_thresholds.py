"""From which score on a box is said: where F1 on pictures that were held out is best, label by label."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.engine.estimators.detection.average_precision import Truth, hits
from learner.engine.estimators.detection.detector import Detection

USUAL = 0.7  # without enough to choose by; seen to serve blood cells
LOWEST = 0.2  # what is less probable is never said
ENOUGH = 15  # boxes of a label among those held out
OVERLAP = 0.5
HELD = 1 / 3  # of the labelled pictures
FEWEST, MOST = 15, 100  # pictures with boxes that are worth holding a third of them out; pictures that are held out


def thresholds(truth: Sequence[Truth], found: Sequence[Detection], count: int) -> NDArray[np.float64]:
    """Return (count,) scores, from LOWEST to 1, from which on boxes of each label are said."""
    return np.array([_of_label(truth, found, label) for label in range(count)])


def _of_label(truth: Sequence[Truth], found: Sequence[Detection], label: int) -> float:
    known = sum(int((labels == label).sum()) for _, labels in truth)
    if known < ENOUGH:
        return USUAL
    scores: list[NDArray[Any]] = [np.empty(0)]
    right: list[NDArray[np.bool_]] = [np.empty(0, bool)]
    for (boxes, labels), said in zip(truth, found, strict=True):
        mine = said.take((said.labels == label) & (said.scores >= LOWEST))
        scores.append(mine.scores)
        right.append(hits(mine.boxes, boxes[labels == label], OVERLAP))
    order = np.argsort(-np.concatenate(scores), kind="stable")
    if not len(order):
        return USUAL
    sure, hit = np.concatenate(scores)[order], np.cumsum(np.concatenate(right)[order])
    best = int((2 * hit / (np.arange(1, len(hit) + 1) + known)).argmax())
    return float((sure[best] + (sure[best + 1] if best + 1 < len(sure) else LOWEST)) / 2)
