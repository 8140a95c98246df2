"""Boxes on images by sliding windows and a small network (see detector)."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.engine.arrays.blas_threads import limit_blas_threads
from learner.engine.detections.average_precision import Truth
from learner.engine.estimators.detection import score_thresholds
from learner.engine.estimators.detection.detector import BoxDetector
from learner.engine.estimators.detection.detector_model import BoxesModel, image_loaders
from learner.engine.estimators.detection.image_sources import ImageLoader
from learner.engine.estimators.detection.window_training import train_window_detector

# images, their boxes and labels, how many labels there are, seed -> detector
TrainFunction = Callable[[Sequence[ImageLoader], Sequence[Any], Sequence[Any], int, int], BoxDetector]
COORDINATE_KEYS = ("x", "y", "w", "h")


def fit(
    features: NDArray[Any], labels: NDArray[Any], seed: int, is_random_sample: NDArray[np.bool_] | None = None
) -> BoxesModel:
    """Fit to `features`, here files of images (m,), and their answers (m,): JSON lists of boxes as `target` writes.

    Images that cannot be read any more are left out.
    """
    return fit_by_detector_trainer(train_window_detector, features, labels, seed)


def fit_by_detector_trainer(
    train: TrainFunction, features: NDArray[Any], labels: NDArray[Any], seed: int
) -> BoxesModel:
    """Fit a model as `fit` does, by any function that trains a detector."""
    answers = [json.loads(label) for label in labels]
    names = sorted({box["label"] for boxes in answers for box in boxes})
    truth = [_boxes_and_labels(boxes, names) for boxes in answers]
    readable = [(loader, boxes) for loader, boxes in zip(image_loaders(features), truth, strict=True) if loader]
    images, truth = [loader for loader, _ in readable], [boxes for _, boxes in readable]
    with limit_blas_threads(1):  # images go by threads of their own, and matrices this small only wait for each other
        detector = train(images, *_split_boxes_and_labels(truth), len(names), seed)
        thresholds = _choose_thresholds(train, images, truth, len(names), seed)
    return BoxesModel(detector, thresholds, tuple(names), seed)


def _boxes_and_labels(boxes: Sequence[Any], names: list[str]) -> Truth:
    coordinates = np.array([[box[side] for side in COORDINATE_KEYS] for box in boxes], np.float32).reshape(-1, 4)
    return coordinates, np.array([names.index(box["label"]) for box in boxes], np.intp)


def _split_boxes_and_labels(truth: Sequence[Truth]) -> tuple[list[Any], list[Any]]:
    return [boxes for boxes, _ in truth], [labels for _, labels in truth]


def _choose_thresholds(
    train: TrainFunction, images: Sequence[ImageLoader], truth: Sequence[Truth], label_count: int, seed: int
) -> NDArray[np.float64]:
    """Return (label_count,) scores from which on boxes of each label are in the answer.

    They are chosen on a third of the images, held out from a second detector; the defaults with few images.
    """
    if sum(len(boxes) > 0 for boxes, _ in truth) < score_thresholds.MIN_IMAGES_WITH_BOXES:
        return np.full(label_count, score_thresholds.DEFAULT_THRESHOLD)
    order = np.random.default_rng(seed).permutation(len(images))
    held_out = order[: min(score_thresholds.MAX_HELD_OUT_IMAGES, int(len(order) * score_thresholds.HELD_OUT_SHARE))]
    others = np.setdiff1d(order, held_out)
    second_detector = train(
        [images[n] for n in others], *_split_boxes_and_labels([truth[n] for n in others]), label_count, seed
    )
    detections = second_detector.detect([images[n] for n in held_out])
    return score_thresholds.thresholds_by_label([truth[n] for n in held_out], detections, label_count)
