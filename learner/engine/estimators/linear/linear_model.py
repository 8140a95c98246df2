"""Linear models: a softmax of a linear score, and the average of several of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from learner.engine.arrays.batched_scoring import Floats, Rows, check_feature_width, score_in_batches, softmax_in_place
from learner.engine.arrays.sparse import Matrix
from learner.engine.estimators.class_probabilities import ClassifierMixin
from learner.engine.estimators.model_files import read_model, write_model


@dataclass(frozen=True)
class LinearModel(ClassifierMixin):
    """Class probabilities softmax(x W + |x| V + c); V is left out but by naive Bayes."""

    kind: ClassVar[str] = "linear"

    weights: Floats  # (d, k)
    intercept: Floats  # (k,)
    classes: tuple[str, ...]  # k of them
    features: str = ""  # version of the features it was fitted on
    absolute_weights: Floats | None = None  # (d, k): weights of the features' absolute values
    choices: Mapping[str, Any] = field(default_factory=dict)  # see `RemembersChoices`

    def predict_proba(self, features: Matrix, rows: Rows | None = None) -> Floats:
        """Return (n, k) float32 probabilities of all rows, or of these.

        Raises ValueError when the features are not of the width it was fitted on.
        """
        check_feature_width(features, len(self.weights))
        return score_in_batches(features, rows, len(self.classes), self._score_block)

    def _score_block(self, block: Matrix) -> Floats:
        scores = _scores_by_class(self.weights, block)
        if self.absolute_weights is not None:
            scores += _scores_by_class(self.absolute_weights, np.abs(block))
        scores += self.intercept[:, None]
        return softmax_in_place(scores, axis=0).T

    def temperature_scaled(self, inverse_temperature: float) -> Self:
        """Return the model whose scores are so many times these."""
        scale = np.float32(inverse_temperature)
        absolute_weights = None if self.absolute_weights is None else self.absolute_weights * scale
        return replace(
            self, weights=self.weights * scale, intercept=self.intercept * scale, absolute_weights=absolute_weights
        )

    def with_class_offsets(self, offsets: Floats) -> Self:
        """Return the model whose scores are these plus (k,) offsets."""
        return replace(self, intercept=self.intercept + offsets)

    def with_choices(self, choices: Mapping[str, Any]) -> Self:
        """Return the same model, with what was chosen when it was fitted."""
        return replace(self, choices=choices)

    def tag_features(self, version: str) -> Self:
        """Return the same model, marked as fitted on that version of the features."""
        return replace(self, features=version)

    def save(self, folder: Path) -> None:
        """Write model.npz and model.json into the folder."""
        arrays = {"weights": self.weights, "intercept": self.intercept}
        if self.absolute_weights is not None:
            arrays["sizes"] = self.absolute_weights
        metadata = {"classes": list(self.classes), "features": self.features, "choices": dict(self.choices)}
        write_model(folder, self.kind, metadata, arrays)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        metadata, arrays = read_model(folder)
        classes, absolute_weights = tuple(metadata["classes"]), arrays.get("sizes")
        features, choices = metadata["features"], metadata.get("choices", {})
        return cls(arrays["weights"], arrays["intercept"], classes, features, absolute_weights, choices)


@dataclass(frozen=True)
class CommitteeModel(ClassifierMixin):
    """The mean of its members' probabilities; the members can be asked one by one."""

    kind: ClassVar[str] = "committee"

    weights: Floats  # (m, d, k)
    intercept: Floats  # (m, k)
    classes: tuple[str, ...]
    features: str = ""
    choices: Mapping[str, Any] = field(default_factory=dict)  # see `RemembersChoices`

    def temperature_scaled(self, inverse_temperature: float) -> Self:
        """Return the committee whose members' scores are so many times these."""
        scale = np.float32(inverse_temperature)
        return replace(self, weights=self.weights * scale, intercept=self.intercept * scale)

    def with_class_offsets(self, offsets: Floats) -> Self:
        """Return the committee whose members' scores are these plus (k,) offsets."""
        return replace(self, intercept=self.intercept + offsets)

    def with_choices(self, choices: Mapping[str, Any]) -> Self:
        """Return the same committee, with what was chosen when it was fitted."""
        return replace(self, choices=choices)

    @property
    def members(self) -> list[LinearModel]:
        """The m linear models, for query by committee."""
        pairs = zip(self.weights, self.intercept, strict=True)
        return [LinearModel(weights, intercept, self.classes, self.features) for weights, intercept in pairs]

    def predict_proba(self, features: NDArray[Any], rows: Rows | None = None) -> Floats:
        """Return (n, k) float32 probabilities of all rows, or of these, in one pass over them.

        Raises ValueError when the features are not of the width it was fitted on.
        """
        m, d, k = self.weights.shape
        check_feature_width(features, d)
        side_by_side: Floats = np.ascontiguousarray(self.weights.transpose(1, 0, 2).reshape(d, m * k))

        def mean_probabilities(block: Matrix) -> Floats:
            scores = _scores_by_class(side_by_side, block).reshape(m, k, -1) + self.intercept[:, :, None]
            mean: Floats = softmax_in_place(scores, axis=1).mean(axis=0)
            return mean.T

        return score_in_batches(features, rows, k, mean_probabilities)

    def tag_features(self, version: str) -> Self:
        """Return the same model, marked as fitted on that version of the features."""
        return replace(self, features=version)

    def save(self, folder: Path) -> None:
        """Write model.npz and model.json into the folder."""
        metadata = {"classes": list(self.classes), "features": self.features, "choices": dict(self.choices)}
        write_model(folder, self.kind, metadata, {"weights": self.weights, "intercept": self.intercept})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        metadata, arrays = read_model(folder)
        classes, features, choices = tuple(metadata["classes"]), metadata["features"], metadata.get("choices", {})
        return cls(arrays["weights"], arrays["intercept"], classes, features, choices)


def _scores_by_class(weights: Floats, block: Matrix) -> Floats:
    """Return (k, rows): a score's rows lie together, so that what follows goes through long rows."""
    product: Floats = (block @ weights).T if issparse(block) else weights.T @ block.T
    return np.ascontiguousarray(product)


def from_decision_function(coef: NDArray[Any], intercept: NDArray[Any], classes: NDArray[Any]) -> LinearModel:
    """Make a model of a fitted scikit-learn linear classifier: one row of `coef` a class, or one for two."""
    coef, intercept = np.atleast_2d(coef), np.atleast_1d(intercept)
    if len(coef) == 1:  # the logistic function of one score is the softmax of half of it, down and up
        coef, intercept = np.vstack([-coef, coef]) / 2, np.concatenate([-intercept, intercept]) / 2
    weights = np.ascontiguousarray(coef.T, np.float32)
    return LinearModel(weights, intercept.astype(np.float32), tuple(str(name) for name in classes))
