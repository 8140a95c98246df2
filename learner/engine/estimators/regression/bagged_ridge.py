"""A number by ridge regressions, each of its own bootstrap sample of the labels (see bagging)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import Ridge, RidgeCV

from learner.engine.arrays.batched_scoring import Floats, Rows, check_feature_width, score_in_batches
from learner.engine.arrays.blas_threads import limit_blas_threads
from learner.engine.arrays.sparse import Matrix
from learner.engine.estimators.model_files import read_model, write_model
from learner.engine.estimators.regression.bagging import (
    Floats64,
    Standardizer,
    bootstrap_samples,
    fit_error_model,
    out_of_bag_errors,
)
from learner.engine.estimators.regression.committee_regressor import (
    CommitteeRegressor,
    LabelRange,
    fields_from_metadata,
)

PENALTIES = np.logspace(-2, 4, 13)  # from which generalised cross-validation chooses


@dataclass(frozen=True, kw_only=True)
class RidgeModel(CommitteeRegressor):
    """Linear scores of the features, of which the mean counts."""

    kind: ClassVar[str] = "ridge"

    weights: Floats  # (d, members)
    intercept: Floats  # (members,)

    def member_moments(self, features: Matrix, rows: Rows | None) -> Floats:
        """Return (n, 2) float32: mean and variance of what the members predict, standardized."""
        check_feature_width(features, len(self.weights))
        return score_in_batches(features, rows, 2, self._moments_of_batch)

    def _moments_of_batch(self, block: Matrix) -> Floats:
        predictions = block @ self.weights + self.intercept
        return np.stack([predictions.mean(axis=1), predictions.var(axis=1)], axis=1)

    def save(self, folder: Path) -> None:
        """Write model.npz and model.json into the folder."""
        write_model(folder, self.kind, self.metadata(), {"weights": self.weights, "intercept": self.intercept})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        metadata, arrays = read_model(folder)
        return cls(weights=arrays["weights"], intercept=arrays["intercept"], **fields_from_metadata(metadata))


def fit(
    features: Matrix, labels: NDArray[Any], seed: int, is_random_sample: NDArray[np.bool_] | None = None
) -> RidgeModel:
    """Fit the members with the penalty that all labels together speak for; `labels` (m,) are texts of numbers."""
    return fit_with_errors(features, labels, seed, is_random_sample)[0]


def fit_with_errors(
    features: Matrix, labels: NDArray[Any], seed: int, is_random_sample: NDArray[np.bool_] | None
) -> tuple[RidgeModel, Floats64]:
    """Return what `fit` returns, and the `out_of_bag_errors` (m,) of the labels."""
    numbers = np.asarray(labels).astype(np.float64)
    scale = Standardizer.fit(numbers)
    truth, samples = scale(numbers), bootstrap_samples(len(numbers), seed)
    with limit_blas_threads(1):  # too little work to share
        penalty = RidgeCV(PENALTIES).fit(features, truth).alpha_
        members = [Ridge(penalty).fit(features[rows], truth[rows]) for rows in samples]
    weights = np.stack([member.coef_ for member in members], axis=1).astype(np.float32)
    intercept = np.array([member.intercept_ for member in members], np.float32)
    predictions = np.asarray(features @ weights + intercept, np.float64).T
    errors = fit_error_model(truth, predictions, samples, is_random_sample)
    label_range = LabelRange(scale, errors, float(numbers.min()), float(numbers.max()))
    model = RidgeModel(weights=weights, intercept=intercept, label_range=label_range)
    return model, out_of_bag_errors(truth, predictions, samples)
