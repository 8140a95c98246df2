"""A number by ridge regressions, each of its own bootstrap sample of the labels (see bagging)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import Ridge, RidgeCV

from learner.engine.arrays.batched_scoring import Floats, Rows, check_width, probabilities, read, write
from learner.engine.arrays.blas_threads import few_threads
from learner.engine.arrays.sparse import Matrix
from learner.engine.estimators.regression.bagging import Floats64, Scale, bags, doubt, misses
from learner.engine.estimators.regression.committee_regressor import NumberModel, Seen, known

PENALTIES = np.logspace(-2, 4, 13)  # from which generalised cross-validation chooses


@dataclass(frozen=True, kw_only=True)
class RidgeModel(NumberModel):
    """Linear scores of the features, of which the mean counts."""

    kind: ClassVar[str] = "ridge"

    weights: Floats  # (d, members)
    intercept: Floats  # (members,)

    def opinions(self, features: Matrix, rows: Rows | None) -> Floats:
        """Return (n, 2) float32: mean and variance of what the members say, on the scale of the labels."""
        check_width(features, len(self.weights))
        return probabilities(features, rows, 2, self._of_chunk)

    def _of_chunk(self, block: Any) -> Floats:
        said = block @ self.weights + self.intercept
        return np.stack([said.mean(axis=1), said.var(axis=1)], axis=1)

    def save(self, folder: Path) -> None:
        """Write model.npz and model.json into the folder."""
        write(folder, self.kind, self.facts(), {"weights": self.weights, "intercept": self.intercept})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        facts, arrays = read(folder)
        return cls(weights=arrays["weights"], intercept=arrays["intercept"], **known(facts))


def fit(features: Matrix, labels: NDArray[Any], seed: int, fair: NDArray[np.bool_] | None = None) -> RidgeModel:
    """Fit the members with the penalty that all labels together speak for; `labels` (m,) are texts of numbers."""
    return learn(features, labels, seed, fair)[0]


def learn(
    features: Matrix, labels: NDArray[Any], seed: int, fair: NDArray[np.bool_] | None
) -> tuple[RidgeModel, Floats64]:
    """Return what `fit` returns, and (m,) how far members are off about labels that they had not seen (`misses`)."""
    numbers = np.asarray(labels).astype(np.float64)
    scale = Scale.of(numbers)
    wanted, drawn = scale(numbers), bags(len(numbers), seed)
    with few_threads(1):  # too little work to share
        penalty = RidgeCV(PENALTIES).fit(features, wanted).alpha_
        members = [Ridge(penalty).fit(features[rows], wanted[rows]) for rows in drawn]
    weights = np.stack([member.coef_ for member in members], axis=1).astype(np.float32)
    intercept = np.array([member.intercept_ for member in members], np.float32)
    said = np.asarray(features @ weights + intercept, np.float64).T
    seen = Seen(scale, doubt(wanted, said, drawn, fair), float(numbers.min()), float(numbers.max()))
    return RidgeModel(weights=weights, intercept=intercept, seen=seen), misses(wanted, said, drawn)
