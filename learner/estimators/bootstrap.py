"""A committee: models of the same labels drawn with replacement, so that they differ where the labels say little.

Breiman, Bagging Predictors, Machine Learning 1996; for queries: Abe and Mamitsuka, ICML 1998.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.estimators import logistic
from learner.estimators.contract import Model
from learner.matrices import Matrix

MEMBERS = 8


def bootstrap(features: Matrix, labels: NDArray[Any], seed: int, members: int = MEMBERS) -> list[Model]:
    """Fit so many logistic models; each draws as many labels of every class as there are, so that all know all classes.

    `features` is (m, d), `labels` (m,) of at least two kinds.
    """
    classes = [np.flatnonzero(labels == name) for name in np.unique(labels)]
    rng = np.random.default_rng(seed)
    models: list[Model] = []
    for _ in range(members):
        rows = np.concatenate([rng.choice(own, len(own)) for own in classes])
        models.append(logistic.fit(features[rows], labels[rows], seed))
    return models
