"""Several labels an item: one logistic regression a label, yes or no, each for itself (binary relevance).

Godbole and Sarawagi, Discriminative Methods for Multi-labeled Classification, PAKDD 2004; Zhang et al., Binary
relevance for multi-label learning, 2018.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from annotation.tasktypes.answers import LabelSet
from learner.engine.arrays.batched_scoring import Floats, Rows, check_feature_width, score_in_batches
from learner.engine.arrays.blas_threads import limit_blas_threads
from learner.engine.arrays.sparse import Matrix
from learner.engine.contracts.estimator import PredictedValue
from learner.engine.estimators.model_files import read_model, write_model
from learner.engine.fitting.class_weights import label_weights
from learner.engine.uncertainty.multilabel import label_set_probabilities, least_margins, mean_margins

# Measured on Cooking Stack Exchange, 11 labels, 300 random answers: macro F1 .46, with the weights of one label an item
# (C = 2, power .5) .34, and .81 of all labels together either way; balanced weights give .52 and lose it with 1,000.
LABEL_C = 5.0
WEIGHT_POWER = 0.75  # of how much the rare side of a label weighs more
CERTAIN_SCORE = 12.0  # of a label that every item had; its probability is about 1 - 6e-6
MIN_LABEL_PROBABILITY = 0.5  # from which a label is in the answer

UNCERTAINTY_REDUCTIONS: dict[str, Callable[[Floats], Floats]] = {"mean": mean_margins, "least": least_margins}
LABEL_SETS = LabelSet()


@dataclass(frozen=True)
class OneVsRestModel:
    """A probability for each label, by itself."""

    kind: ClassVar[str] = "relevance"

    weights: Floats  # (d, k)
    intercept: Floats  # (k,)
    classes: tuple[str, ...]  # k of them
    uncertainty_reduction: str = (
        "mean"  # a key of UNCERTAINTY_REDUCTIONS: how the labels' margins become one number an item
    )
    features: str = ""  # version of the features it was fitted on

    def label_probabilities(self, features: Matrix, rows: Rows | None = None) -> Floats:
        """Return (n, k) float32: how probable each label is, by itself. Raises ValueError for another width."""
        check_feature_width(features, len(self.weights))

        def sigmoid_of_scores(block: Matrix) -> Floats:
            return np.asarray(expit(block @ self.weights + self.intercept))

        return score_in_batches(features, rows, len(self.classes), sigmoid_of_scores)

    def uncertainty(self, features: Matrix, rows: Rows | None = None) -> Floats:
        """Return (n,) float32: one minus the labels' margins, reduced to one number an item."""
        return np.asarray(
            1 - UNCERTAINTY_REDUCTIONS[self.uncertainty_reduction](self.label_probabilities(features, rows))
        )

    def predict(self, features: Matrix, rows: Rows | None = None) -> NDArray[np.str_]:
        """Return the labels that are likelier than not, as targets."""
        return self.predict_with_confidence(features, rows).value

    def predict_with_confidence(self, features: Matrix, rows: Rows | None = None) -> PredictedValue:
        """Return targets, and how probable it is that all of an item's labels are right, these being independent."""
        probabilities, names = self.label_probabilities(features, rows), np.array(self.classes, object)
        has_label = probabilities > MIN_LABEL_PROBABILITY
        targets = [LABEL_SETS.target({"labels": names[row].tolist()}) for row in has_label]
        return PredictedValue(np.array(targets, dtype=str), label_set_probabilities(probabilities))

    def tag_features(self, version: str) -> Self:
        """Return the same model, marked as fitted on that version of the features."""
        return replace(self, features=version)

    def save(self, folder: Path) -> None:
        """Write model.npz and model.json into the folder."""
        metadata = {"classes": list(self.classes), "features": self.features, "reduce": self.uncertainty_reduction}
        write_model(folder, self.kind, metadata, {"weights": self.weights, "intercept": self.intercept})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        metadata, arrays = read_model(folder)
        classes, uncertainty_reduction = tuple(metadata["classes"]), metadata["reduce"]
        return cls(arrays["weights"], arrays["intercept"], classes, uncertainty_reduction, metadata["features"])


def fit(
    features: Matrix,
    labels: NDArray[Any],
    seed: int,
    is_random_sample: NDArray[np.bool_] | None = None,
    uncertainty_reduction: str = "mean",
) -> OneVsRestModel:
    """Fit a yes or no for each label that an answer has; `labels` are targets of the task type. O(m d k)."""
    has_label = [set(LABEL_SETS.value(target)["labels"]) for target in labels]
    classes = tuple(sorted(set().union(*has_label)))
    weights, intercept = np.zeros((features.shape[1], len(classes)), np.float32), np.empty(len(classes), np.float32)
    with limit_blas_threads(1):  # too little work to share
        for k, name in enumerate(classes):
            has_name = np.array([name in names for names in has_label])
            if has_name.all():
                intercept[k] = CERTAIN_SCORE
                continue
            fitted = LogisticRegression(C=LABEL_C, max_iter=300, tol=1e-3).fit(
                features, has_name, label_weights(has_name, WEIGHT_POWER)
            )
            weights[:, k], intercept[k] = fitted.coef_[0], fitted.intercept_[0]
    return OneVsRestModel(weights, intercept, classes, uncertainty_reduction)


def fit_least_confident_label(
    features: Matrix, labels: NDArray[Any], seed: int, is_random_sample: NDArray[np.bool_] | None = None
) -> OneVsRestModel:
    """The same, and an item is as uncertain as its most uncertain label."""
    return fit(features, labels, seed, is_random_sample, "least")
