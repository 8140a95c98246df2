"""Estimators: pure modules, one each. Add one by a file here and a line in ESTIMATORS."""

from learner.estimators.contract import Estimator
from learner.estimators.linear import Model
from learner.estimators.logistic import logistic
from learner.estimators.svm import svm

ESTIMATORS: dict[str, Estimator] = {
    "logistic": logistic,
    "svm": svm,
}

__all__ = ["ESTIMATORS", "Estimator", "Model"]
