"""Boxes on pictures by sliding windows and a small network; see `learner.detection`."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.engine.arrays.blas_threads import few_threads
from learner.engine.estimators.detection import score_thresholds
from learner.engine.estimators.detection.average_precision import Truth
from learner.engine.estimators.detection.detector import AnyDetector
from learner.engine.estimators.detection.detector_model import BoxesModel, openers
from learner.engine.estimators.detection.image_loading import Opener
from learner.engine.estimators.detection.training import fit as fit_detector

# pictures, their boxes and labels, how many labels there are, seed -> detector
Train = Callable[[Sequence[Opener], Sequence[Any], Sequence[Any], int, int], AnyDetector]
SIDES = ("x", "y", "w", "h")


def fit(features: NDArray[Any], labels: NDArray[Any], seed: int, fair: NDArray[np.bool_] | None = None) -> BoxesModel:
    """Fit to `features`, here files of pictures (m,), and their answers (m,): JSON lists of boxes as `target` writes.

    Pictures that cannot be read any more are left out.
    """
    return fitted(fit_detector, features, labels, seed)


def fitted(train: Train, features: NDArray[Any], labels: NDArray[Any], seed: int) -> BoxesModel:
    """Return `fit` by whatever trains a detector."""
    answers = [json.loads(label) for label in labels]
    names = sorted({box["label"] for boxes in answers for box in boxes})
    truth = [_truth(boxes, names) for boxes in answers]
    found = openers(features)
    kept = [place for place, opener in enumerate(found) if opener is not None]
    pictures, truth = [opener for opener in found if opener is not None], [truth[place] for place in kept]
    with few_threads(1):  # pictures go by threads of their own, and matrices this small only wait for each other
        detector = train(pictures, *_columns(truth), len(names), seed)
        likely = _thresholds(train, pictures, truth, len(names), seed)
    return BoxesModel(detector, likely, tuple(names), seed)


def _truth(boxes: Sequence[Any], names: list[str]) -> Truth:
    places = np.array([[box[side] for side in SIDES] for box in boxes], np.float32).reshape(-1, 4)
    return places, np.array([names.index(box["label"]) for box in boxes], np.intp)


def _columns(truth: Sequence[Truth]) -> tuple[list[Any], list[Any]]:
    return [boxes for boxes, _ in truth], [labels for _, labels in truth]


def _thresholds(
    train: Train, pictures: Sequence[Opener], truth: Sequence[Truth], count: int, seed: int
) -> NDArray[np.float64]:
    """Return (count,) the scores to say boxes from, by a second detector that has not seen a third of the pictures."""
    if sum(len(boxes) > 0 for boxes, _ in truth) < score_thresholds.FEWEST:
        return np.full(count, score_thresholds.USUAL)
    order = np.random.default_rng(seed).permutation(len(pictures))
    held = order[: min(score_thresholds.MOST, int(len(order) * score_thresholds.HELD))]
    seen = np.setdiff1d(order, held)
    other = train([pictures[n] for n in seen], *_columns([truth[n] for n in seen]), count, seed)
    found = other.detect([pictures[n] for n in held])
    return score_thresholds.thresholds([truth[n] for n in held], found, count)
