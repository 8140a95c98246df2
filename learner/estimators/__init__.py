"""Estimators: pure modules, one each. Add one by a file here and a line in ESTIMATORS."""

from learner.estimators import logistic, svm
from learner.estimators.contract import Estimator
from learner.estimators.linear import Model

ESTIMATORS: dict[str, Estimator] = {
    "logistic": logistic.fit,
    "svm": svm.fit,
}

__all__ = ["ESTIMATORS", "Estimator", "Model"]
