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

from annotation.tasktypes.text_multilabel import MultiLabel
from learner.engine.arrays.batched_scoring import (
    Floats,
    Likely,
    Rows,
    check_width,
    most_likely,
    probabilities,
    read,
    write,
)
from learner.engine.arrays.blas_threads import few_threads
from learner.engine.arrays.sparse import Matrix
from learner.engine.fitting.class_weights import label_weights
from learner.engine.uncertainty.multilabel import confidences, least_margins, mean_margins

# Measured on Cooking Stack Exchange, 11 labels, 300 random answers: macro F1 .46, with the weights of one label an item
# (C = 2, power .5) .34, and .81 of all labels together either way; balanced weights give .52 and lose it with 1,000.
C = 5.0
POWER = 0.75  # of how much the rare side of a label weighs more
ALWAYS = 12.0  # score of a label that every item had; its probability is about 1 - 6e-6
LIKELY = 0.5  # probability from which a label is given

REDUCE: dict[str, Callable[[Floats], Floats]] = {"mean": mean_margins, "least": least_margins}
KIND = MultiLabel()


@dataclass(frozen=True)
class RelevanceModel:
    """A probability for each label, by itself."""

    kind: ClassVar[str] = "relevance"

    weights: Floats  # (d, k)
    intercept: Floats  # (k,)
    classes: tuple[str, ...]  # k of them
    reduce: str = "mean"  # a key of REDUCE: how the labels' margins become one number an item
    features: str = ""  # version of the features it was fitted on

    def marginals(self, features: Matrix, rows: Rows | None = None) -> Floats:
        """Return (n, k) float32: how probable each label is. Raises ValueError for features of another width."""
        check_width(features, len(self.weights))

        def of_chunk(block: Any) -> Floats:
            chances: Floats = expit(block @ self.weights + self.intercept)
            return chances

        return probabilities(features, rows, len(self.classes), of_chunk)

    def predict_proba(self, features: Matrix, rows: Rows | None = None) -> Floats:
        """Return (n, 2) float32 whose margin is that of the labels, reduced."""
        doubt = 1 - REDUCE[self.reduce](self.marginals(features, rows))
        return np.stack([1 - doubt / 2, doubt / 2], axis=1)

    def predict(self, features: Matrix, rows: Rows | None = None) -> NDArray[np.str_]:
        """Return the labels that are likelier than not, as targets."""
        return self._targets(self.marginals(features, rows))

    def said(self, features: Matrix, rows: Rows, proba: Floats) -> tuple[NDArray[np.str_], Floats]:
        """Return the rows' targets, and how probable it is that all labels are right, these being independent."""
        chances = self.marginals(features, rows)
        return self._targets(chances), confidences(chances)

    def likeliest(self, features: Matrix, rows: Rows, proba: Floats, most: int) -> list[Likely]:
        """Return the `most` likeliest labels of each row, each probable by itself."""
        return most_likely(self.classes, self.marginals(features, rows), most)

    def _targets(self, chances: Floats) -> NDArray[np.str_]:
        names = np.array(self.classes, object)
        found = [KIND.target({"labels": names[row].tolist()}) for row in chances > LIKELY]
        return np.array(found, dtype=str)

    def with_features(self, version: str) -> Self:
        """Return the same model, said to be fitted on that version of the features."""
        return replace(self, features=version)

    def save(self, folder: Path) -> None:
        """Write model.npz and model.json into the folder."""
        facts = {"classes": list(self.classes), "features": self.features, "reduce": self.reduce}
        write(folder, self.kind, facts, {"weights": self.weights, "intercept": self.intercept})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        facts, arrays = read(folder)
        return cls(arrays["weights"], arrays["intercept"], tuple(facts["classes"]), facts["reduce"], facts["features"])


def fit(
    features: Matrix, labels: NDArray[Any], seed: int, fair: NDArray[np.bool_] | None = None, reduce: str = "mean"
) -> RelevanceModel:
    """Fit a yes or no for each label that an answer has; `labels` are targets of the task type. O(m d k)."""
    given = [set(KIND.value(target)["labels"]) for target in labels]
    classes = tuple(sorted(set().union(*given)))
    weights, intercept = np.zeros((features.shape[1], len(classes)), np.float32), np.empty(len(classes), np.float32)
    with few_threads(1):  # too little work to share
        for k, name in enumerate(classes):
            has = np.array([name in names for names in given])
            if has.all():
                intercept[k] = ALWAYS
                continue
            fitted = LogisticRegression(C=C, max_iter=300, tol=1e-3).fit(features, has, label_weights(has, POWER))
            weights[:, k], intercept[k] = fitted.coef_[0], fitted.intercept_[0]
    return RelevanceModel(weights, intercept, classes, reduce)


def fit_least(
    features: Matrix, labels: NDArray[Any], seed: int, fair: NDArray[np.bool_] | None = None
) -> RelevanceModel:
    """The same, and an item is as doubtful as its most doubtful label."""
    return fit(features, labels, seed, fair, "least")
