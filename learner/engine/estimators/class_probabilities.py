"""What follows from probabilities of classes or labels: the answer, its confidence, and a ranking."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from learner.engine.arrays.batched_scoring import Floats, Rows
from learner.engine.arrays.sparse import Matrix
from learner.engine.contracts.estimator import PredictedValue

RankedLabels = list[tuple[str, float]]  # labels with their probabilities, the most probable first


def most_probable_classes(classes: Sequence[str], proba: Floats) -> PredictedValue:
    """Return the most probable class of each row of (n, k) probabilities; of equals the first class."""
    return PredictedValue(np.array(classes)[proba.argmax(axis=1)], proba.max(axis=1, initial=0.0))


def top_labels(classes: Sequence[str], probabilities: Floats, n: int) -> list[RankedLabels]:
    """Return the n most probable labels of each row of (m, k) probabilities; of equals the first class."""
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :n]
    ordered = np.take_along_axis(probabilities, order, axis=1)
    return [
        [(classes[column], float(probability)) for column, probability in zip(*row, strict=True)]
        for row in zip(order, ordered, strict=True)
    ]


class ClassifierMixin:
    """What a classifier answers, from its probabilities."""

    classes: tuple[str, ...]

    def predict_proba(self, features: Matrix, rows: Rows | None = None) -> Floats:
        """Return (n, k) float32 probabilities of all rows, or of these."""
        raise NotImplementedError

    def predict(self, features: Matrix, rows: Rows | None = None) -> NDArray[np.str_]:
        """Return the most probable class of all rows, or of these."""
        return self.predict_with_confidence(features, rows).value

    def predict_with_confidence(self, features: Matrix, rows: Rows | None = None) -> PredictedValue:
        """Return the most probable class of all rows, or of these, and how probable it is."""
        return most_probable_classes(self.classes, self.predict_proba(features, rows))
