"""A random forest with balanced classes: for records, whose columns are few and of different kinds."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.utils.class_weight import compute_sample_weight

from learner.engine.arrays.blas_threads import limit_blas_threads
from learner.engine.arrays.sparse import Matrix, to_dense
from learner.engine.estimators.trees.tree_ensemble import MIN_LEAF_SHARE, Tree, TreesModel, concatenate_trees
from learner.engine.fitting.tuning import MIN_TUNING_LABELS, fit_inverse_temperature, safe_log

FOREST_TREES = 100
FOREST_INVERSE_TEMPERATURE = 2.0  # deep trees agree too seldom: until there are labels to calibrate it
LEAF_LABELS = 2  # at least: with single ones rare classes are missed, with more the common ones suffer (measured)
MAX_FOREST_DEPTH = 12  # the cost of scoring a row is trees times depth


def fit(
    features: Matrix, labels: NDArray[Any], seed: int, is_random_sample: NDArray[np.bool_] | None = None
) -> TreesModel:
    """Fit trees on bootstrap samples; the temperature comes from each tree's out-of-bag rows, at no cost."""
    features = to_dense(features)
    has_enough_labels = len(labels) >= MIN_TUNING_LABELS
    fitted = RandomForestClassifier(
        FOREST_TREES,
        max_depth=MAX_FOREST_DEPTH,
        min_samples_leaf=LEAF_LABELS,
        oob_score=has_enough_labels,
        random_state=seed % 2**32,
        n_jobs=1,
    )
    with limit_blas_threads(1), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Some inputs do not have OOB scores")
        fitted.fit(features, labels, compute_sample_weight("balanced", labels))  # names in digits are names to it
    model = copy_forest_trees(fitted).temperature_scaled(FOREST_INVERSE_TEMPERATURE)
    if not has_enough_labels:
        return model
    is_evaluation_row = np.ones(len(labels), bool) if is_random_sample is None else is_random_sample
    is_evaluation_row = is_evaluation_row & np.isfinite(fitted.oob_decision_function_).all(axis=1)
    held_out_scores = FOREST_INVERSE_TEMPERATURE * safe_log(
        fitted.oob_decision_function_[is_evaluation_row] + MIN_LEAF_SHARE
    )
    return model.temperature_scaled(
        fit_inverse_temperature(held_out_scores, np.searchsorted(fitted.classes_, labels[is_evaluation_row]))
    )


def copy_forest_trees(fitted: RandomForestClassifier) -> TreesModel:
    """Copy the trees of a fitted forest; a leaf holds the shares of the classes in it."""
    trees = []
    for member in fitted.estimators_:
        tree = member.tree_
        shares = tree.value[:, 0, :] / tree.value[:, 0, :].sum(axis=1, keepdims=True)
        value = shares / len(fitted.estimators_)
        trees.append(Tree(tree.feature, tree.threshold, tree.children_left, tree.children_right, value, tree.max_depth))
    arrays = concatenate_trees(trees, np.zeros(len(fitted.classes_)), fitted.n_features_in_)
    return TreesModel(arrays, tuple(str(name) for name in fitted.classes_), "mean")
