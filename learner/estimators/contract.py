"""What every estimator provides."""

from typing import Any, Protocol

from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from learner.estimators.linear import Model


class Estimator(Protocol):
    """Fit a model to labelled rows: features (m, d), dense or sparse, labels (m,) of at least two kinds."""

    def __call__(self, features: NDArray[Any] | csr_matrix, labels: NDArray[Any], seed: int) -> Model: ...
