"""Ensembles of trees as plain arrays, so that they travel without a pickle and are scored by numpy.

All trees lie one after another. A leaf points at itself and takes every row, so a walk of as many
steps as the deepest tree has ends in the leaves, without a mask.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from learner.engine.arrays.batched_scoring import Floats, Rows, check_feature_width, score_in_batches, softmax_in_place
from learner.engine.arrays.sparse import Matrix, dense_view
from learner.engine.estimators.class_probabilities import ClassifierMixin
from learner.engine.estimators.model_files import read_model, write_model

MIN_LEAF_SHARE = 1e-3  # added to the probabilities of a forest: no leaf knows a class to be impossible


class Tree(NamedTuple):
    """One tree; node 0 is its root and children are counted from it. -1 for no child."""

    feature: NDArray[Any]  # (nodes,)
    threshold: NDArray[Any]  # (nodes,): rows at or below it go left
    left: NDArray[Any]  # (nodes,)
    right: NDArray[Any]  # (nodes,)
    value: NDArray[Any]  # (nodes, k): what a leaf adds to each sum
    depth: int


@dataclass(frozen=True)
class TreeArrays:
    """All trees in one set of arrays, and the sum of what their leaves hold; a row costs trees times depth."""

    feature: NDArray[np.int32]  # (nodes,)
    threshold: NDArray[np.float64]  # (nodes,), infinite in leaves
    left: NDArray[np.int32]  # (nodes,), over all trees
    right: NDArray[np.int32]
    value: Floats  # (nodes, k)
    roots: NDArray[np.int32]  # (trees,)
    base: Floats  # (k,): the score before any tree
    width: int  # of the features
    depth: int  # of the deepest tree

    def leaf_sums(self, block: NDArray[Any]) -> Floats:
        """Return (rows, k) of a block (rows, width): the base and what the leaves of all trees add to it."""
        by_feature = np.ascontiguousarray(block.T).ravel()  # one feature's values lie together
        column = np.arange(len(block), dtype=np.int64)
        sums = np.repeat(self.base[None], len(block), axis=0)
        for root in self.roots:
            node = np.full(len(block), root, np.int32)
            for _ in range(self.depth):
                value = by_feature.take(self.feature.take(node) * np.int64(len(block)) + column)
                node = np.where(value <= self.threshold.take(node), self.left.take(node), self.right.take(node))
            sums += self.value.take(node, axis=0)
        return sums

    def metadata(self) -> dict[str, Any]:
        """Return what is no array."""
        return {"width": self.width, "depth": self.depth}

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays by name."""
        return {name: getattr(self, name) for name in ARRAYS}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Return the trees of these metadata and arrays."""
        tree_arrays = {name: arrays[name] for name in ARRAYS}
        return cls(**tree_arrays, width=metadata["width"], depth=metadata["depth"])


ARRAYS = ("feature", "threshold", "left", "right", "value", "roots", "base")


@dataclass(frozen=True)
class TreesModel(ClassifierMixin):
    """Class probabilities by trees. Features must not be NaN."""

    kind: ClassVar[str] = "trees"

    trees: TreeArrays
    classes: tuple[str, ...]
    link: str = "softmax"  # of the sums; "mean": they are the probabilities, whose logarithms are the scores
    inverse_temperature: float = 1.0  # scores are multiplied by it
    features: str = ""
    offsets: Floats | None = None  # (k,): added to the scores then
    choices: Mapping[str, Any] = field(default_factory=dict)  # see `RemembersChoices`

    def predict_proba(self, features: Matrix, rows: Rows | None = None) -> Floats:
        """Return (n, k) float32 probabilities of all rows, or of these.

        Raises ValueError when the features are not of the width it was fitted on.
        """
        features = dense_view(features)
        check_feature_width(features, self.trees.width)
        return score_in_batches(features, rows, len(self.classes), self._score_block)

    def _score_block(self, block: NDArray[Any]) -> Floats:
        scores = self.trees.leaf_sums(block)
        if self.link == "mean":
            scores = np.log(scores + np.float32(MIN_LEAF_SHARE), dtype=np.float32)
        scores = scores * np.float32(self.inverse_temperature)
        return softmax_in_place(scores if self.offsets is None else scores + self.offsets)

    def temperature_scaled(self, inverse_temperature: float) -> Self:
        """Return the model whose scores are so many times these."""
        offsets = None if self.offsets is None else self.offsets * np.float32(inverse_temperature)
        return replace(self, inverse_temperature=self.inverse_temperature * inverse_temperature, offsets=offsets)

    def with_class_offsets(self, offsets: Floats) -> Self:
        """Return the model whose scores are these plus (k,) offsets."""
        return replace(self, offsets=offsets if self.offsets is None else self.offsets + offsets)

    def with_choices(self, choices: Mapping[str, Any]) -> Self:
        """Return the same model, with what was chosen when it was fitted."""
        return replace(self, choices=choices)

    def tag_features(self, version: str) -> Self:
        """Return the same model, marked as fitted on that version of the features."""
        return replace(self, features=version)

    def save(self, folder: Path) -> None:
        """Write model.npz and model.json into the folder."""
        own_metadata = {"link": self.link, "sharpness": self.inverse_temperature, "features": self.features}
        metadata = {**self.trees.metadata(), **own_metadata, "classes": list(self.classes)}
        arrays = self.trees.arrays() | ({} if self.offsets is None else {"offsets": self.offsets})
        write_model(folder, self.kind, metadata | {"choices": dict(self.choices)}, arrays)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        metadata, arrays = read_model(folder)
        trees, classes = TreeArrays.from_metadata(metadata, arrays), tuple(metadata["classes"])
        link, scale, features = metadata["link"], metadata["sharpness"], metadata["features"]
        return cls(trees, classes, link, scale, features, arrays.get("offsets"), metadata.get("choices", {}))


def concatenate_trees(trees: Sequence[Tree], base: NDArray[Any], width: int) -> TreeArrays:
    """Lay trees one after another."""
    sizes = np.array([len(tree.feature) for tree in trees])
    roots = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    own_index = np.arange(sizes.sum())
    left, right = (
        np.concatenate([getattr(tree, side) + root for tree, root in zip(trees, roots, strict=True)])
        for side in ("left", "right")
    )
    leaf = np.concatenate([np.asarray(tree.left) < 0 for tree in trees])
    return TreeArrays(
        feature=np.where(leaf, 0, np.concatenate([tree.feature for tree in trees])).astype(np.int32),
        threshold=np.where(leaf, np.inf, np.concatenate([tree.threshold for tree in trees])).astype(np.float64),
        left=np.where(leaf, own_index, left).astype(np.int32),
        right=np.where(leaf, own_index, right).astype(np.int32),
        value=np.concatenate([tree.value for tree in trees]).astype(np.float32),
        roots=roots.astype(np.int32),
        base=np.asarray(base, np.float32),
        width=width,
        depth=max(tree.depth for tree in trees),
    )
