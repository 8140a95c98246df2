"""A committee: models of the same labels drawn with replacement, so that they differ where the labels say little.

Breiman, Bagging Predictors, Machine Learning 1996; for queries: Abe and Mamitsuka, ICML 1998.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.engine.arrays.batched_scoring import Rows
from learner.engine.arrays.sparse import Matrix
from learner.engine.contracts.estimator import Classifier
from learner.engine.estimators.linear import logistic_regression

COMMITTEE_MEMBERS = 8


def bootstrap_rows(labels: NDArray[Any], seed: int) -> Iterator[Rows]:
    """Yield the rows of each member: as many of every class as there are, at random, so that all know all classes."""
    classes = [np.flatnonzero(labels == name) for name in np.unique(labels)]
    rng = np.random.default_rng(seed)
    for _ in range(COMMITTEE_MEMBERS):
        yield np.sort(np.concatenate([rng.choice(rows_of_class, len(rows_of_class)) for rows_of_class in classes]))


def fit_committee(features: Matrix, labels: NDArray[Any], seed: int) -> list[Classifier]:
    """Fit a logistic regression to each resample. `features` is (m, d), `labels` (m,) of at least two kinds."""
    return [logistic_regression.fit(features[rows], labels[rows], seed) for rows in bootstrap_rows(labels, seed)]
