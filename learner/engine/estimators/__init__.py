"""Estimators: pure modules, one each. Add one by a file here and a line in ESTIMATORS.

What they return is one of MODELS; a new kind of model is a line there. A classifier of scikit-learn needs no file:
`register(name, from_sklearn(classifier))`.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from learner.engine.contracts.estimator import Estimator, Model, RememberingEstimator
from learner.engine.estimators import auto_classifier
from learner.engine.estimators.detection import neural_estimator, window_estimator
from learner.engine.estimators.detection.detector_model import BoxesModel
from learner.engine.estimators.linear import committee, linear_svm, logistic_regression, naive_bayes, one_vs_rest, sgd
from learner.engine.estimators.linear.linear_model import CommitteeModel, LinearModel
from learner.engine.estimators.linear.one_vs_rest import OneVsRestModel
from learner.engine.estimators.model_files import read_metadata
from learner.engine.estimators.recommendation import matrix_factorization
from learner.engine.estimators.recommendation.factor_model import FactorModel
from learner.engine.estimators.regression import auto_regressor, bagged_ridge, bagged_trees
from learner.engine.estimators.regression.bagged_ridge import RidgeModel
from learner.engine.estimators.regression.bagged_trees import NumberTreesModel
from learner.engine.estimators.sklearn_adapter import SklearnEstimator, SklearnModel, from_sklearn
from learner.engine.estimators.tagging import crf
from learner.engine.estimators.tagging.crf_model import CrfModel
from learner.engine.estimators.trees import gradient_boosting, random_forest
from learner.engine.estimators.trees.tree_ensemble import TreesModel

ESTIMATORS: dict[str, Estimator] = {
    "auto": RememberingEstimator(auto_classifier.fit),
    "logistic": RememberingEstimator(logistic_regression.fit),
    "svm": RememberingEstimator(linear_svm.fit),
    "sgd": sgd.fit,
    "bayes": RememberingEstimator(naive_bayes.fit),
    "committee": RememberingEstimator(committee.fit),
    "forest": random_forest.fit,
    "boosting": RememberingEstimator(gradient_boosting.fit),
    "relevance": one_vs_rest.fit,
    "relevance_least": one_vs_rest.fit_least_confident_label,
    "crf": crf.fit,
    "crf_total": crf.fit_total_uncertainty,
    "factors": matrix_factorization.fit,
    "detector": window_estimator.fit,
    "numbers": auto_regressor.fit,
    "ridge": bagged_ridge.fit,
    "number_trees": bagged_trees.fit,
}

# over a network that the operators named: the name of the estimator, a colon, and that of the network
NETWORK_ESTIMATORS: dict[str, Callable[[str], Estimator]] = {"neural_detector": neural_estimator.estimator_over}

Loadable = (
    LinearModel
    | CommitteeModel
    | TreesModel
    | OneVsRestModel
    | CrfModel
    | FactorModel
    | BoxesModel
    | RidgeModel
    | NumberTreesModel
)
MODELS: dict[str, type[Loadable]] = {
    "linear": LinearModel,
    "committee": CommitteeModel,
    "trees": TreesModel,
    "relevance": OneVsRestModel,
    "crf": CrfModel,
    "boxes": BoxesModel,
    "factors": FactorModel,
    "ridge": RidgeModel,
    "number_trees": NumberTreesModel,
}


def estimator_named(name: str) -> Estimator:
    """Return the estimator of that name. Raises KeyError when there is none."""
    kind, colon, network = name.partition(":")
    return NETWORK_ESTIMATORS[kind](network) if colon else ESTIMATORS[name]


BUILT_IN = frozenset(ESTIMATORS)


def register(name: str, estimator: Estimator) -> None:
    """Make an estimator known under a name, in place of an earlier one. Raises ValueError for a name that is taken."""
    if name in BUILT_IN or not name or ":" in name:
        raise ValueError(f"An estimator of one's own cannot be called {name!r}.")
    ESTIMATORS[name] = replace(estimator, name=name) if isinstance(estimator, SklearnEstimator) else estimator


def load_saved_model(folder: Path) -> Model:
    """Read a saved model of whichever kind. Raises KeyError when the kind, or its estimator, is not known."""
    metadata = read_metadata(folder)
    if metadata["kind"] == SklearnModel.kind:
        registered = ESTIMATORS[metadata["estimator"]]
        if not isinstance(registered, SklearnEstimator):
            raise KeyError(metadata["estimator"])
        return registered.load(folder)
    return MODELS[metadata["kind"]].load(folder)


__all__ = [
    "ESTIMATORS",
    "MODELS",
    "Estimator",
    "Model",
    "estimator_named",
    "from_sklearn",
    "load_saved_model",
    "register",
]
