"""Logistic regression with balanced classes: probabilities come with it."""

from typing import Any

from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from learner.estimators.linear import Model, few_threads, from_decision

C = 1.0  # features have length sqrt(2); 1 to 3 is best with few labels, measured in benchmarks/learning.py


def fit(features: NDArray[Any] | csr_matrix, labels: NDArray[Any], seed: int) -> Model:
    """Fit a softmax over the classes that have labels; convex, so the seed changes nothing."""
    with few_threads(1):  # too little work to share
        fitted = LogisticRegression(C=C, class_weight="balanced", max_iter=300, tol=1e-3).fit(features, labels)
    return from_decision(fitted.coef_, fitted.intercept_, fitted.classes_)
