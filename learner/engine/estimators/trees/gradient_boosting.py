"""Histogram gradient boosting with balanced classes: for records with some hundred labels or more.

Few leaves, few steps and few bins keep a fit to a fraction of a second, also on the wide matrices of
texts; there the five more fits that a temperature takes would not be quick, so it is left out.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from learner.engine.arrays.blas_threads import few_threads
from learner.engine.arrays.sparse import Matrix, dense
from learner.engine.estimators.trees.tree_ensemble import Tree, TreesModel, from_trees
from learner.engine.fitting.tuning import tune

STEPS = 40
TREES = 160  # at most; a step makes a tree for each class (one for two)
LEAVES = 8
RATE = 0.15
BINS = 32  # of a feature's values: few labels cannot tell more apart, and wide matrices fit in time
LEAST_STEPS = 5
NARROW = 64  # features; of more, each split looks at this many by lot
LEAF = 10  # labels of a leaf, where there are enough


def fit(features: Matrix, labels: NDArray[Any], seed: int, fair: NDArray[np.bool_] | None = None) -> TreesModel:
    """Boost for as many steps as the number of classes leaves time for; temper where that takes no longer."""
    features = dense(features)
    with few_threads(1):
        if features.shape[1] > NARROW:
            return _boost(features, labels, seed)
        tuned = tune(
            lambda rows, _: _boost(features[rows], labels[rows], seed),
            *(features, labels, (RATE,), RATE, seed, fair),
        )
        return _boost(features, labels, seed).sharpened(tuned.sharpness)


def _boost(features: NDArray[Any], labels: NDArray[Any], seed: int) -> TreesModel:
    rows, k = _balanced(labels)
    found = HistGradientBoostingClassifier(
        learning_rate=RATE,
        max_iter=max(LEAST_STEPS, min(STEPS, TREES // (1 if k == 2 else k))),
        max_leaf_nodes=LEAVES,
        min_samples_leaf=max(1, min(LEAF, len(labels) // (4 * k))),
        max_bins=BINS,
        max_features=min(1.0, max(0.1, NARROW / features.shape[1])),
        early_stopping=False,
        random_state=seed % 2**32,
    )
    return flatten(found.fit(features[rows], labels[rows]))


def _balanced(labels: NDArray[Any]) -> tuple[NDArray[np.intp], int]:
    """Return rows in which the rarer classes are repeated until all have as many, and how many classes there are.

    Weights would do the same, but with them scikit-learn takes ten times as long to place its bins.
    """
    _, codes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    rows = [np.resize(np.flatnonzero(codes == code), counts.max()) for code in range(len(counts))]
    return np.concatenate(rows), len(counts)


def flatten(found: HistGradientBoostingClassifier) -> TreesModel:
    """Copy the trees out of what scikit-learn keeps to itself; a test holds that the copy predicts the same."""
    k = len(found.classes_)
    base = _columns(np.asarray(found._baseline_prediction, np.float64).reshape(1, -1), k, None)[0]  # noqa: SLF001
    trees = []
    for step in found._predictors:  # noqa: SLF001
        for column, predictor in enumerate(step):
            nodes = predictor.nodes
            leaf = nodes["is_leaf"].astype(bool)
            left, right = (np.where(leaf, -1, nodes[side].astype(np.int64)) for side in ("left", "right"))
            value = _columns(np.where(leaf, nodes["value"], 0.0)[:, None], k, column)
            depth = int(nodes["depth"].max())
            trees.append(Tree(nodes["feature_idx"], nodes["num_threshold"], left, right, value, depth))
    return from_trees(trees, base, found.n_features_in_, found.classes_, "softmax")


def _columns(scores: NDArray[Any], k: int, column: int | None) -> NDArray[np.float64]:
    """Return (rows, k) scores: of the one class that a tree is for, or for two classes of one score down and up."""
    if k == 2:
        return np.hstack([-scores, scores]) / 2
    if column is None:
        return scores
    wide = np.zeros((len(scores), k))
    wide[:, column] = scores[:, 0]
    return wide
