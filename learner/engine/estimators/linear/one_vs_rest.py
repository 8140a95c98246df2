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
from learner.engine.uncertainty.multilabel import (
    label_set_probabilities,
    least_margins,
    mean_margins,
    nonempty_set_probabilities,
)

# What suits few answers makes the model of many answers worse. Measured on Cooking Stack Exchange, 11 labels: with 300
# random answers C = 5 and power .75 give macro F1 .44 and micro F1 .813, C = 2 and power .5 .33 and .804; with 2,000
# answers .67 and .825, .68 and .851. So both fall evenly with the logarithm of the answers (docs/decisions/0046).
FEW_ANSWERS = 300  # up to which the first values hold
C_SCHEDULE = (5.0, 2.0, 2000)  # from, to, at so many answers
WEIGHT_POWER_SCHEDULE = (0.75, 0.5, 1000)  # of how much the rare side of a label weighs more
MIN_ANSWERS_NEVER_EMPTY = 50  # all with a label, from which the model gives one to each item
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
    is_never_empty: bool = False  # whether it gives the likeliest label where none is likelier than not

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
        """Return the labels that are likelier than not, as targets; the likeliest where every item has some."""
        return self.predict_with_confidence(features, rows).value

    def predict_with_confidence(self, features: Matrix, rows: Rows | None = None) -> PredictedValue:
        """Return targets, and how probable it is that all of an item's labels are right, these being independent."""
        probabilities, names = self.label_probabilities(features, rows), np.array(self.classes, object)
        has_label = probabilities > MIN_LABEL_PROBABILITY
        confidence = label_set_probabilities(probabilities)
        if self.is_never_empty:
            empty = np.flatnonzero(~has_label.any(axis=1))
            has_label[empty, probabilities[empty].argmax(axis=1)] = True
            confidence = nonempty_set_probabilities(probabilities, has_label)
        targets = [LABEL_SETS.target({"labels": names[row].tolist()}) for row in has_label]
        return PredictedValue(np.array(targets, dtype=str), confidence)

    def tag_features(self, version: str) -> Self:
        """Return the same model, marked as fitted on that version of the features."""
        return replace(self, features=version)

    def save(self, folder: Path) -> None:
        """Write model.npz and model.json into the folder."""
        metadata: dict[str, Any] = {"classes": list(self.classes), "features": self.features}
        metadata |= {"reduce": self.uncertainty_reduction, "never_empty": self.is_never_empty}
        write_model(folder, self.kind, metadata, {"weights": self.weights, "intercept": self.intercept})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        metadata, arrays = read_model(folder)
        classes, reduction, features = tuple(metadata["classes"]), metadata["reduce"], metadata["features"]
        never_empty = metadata.get("never_empty", False)
        return cls(arrays["weights"], arrays["intercept"], classes, reduction, features, never_empty)


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
    c, power = (value_at(len(labels), *schedule) for schedule in (C_SCHEDULE, WEIGHT_POWER_SCHEDULE))
    weights, intercept = np.zeros((features.shape[1], len(classes)), np.float32), np.empty(len(classes), np.float32)
    with limit_blas_threads(1):  # too little work to share
        for k, name in enumerate(classes):
            has_name = np.array([name in names for names in has_label])
            if has_name.all():
                intercept[k] = CERTAIN_SCORE
                continue
            fitted = LogisticRegression(C=c, max_iter=300, tol=1e-3).fit(
                features, has_name, label_weights(has_name, power)
            )
            weights[:, k], intercept[k] = fitted.coef_[0], fitted.intercept_[0]
    is_never_empty = len(labels) >= MIN_ANSWERS_NEVER_EMPTY and all(has_label)
    return OneVsRestModel(weights, intercept, classes, uncertainty_reduction, is_never_empty=is_never_empty)


def value_at(answers: int, few: float, many: float, many_answers: int) -> float:
    """Return `few` up to FEW_ANSWERS, `many` from `many_answers` on, and evenly by the logarithm between them.

    >>> value_at(100, 5, 2, 2000), value_at(2000, 5, 2, 2000), round(value_at(775, 5, 2, 2000), 1)
    (5.0, 2.0, 3.5)
    """
    return float(np.interp(np.log(max(answers, 1)), np.log([FEW_ANSWERS, many_answers]), [few, many]))


def fit_least_confident_label(
    features: Matrix, labels: NDArray[Any], seed: int, is_random_sample: NDArray[np.bool_] | None = None
) -> OneVsRestModel:
    """The same, and an item is as uncertain as its most uncertain label."""
    return fit(features, labels, seed, is_random_sample, "least")
