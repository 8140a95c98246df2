"""Histogram gradient boosting in which rare classes weigh more: for records with some hundred labels or more.

Few leaves, few steps and few bins keep a fit to a fraction of a second, also on the wide matrices of
texts; there the five more fits that a temperature takes would not be quick, so it is left out.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from learner.engine.arrays.blas_threads import limit_blas_threads
from learner.engine.arrays.sparse import Matrix, to_dense
from learner.engine.contracts.estimator import NO_CHOICES
from learner.engine.estimators.trees.tree_ensemble import Tree, TreesModel, concatenate_trees
from learner.engine.fitting.class_weights import SQUARE_ROOT
from learner.engine.fitting.tuning import TunedParameters, calibrated, tune_by_cross_validation

NAME = "boosting"  # of its choices
MAX_STEPS = 40
MIN_STEPS = 5
MAX_BOOSTED_TREES = 160  # a step makes a tree for each class (one for two)
MAX_LEAVES = 8
LEARNING_RATE = 0.15
HISTOGRAM_BINS = 32  # of a feature's values: few labels cannot tell more apart, and wide matrices fit in time
MAX_SPLIT_FEATURES = 64  # of more, each split looks at this many at random
MIN_LEAF_LABELS = 10  # where there are enough


def fit(
    features: Matrix,
    labels: NDArray[Any],
    seed: int,
    is_random_sample: NDArray[np.bool_] | None = None,
    previous: Mapping[str, Any] = NO_CHOICES,
) -> TreesModel:
    """Boost for as many steps as the number of classes leaves time for; temper where that takes no longer."""
    features = to_dense(features)
    with limit_blas_threads(1):
        if features.shape[1] > MAX_SPLIT_FEATURES:
            return fit_uncalibrated(features, labels, seed)
        tuned = tune_by_cross_validation(
            lambda rows, rate: fit_uncalibrated(features[rows], labels[rows], seed, rate),
            *(features, labels, (LEARNING_RATE,), LEARNING_RATE, seed, is_random_sample),
            weight_power=SQUARE_ROOT,
            previous=TunedParameters.from_json(previous.get(NAME)),
        )
        return calibrated(fit_uncalibrated(features, labels, seed, tuned.value), tuned, labels).with_choices(
            {NAME: tuned.as_json()}
        )


def fit_uncalibrated(
    features: Matrix, labels: NDArray[Any], seed: int, learning_rate: float = LEARNING_RATE
) -> TreesModel:
    """Fit to rows of which rare classes have more; scores are left as they are."""
    rows, k = _weighted_rows(labels)
    features = to_dense(features)
    fitted = HistGradientBoostingClassifier(
        learning_rate=learning_rate,
        max_iter=max(MIN_STEPS, min(MAX_STEPS, MAX_BOOSTED_TREES // (1 if k == 2 else k))),
        max_leaf_nodes=MAX_LEAVES,
        min_samples_leaf=max(1, min(MIN_LEAF_LABELS, len(labels) // (4 * k))),
        max_bins=HISTOGRAM_BINS,
        max_features=min(1.0, max(0.1, MAX_SPLIT_FEATURES / features.shape[1])),
        early_stopping=False,
        random_state=seed % 2**32,
    )
    return copy_boosted_trees(fitted.fit(features[rows], labels[rows]))


def _weighted_rows(labels: NDArray[Any]) -> tuple[NDArray[np.intp], int]:
    """Return rows in which a rarer class is repeated as its labels weigh elsewhere, and how many classes there are.

    The most frequent class has each row once, another as many rows as the square root of their product. Weights would
    do the same, but with them scikit-learn takes ten times as long to place its bins.
    """
    _, codes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    sizes = np.round(counts ** (1 - SQUARE_ROOT) * counts.max() ** SQUARE_ROOT).astype(int)
    rows = [np.resize(np.flatnonzero(codes == code), size) for code, size in enumerate(sizes)]
    return np.concatenate(rows), len(counts)


def copy_boosted_trees(fitted: HistGradientBoostingClassifier) -> TreesModel:
    """Copy the trees out of what scikit-learn keeps to itself; a test holds that the copy predicts the same."""
    k, internals = len(fitted.classes_), vars(fitted)
    base = _class_scores(np.asarray(internals["_baseline_prediction"], np.float64).reshape(1, -1), k, None)[0]
    trees = []
    for step in internals["_predictors"]:
        for column, predictor in enumerate(step):
            nodes = predictor.nodes
            leaf = nodes["is_leaf"].astype(bool)
            left, right = (np.where(leaf, -1, nodes[side].astype(np.int64)) for side in ("left", "right"))
            value = _class_scores(np.where(leaf, nodes["value"], 0.0)[:, None], k, column)
            depth = int(nodes["depth"].max())
            trees.append(Tree(nodes["feature_idx"], nodes["num_threshold"], left, right, value, depth))
    classes = tuple(str(name) for name in fitted.classes_)
    return TreesModel(concatenate_trees(trees, base, fitted.n_features_in_), classes)


def _class_scores(scores: NDArray[Any], k: int, column: int | None) -> NDArray[np.float64]:
    """Return (rows, k) scores: of the one class that a tree is for, or for two classes of one score down and up."""
    if k == 2:
        return np.hstack([-scores, scores]) / 2
    if column is None:
        return scores
    all_classes = np.zeros((len(scores), k))
    all_classes[:, column] = scores[:, 0]
    return all_classes
