"""A random forest with balanced classes: for records, whose columns are few and of different kinds."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.utils.class_weight import compute_sample_weight

from learner.engine.arrays.blas_threads import few_threads
from learner.engine.arrays.sparse import Matrix, dense
from learner.engine.estimators.trees.tree_ensemble import TINY, Tree, TreesModel, from_trees
from learner.engine.fitting.tuning import ENOUGH, logarithm, sharpness

TREES = 100
SHARPNESS = 2.0  # deep trees agree too seldom: until there are labels to calibrate it
LEAF = 2  # labels: with single ones rare classes are missed, with more the common ones suffer (measured)
DEPTH = 12  # at most: the cost of scoring a row is trees times depth


def fit(features: Matrix, labels: NDArray[Any], seed: int, fair: NDArray[np.bool_] | None = None) -> TreesModel:
    """Fit trees on bootstrap samples; the temperature comes from the rows that a tree was not given, at no cost."""
    features = dense(features)
    enough = len(labels) >= ENOUGH
    found = RandomForestClassifier(
        TREES,
        max_depth=DEPTH,
        min_samples_leaf=LEAF,
        oob_score=enough,
        random_state=seed % 2**32,
        n_jobs=1,
    )
    with few_threads(1), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Some inputs do not have OOB scores")
        found.fit(features, labels, compute_sample_weight("balanced", labels))  # names in digits are names to it
    model = flatten(found).sharpened(SHARPNESS)
    if not enough:
        return model
    trusted = np.ones(len(labels), bool) if fair is None else fair
    trusted = trusted & np.isfinite(found.oob_decision_function_).all(axis=1)
    held = SHARPNESS * logarithm(found.oob_decision_function_[trusted] + TINY)
    return model.sharpened(sharpness(held, np.searchsorted(found.classes_, labels[trusted])))


def flatten(found: RandomForestClassifier) -> TreesModel:
    """Copy the trees of a fitted forest; a leaf says the shares of the classes in it."""
    trees = []
    for one in found.estimators_:
        tree = one.tree_
        shares = tree.value[:, 0, :] / tree.value[:, 0, :].sum(axis=1, keepdims=True)
        value = shares / len(found.estimators_)
        trees.append(Tree(tree.feature, tree.threshold, tree.children_left, tree.children_right, value, tree.max_depth))
    return from_trees(trees, np.zeros(len(found.classes_)), found.n_features_in_, found.classes_, "mean")
