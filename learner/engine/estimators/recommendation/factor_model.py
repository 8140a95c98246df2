"""What vectors of users and things say about pairs of them: a rating, and how unsure they are of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from learner.engine.arrays.batched_scoring import Floats, Rows, Unranked, read, write
from learner.engine.estimators.recommendation import user_item_pairs
from learner.engine.estimators.recommendation.user_item_pairs import Content, Side
from learner.engine.estimators.recommendation.variational_als import Vectors, score, variance

CHUNK = 20_000  # pairs at a time


@dataclass(frozen=True)
class Known:
    """The names of one side, their attributes, and their vectors."""

    names: tuple[str, ...]
    vocabulary: tuple[str, ...]
    vectors: Vectors

    def of(self, side: Side, attributes: Callable[[Content], set[str]]) -> Vectors:
        """Return the vectors of a side's names; of who is not known what the attributes let expect."""
        places = {name: n for n, name in enumerate(self.names)}
        found = np.array([places.get(name, -1) for name in side.names], np.intp)
        new = np.flatnonzero(found < 0)
        mean, covariance = self.vectors.mean[found], self.vectors.covariance[found]
        table = user_item_pairs.indicators([attributes(side.contents[row]) for row in new.tolist()], self.vocabulary)
        mean[new] = self.vectors.expected(table)
        covariance[new] = np.diag(self.vectors.variance)
        return replace(self.vectors, mean=mean, covariance=covariance)


@dataclass(frozen=True)
class FactorModel(Unranked):
    """Pairs to ratings: what is called features are contents, (n,) mappings with `user`, `thing` and attributes."""

    kind: ClassVar[str] = "factors"

    users: Known
    things: Known
    level: float
    noise: float
    classes: tuple[str, ...]  # the ratings it has seen, ascending
    features: str = ""

    def expected(self, features: NDArray[Any], rows: Rows | None = None) -> Floats:
        """Return (n,) float32: the rating to be expected of each pair, between those it has seen."""
        users, things, u, t = self._vectors(features, rows)
        scale = np.array(self.classes, np.float64)
        found = self.level + score(users.mean[u], things.mean[t])
        return np.clip(found, scale.min(), scale.max()).astype(np.float32)

    def predict_proba(self, features: NDArray[Any], rows: Rows | None = None) -> Floats:
        """Return (n, 2) float32 [1 - u/2, u/2]; u is the share of a rating's variance that answers could take away."""
        users, things, u, t = self._vectors(features, rows)
        doubts = np.empty(len(u), np.float32)
        for low in range(0, len(u), CHUNK):
            some = slice(low, low + CHUNK)
            off = variance(users, things, u[some], t[some])
            doubts[some] = off / (off + self.noise)
        half = doubts / 2
        return np.stack([1 - half, half], axis=1)

    def said(self, features: NDArray[Any], rows: Rows | None, proba: Floats) -> tuple[NDArray[Any], Floats]:
        """Return the rating of the scale nearest to what is to be expected, and how probable that is."""
        users, things, u, t = self._vectors(features, rows)
        scale = np.array(self.classes, np.float64)
        found = self.level + score(users.mean[u], things.mean[t])
        nearest = np.abs(found[:, None] - scale).argmin(axis=1)
        ends = np.concatenate([[-np.inf], (scale[1:] + scale[:-1]) / 2, [np.inf]])
        spread = np.sqrt(variance(users, things, u, t) + self.noise)
        low, high = (ndtr((ends[nearest + step] - found) / spread) for step in (0, 1))
        return np.array(self.classes, object)[nearest], (high - low).astype(np.float32)

    def predict(self, features: NDArray[Any], rows: Rows | None = None) -> NDArray[Any]:
        """Return the rating of the scale nearest to what is to be expected, as a target."""
        return self.said(features, rows, np.empty((0, 2), np.float32))[0]

    def _vectors(self, features: NDArray[Any], rows: Rows | None) -> tuple[Vectors, Vectors, Rows, Rows]:
        """Return the vectors of all users and things there, and of each pair its places among them."""
        asked: Sequence[Content] = features if rows is None else features[rows]  # type: ignore[assignment]
        users, things = user_item_pairs.users(asked), user_item_pairs.things(asked)
        return (
            self.users.of(users, user_item_pairs.user_attributes),
            self.things.of(things, user_item_pairs.thing_attributes),
            users.places,
            things.places,
        )

    def with_features(self, version: str) -> Self:
        """Return the same model, said to be fitted on that version."""
        return replace(self, features=version)

    def save(self, folder: Path) -> None:
        """Write model.npz and model.json into the folder."""
        facts = {name: getattr(self, name) for name in ("level", "noise", "classes", "features")}
        arrays: dict[str, NDArray[Any]] = {}
        for side in ("users", "things"):
            known: Known = getattr(self, side)
            facts[side] = {"names": known.names, "vocabulary": known.vocabulary}
            arrays |= {f"{side}_{one.name}": getattr(known.vectors, one.name) for one in fields(Vectors)}
        write(folder, self.kind, facts, arrays)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        facts, arrays = read(folder)
        users, things = (
            Known(
                tuple(facts[side]["names"]),
                tuple(facts[side]["vocabulary"]),
                Vectors(*(arrays[f"{side}_{one.name}"] for one in fields(Vectors))),
            )
            for side in ("users", "things")
        )
        rest = (facts["level"], facts["noise"], tuple(facts["classes"]), facts["features"])
        return cls(users, things, *rest)
