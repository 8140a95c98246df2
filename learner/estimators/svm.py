"""A linear support vector machine with balanced classes; its probabilities are a softmax of its margins."""

from typing import Any

from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from learner.estimators.linear import Model, few_threads, from_decision

C = 0.5
SHARPNESS = 2.0  # one unit of decision is worth this much in the softmax; ranks, not calibrated probabilities


def fit(features: NDArray[Any] | csr_matrix, labels: NDArray[Any], seed: int) -> Model:
    """Fit one machine per class (one in all for two classes)."""
    with few_threads(1):  # too little work to share
        fitted = LinearSVC(C=C, class_weight="balanced", random_state=seed % 2**32).fit(features, labels)
    return from_decision(fitted.coef_, fitted.intercept_, fitted.classes_, SHARPNESS)
