"""A number by regression trees, each of its own bootstrap sample of the labels (see bagging).

Breiman, Random Forests, Machine Learning 2001: each split looks at some of the features at random.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeRegressor

from learner.engine.arrays.batched_scoring import Floats, Rows, check_feature_width, score_in_batches
from learner.engine.arrays.blas_threads import limit_blas_threads
from learner.engine.arrays.sparse import Matrix, dense_view, to_dense
from learner.engine.estimators.model_files import read_model, write_model
from learner.engine.estimators.regression.bagging import (
    Floats64,
    Standardizer,
    bootstrap_samples,
    fit_error_model,
    out_of_bag_errors,
)
from learner.engine.estimators.regression.committee_regressor import (
    CommitteeRegressor,
    LabelRange,
    fields_from_metadata,
)
from learner.engine.estimators.trees.tree_ensemble import Tree, TreeArrays, concatenate_trees

MIN_LEAF_NUMBERS = 3  # labels of a leaf
MAX_TREE_DEPTH = 12  # the cost of scoring a row is trees times depth
SPLIT_FEATURE_SHARE = 0.5  # of the features that a split looks at


@dataclass(frozen=True, kw_only=True)
class NumberTreesModel(CommitteeRegressor):
    """The mean of the trees; the sums over their leaves are their mean and that of their squares."""

    kind: ClassVar[str] = "number_trees"

    trees: TreeArrays

    def member_moments(self, features: Matrix, rows: Rows | None) -> Floats:
        """Return (n, 2) float32: mean and variance of what the trees predict, standardized."""
        features = dense_view(features)
        check_feature_width(features, self.trees.width)
        sums = score_in_batches(features, rows, 2, self.trees.leaf_sums)
        mean, square = sums[:, 0], sums[:, 1]
        return np.stack([mean, np.maximum(square - mean**2, 0)], axis=1)

    def save(self, folder: Path) -> None:
        """Write model.npz and model.json into the folder."""
        write_model(folder, self.kind, {**self.metadata(), **self.trees.metadata()}, self.trees.arrays())

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        metadata, arrays = read_model(folder)
        return cls(trees=TreeArrays.from_metadata(metadata, arrays), **fields_from_metadata(metadata))


def fit(
    features: Matrix, labels: NDArray[Any], seed: int, is_random_sample: NDArray[np.bool_] | None = None
) -> NumberTreesModel:
    """Fit the trees; `labels` (m,) are texts of numbers."""
    return fit_with_errors(features, labels, seed, is_random_sample)[0]


def fit_with_errors(
    features: Matrix, labels: NDArray[Any], seed: int, is_random_sample: NDArray[np.bool_] | None
) -> tuple[NumberTreesModel, Floats64]:
    """Return what `fit` returns, and the `out_of_bag_errors` (m,) of the labels."""
    features, numbers = to_dense(features), np.asarray(labels).astype(np.float64)
    scale = Standardizer.fit(numbers)
    truth, samples = scale(numbers), bootstrap_samples(len(numbers), seed)
    with limit_blas_threads(1):
        members = [_fit_tree(features[rows], truth[rows], (seed + index) % 2**32) for index, rows in enumerate(samples)]
        predictions = np.stack([member.predict(features) for member in members])
    trees = concatenate_trees([_copy_tree(member, len(members)) for member in members], np.zeros(2), features.shape[1])
    errors = fit_error_model(truth, predictions, samples, is_random_sample)
    label_range = LabelRange(scale, errors, float(numbers.min()), float(numbers.max()))
    return NumberTreesModel(trees=trees, label_range=label_range), out_of_bag_errors(truth, predictions, samples)


def _fit_tree(features: NDArray[Any], truth: Floats64, seed: int) -> DecisionTreeRegressor:
    leaf = min(MIN_LEAF_NUMBERS, max(1, len(truth) // 8))
    tree = DecisionTreeRegressor(
        max_depth=MAX_TREE_DEPTH, min_samples_leaf=leaf, max_features=SPLIT_FEATURE_SHARE, random_state=seed
    )
    return tree.fit(features, truth)


def _copy_tree(member: DecisionTreeRegressor, members: int) -> Tree:
    """Copy a fitted tree; a leaf gives its share of the mean and of the mean square."""
    tree = member.tree_
    number = tree.value[:, 0, 0]
    value = np.stack([number, number**2], axis=1) / members
    return Tree(tree.feature, tree.threshold, tree.children_left, tree.children_right, value, tree.max_depth)
