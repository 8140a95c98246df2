"""A number by regression trees, each of its own bootstrap sample of the labels (see bagging).

Breiman, Random Forests, Machine Learning 2001: each split looks at some of the features by lot.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeRegressor

from learner.engine.arrays.batched_scoring import Floats, Rows, read, write
from learner.engine.arrays.blas_threads import few_threads
from learner.engine.arrays.sparse import Matrix, dense
from learner.engine.estimators.regression.bagging import Floats64, Scale, bags, doubt, misses
from learner.engine.estimators.regression.committee_regressor import NumberModel, Seen, known
from learner.engine.estimators.trees.tree_ensemble import ARRAYS, Tree, TreesModel, from_trees

LEAF = 3  # labels
DEPTH = 12  # at most: the cost of scoring a row is trees times depth
SHARE = 0.5  # of the features that a split looks at
MOMENTS = ("mean", "square")  # what a leaf adds to: of these come mean and variance over the trees


@dataclass(frozen=True, kw_only=True)
class NumberTreesModel(NumberModel):
    """The mean of the trees; the sums over their leaves are their mean and that of their squares."""

    kind: ClassVar[str] = "number_trees"

    trees: TreesModel

    def opinions(self, features: Matrix, rows: Rows | None) -> Floats:
        """Return (n, 2) float32: mean and variance of what the trees say, on the scale of the labels."""
        sums = self.trees.predict_proba(features, rows)
        mean, square = sums[:, 0], sums[:, 1]
        return np.stack([mean, np.maximum(square - mean**2, 0)], axis=1)

    def save(self, folder: Path) -> None:
        """Write model.npz and model.json into the folder."""
        facts = {**self.facts(), "width": self.trees.width, "depth": self.trees.depth}
        write(folder, self.kind, facts, {name: getattr(self.trees, name) for name in ARRAYS})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        facts, arrays = read(folder)
        given: dict[str, Any] = {**arrays, "width": facts["width"], "depth": facts["depth"]}
        return cls(trees=TreesModel(**given, classes=MOMENTS, link="sum"), **known(facts))


def fit(features: Matrix, labels: NDArray[Any], seed: int, fair: NDArray[np.bool_] | None = None) -> NumberTreesModel:
    """Fit the trees; `labels` (m,) are texts of numbers."""
    return learn(features, labels, seed, fair)[0]


def learn(
    features: Matrix, labels: NDArray[Any], seed: int, fair: NDArray[np.bool_] | None
) -> tuple[NumberTreesModel, Floats64]:
    """Return what `fit` returns, and (m,) how far trees are off about labels that they had not seen (`misses`)."""
    features, numbers = dense(features), np.asarray(labels).astype(np.float64)
    scale = Scale.of(numbers)
    wanted, drawn = scale(numbers), bags(len(numbers), seed)
    with few_threads(1):
        members = [_tree(features[rows], wanted[rows], (seed + place) % 2**32) for place, rows in enumerate(drawn)]
        said = np.stack([member.predict(features) for member in members])
    trees = from_trees(
        [_plain(member, len(members)) for member in members], np.zeros(2), features.shape[1], MOMENTS, "sum"
    )
    seen = Seen(scale, doubt(wanted, said, drawn, fair), float(numbers.min()), float(numbers.max()))
    return NumberTreesModel(trees=trees, seen=seen), misses(wanted, said, drawn)


def _tree(features: NDArray[Any], wanted: NDArray[np.float64], seed: int) -> DecisionTreeRegressor:
    leaf = min(LEAF, max(1, len(wanted) // 8))
    return DecisionTreeRegressor(max_depth=DEPTH, min_samples_leaf=leaf, max_features=SHARE, random_state=seed).fit(
        features, wanted
    )


def _plain(member: DecisionTreeRegressor, members: int) -> Tree:
    """Copy a fitted tree; a leaf gives its share of the mean and of the mean square."""
    tree = member.tree_
    said = tree.value[:, 0, 0]
    value = np.stack([said, said**2], axis=1) / members
    return Tree(tree.feature, tree.threshold, tree.children_left, tree.children_right, value, tree.max_depth)
