"""Ensembles of trees as plain arrays, so that they travel without a pickle and are scored by numpy.

All trees lie one after another. A leaf points at itself and takes every row, so a walk of as many
steps as the deepest tree has ends in the leaves, without a mask.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from learner.engine.arrays.batched_scoring import Floats, Rows, Scored, check_width, probabilities, read, softmax, write
from learner.engine.arrays.sparse import Matrix, comparable

TINY = 1e-3  # added to the probabilities of a forest: no leaf knows a class to be impossible


class Tree(NamedTuple):
    """One tree; node 0 is its root and children are counted from it. -1 for no child."""

    feature: NDArray[Any]  # (nodes,)
    threshold: NDArray[Any]  # (nodes,): rows at or below it go left
    left: NDArray[Any]  # (nodes,)
    right: NDArray[Any]  # (nodes,)
    value: NDArray[Any]  # (nodes, k): what a leaf adds to the score of each class
    depth: int


@dataclass(frozen=True)
class TreesModel(Scored):
    """The sum over the trees of what the leaves say; cost a row: trees times depth. Features must not be NaN."""

    kind: ClassVar[str] = "trees"

    feature: NDArray[np.int32]  # (nodes,)
    threshold: NDArray[np.float64]  # (nodes,), infinite in leaves
    left: NDArray[np.int32]  # (nodes,), over all trees
    right: NDArray[np.int32]
    value: Floats  # (nodes, k)
    roots: NDArray[np.int32]  # (trees,)
    base: Floats  # (k,): the score before any tree
    width: int  # of the features
    depth: int  # of the deepest tree
    classes: tuple[str, ...]
    link: str = "softmax"  # of the sum; "mean": it is the probabilities, whose logarithm is the score; "sum": as it is
    sharpness: float = 1.0  # scores are multiplied by it: one over a temperature
    features: str = ""

    def predict_proba(self, features: Matrix, rows: Rows | None = None) -> Floats:
        """Return (n, k) float32 probabilities of all rows, or of the given ones.

        Raises ValueError when the features are not of the width it was fitted on.
        """
        features = comparable(features)
        check_width(features, self.width)
        return probabilities(features, rows, len(self.classes), lambda block: self._linked(self._sums(block)))

    def _sums(self, block: NDArray[Any]) -> Floats:
        """Return (rows, k): the base and what the leaves of all trees add to it."""
        by_feature = np.ascontiguousarray(block.T).ravel()  # one feature's values lie together
        spot = np.arange(len(block), dtype=np.int64)
        sums = np.repeat(self.base[None], len(block), axis=0)
        for root in self.roots:
            node = np.full(len(block), root, np.int32)
            for _ in range(self.depth):
                seen = by_feature.take(self.feature.take(node) * np.int64(len(block)) + spot)
                node = np.where(seen <= self.threshold.take(node), self.left.take(node), self.right.take(node))
            sums += self.value.take(node, axis=0)
        return sums

    def _linked(self, sums: Floats) -> Floats:
        """Turn sums into probabilities, where they are to be some."""
        if self.link == "sum":
            return sums
        if self.link == "mean":
            sums = np.log(sums + np.float32(TINY), dtype=np.float32)
        return softmax(sums * np.float32(self.sharpness))

    def sharpened(self, factor: float) -> Self:
        """Return the model whose scores are `factor` times these: one over a temperature."""
        return replace(self, sharpness=self.sharpness * factor)

    def with_features(self, version: str) -> Self:
        """Return the same model, said to be fitted on that version of the features."""
        return replace(self, features=version)

    def save(self, folder: Path) -> None:
        """Write model.npz and model.json into the folder."""
        arrays = {name: getattr(self, name) for name in ARRAYS}
        facts = {name: getattr(self, name) for name in FACTS}
        write(folder, self.kind, {**facts, "classes": list(self.classes)}, arrays)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        facts, arrays = read(folder)
        known = {name: facts[name] for name in FACTS}
        given: dict[str, Any] = {**arrays, **known, "classes": tuple(facts["classes"])}
        return cls(**given)


ARRAYS = ("feature", "threshold", "left", "right", "value", "roots", "base")
FACTS = ("width", "depth", "link", "sharpness", "features")


def from_trees(
    trees: Iterable[Tree], base: NDArray[Any], width: int, classes: Sequence[object], link: str
) -> TreesModel:
    """Lay trees one after another."""
    found = list(trees)
    sizes = np.array([len(tree.feature) for tree in found])
    roots = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    own = np.arange(sizes.sum())
    left, right = (
        np.concatenate([getattr(tree, side) + root for tree, root in zip(found, roots, strict=True)])
        for side in ("left", "right")
    )
    leaf = np.concatenate([np.asarray(tree.left) < 0 for tree in found])
    return TreesModel(
        feature=np.where(leaf, 0, np.concatenate([tree.feature for tree in found])).astype(np.int32),
        threshold=np.where(leaf, np.inf, np.concatenate([tree.threshold for tree in found])).astype(np.float64),
        left=np.where(leaf, own, left).astype(np.int32),
        right=np.where(leaf, own, right).astype(np.int32),
        value=np.concatenate([tree.value for tree in found]).astype(np.float32),
        roots=roots.astype(np.int32),
        base=np.asarray(base, np.float32),
        width=width,
        depth=max(tree.depth for tree in found),
        classes=tuple(str(name) for name in classes),
        link=link,
    )
