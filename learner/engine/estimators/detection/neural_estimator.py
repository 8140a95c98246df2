"""Boxes on images by a neural network that the operators named (see neural)."""

import logging
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.engine.contracts.estimator import Estimator
from learner.engine.estimators.detection import window_estimator
from learner.engine.estimators.detection.detector_model import BoxesModel
from learner.engine.estimators.detection.neural.head_training import NeuralDetectorTrainer
from learner.engine.features.encoders import EncoderMissing

logger = logging.getLogger(__name__)


def estimator_over(model: str) -> Estimator:
    """Return the estimator over the network of that name; where it cannot be loaded, sliding windows are used."""

    def fit(
        features: NDArray[Any], labels: NDArray[Any], seed: int, is_random_sample: NDArray[np.bool_] | None = None
    ) -> BoxesModel:
        try:
            return window_estimator.fit_by_detector_trainer(NeuralDetectorTrainer(model).fit, features, labels, seed)
        except EncoderMissing:
            logger.exception("boxes are learnt without a network")
            return window_estimator.fit(features, labels, seed, is_random_sample)

    return fit
