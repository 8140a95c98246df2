"""A number by whichever committee is less off about labels that its members had not seen."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.estimators import numbertrees, ridge
from learner.estimators.numbertrees import NumberTreesModel
from learner.estimators.ridge import RidgeModel
from learner.matrices import Matrix


def fit(
    features: Matrix, labels: NDArray[Any], seed: int, fair: NDArray[np.bool_] | None = None
) -> RidgeModel | NumberTreesModel:
    """Fit both; `labels` (m,) are texts of numbers."""
    linear, trees = ridge.fit(features, labels, seed, fair), numbertrees.fit(features, labels, seed, fair)
    return trees if trees.seen.doubt.noise < linear.seen.doubt.noise else linear
