"""Estimators: pure modules, one each. Add one by a file here and a line in ESTIMATORS."""

from learner.estimators.linear import Model

__all__ = ["Model"]
