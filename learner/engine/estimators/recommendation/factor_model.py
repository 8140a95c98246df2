"""What vectors of users and products predict of pairs of them: a rating, and how uncertain it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from learner.engine.arrays.batched_scoring import Floats, Rows
from learner.engine.contracts.estimator import PredictedValue
from learner.engine.estimators.model_files import read_model, write_model
from learner.engine.estimators.recommendation import user_item_pairs
from learner.engine.estimators.recommendation.user_item_pairs import Content, Side
from learner.engine.estimators.recommendation.variational_als import Vectors, centred_ratings, expected_rating_variance

CHUNK_PAIRS = 20_000


@dataclass(frozen=True)
class FittedSide:
    """The names of one side, their attributes, and their vectors."""

    names: tuple[str, ...]
    vocabulary: tuple[str, ...]
    vectors: Vectors

    def vectors_of(self, side: Side, attributes: Callable[[Content], set[str]]) -> Vectors:
        """Return the vectors of a side's names; of names not fitted, what the attributes let expect."""
        positions = {name: n for n, name in enumerate(self.names)}
        positions_of_names = np.array([positions.get(name, -1) for name in side.names], np.intp)
        new_rows = np.flatnonzero(positions_of_names < 0)
        mean, covariance = self.vectors.mean[positions_of_names], self.vectors.covariance[positions_of_names]
        table = user_item_pairs.attribute_indicators(
            [attributes(side.contents[row]) for row in new_rows.tolist()], self.vocabulary
        )
        mean[new_rows] = self.vectors.expected_vectors(table)
        covariance[new_rows] = np.diag(self.vectors.variance)
        return replace(self.vectors, mean=mean, covariance=covariance)


@dataclass(frozen=True)
class FactorModel:
    """Pairs to ratings: what is called features are contents, (n,) mappings of user, product and attributes."""

    kind: ClassVar[str] = "factors"

    users: FittedSide
    products: FittedSide
    mean_rating: float
    noise: float
    classes: tuple[str, ...]  # the ratings it has seen, ascending
    features: str = ""

    def expected_ratings(self, features: NDArray[Any], rows: Rows | None = None) -> Floats:
        """Return (n,) float32: the rating to be expected of each pair, between those it has seen."""
        users, products, u, p = self._pair_vectors(features, rows)
        scale = np.array(self.classes, np.float64)
        ratings = self.mean_rating + centred_ratings(users.mean[u], products.mean[p])
        return np.clip(ratings, scale.min(), scale.max()).astype(np.float32)

    def uncertainty(self, features: NDArray[Any], rows: Rows | None = None) -> Floats:
        """Return (n,) float32: the share of a rating's variance that answers could take away."""
        users, products, u, p = self._pair_vectors(features, rows)
        result = np.empty(len(u), np.float32)
        for low in range(0, len(u), CHUNK_PAIRS):
            vector_field = slice(low, low + CHUNK_PAIRS)
            reducible = expected_rating_variance(users, products, u[vector_field], p[vector_field])
            result[vector_field] = reducible / (reducible + self.noise)
        return result

    def predict(self, features: NDArray[Any], rows: Rows | None = None) -> NDArray[Any]:
        """Return the rating of the scale nearest to what is to be expected, as a target."""
        return self.predict_with_confidence(features, rows).value

    def predict_with_confidence(self, features: NDArray[Any], rows: Rows | None = None) -> PredictedValue:
        """Return the rating of the scale nearest to what is to be expected, and how probable that is."""
        users, products, u, p = self._pair_vectors(features, rows)
        scale = np.array(self.classes, np.float64)
        ratings = self.mean_rating + centred_ratings(users.mean[u], products.mean[p])
        nearest = np.abs(ratings[:, None] - scale).argmin(axis=1)
        bounds = np.concatenate([[-np.inf], (scale[1:] + scale[:-1]) / 2, [np.inf]])
        deviation = np.sqrt(expected_rating_variance(users, products, u, p) + self.noise)
        low, high = (ndtr((bounds[nearest + step] - ratings) / deviation) for step in (0, 1))
        return PredictedValue(np.array(self.classes, object)[nearest], (high - low).astype(np.float32))

    def _pair_vectors(self, features: NDArray[Any], rows: Rows | None) -> tuple[Vectors, Vectors, Rows, Rows]:
        """Return the vectors of all users and products there, and of each pair its positions among them."""
        contents: Sequence[Content] = features if rows is None else features[rows]  # type: ignore[assignment]
        users, products = user_item_pairs.user_side(contents), user_item_pairs.product_side(contents)
        return (
            self.users.vectors_of(users, user_item_pairs.user_attributes),
            self.products.vectors_of(products, user_item_pairs.product_attributes),
            users.positions,
            products.positions,
        )

    def tag_features(self, version: str) -> Self:
        """Return the same model, marked as fitted on that version."""
        return replace(self, features=version)

    def save(self, folder: Path) -> None:
        """Write model.npz and model.json into the folder; the keys are those of models stored before."""
        metadata: dict[str, Any] = {
            "level": self.mean_rating,
            "noise": self.noise,
            "classes": self.classes,
            "features": self.features,
        }
        arrays: dict[str, NDArray[Any]] = {}
        for key, side in (("users", self.users), ("things", self.products)):
            metadata[key] = {"names": side.names, "vocabulary": side.vocabulary}
            arrays |= {
                f"{key}_{vector_field.name}": getattr(side.vectors, vector_field.name)
                for vector_field in fields(Vectors)
            }
        write_model(folder, self.kind, metadata, arrays)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        metadata, arrays = read_model(folder)
        users, products = (
            FittedSide(
                tuple(metadata[key]["names"]),
                tuple(metadata[key]["vocabulary"]),
                Vectors(*(arrays[f"{key}_{vector_field.name}"] for vector_field in fields(Vectors))),
            )
            for key in ("users", "things")
        )
        numbers_and_names = (metadata["level"], metadata["noise"], tuple(metadata["classes"]), metadata["features"])
        return cls(users, products, *numbers_and_names)
