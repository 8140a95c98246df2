"""What committees have in common that foretell a number: what they say, how unsure they are, and between what."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from math import floor, log10
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from annotation.tasktypes.scale import written
from learner.engine.arrays.batched_scoring import Floats, Rows, Unranked
from learner.engine.arrays.sparse import Matrix
from learner.engine.estimators.regression.bagging import Doubt, Scale

DIGITS = 3  # of the width of what was seen: finer differences say nothing


@dataclass(frozen=True)
class Seen:
    """The labels that a model was fitted to, and how far it is off."""

    scale: Scale
    doubt: Doubt
    low: float
    high: float

    @property
    def decimals(self) -> int:
        """To how many decimals the model speaks; negative for tens and hundreds."""
        return DIGITS - 1 - floor(log10(self.high - self.low))


@dataclass(frozen=True, kw_only=True)
class NumberModel(Unranked, ABC):
    """Features to numbers between the lowest and the highest that it has seen, which are its `classes`."""

    seen: Seen
    features: str = ""  # version of the features it was fitted on

    @property
    def classes(self) -> tuple[str, ...]:
        """The lowest and the highest number that it has seen."""
        return written(self.seen.low), written(self.seen.high)

    @abstractmethod
    def opinions(self, features: Matrix, rows: Rows | None) -> Floats:
        """Return (n, 2) float32: mean and variance of what the members say, on the scale of the labels."""

    def expected(self, features: Matrix, rows: Rows | None = None) -> Floats:
        """Return (n,) float32: the number to be expected of all rows, or of the given ones."""
        return self._expected(self.opinions(features, rows))

    def predict_proba(self, features: Matrix, rows: Rows | None = None) -> Floats:
        """Return (n, 2) float32 [1 - u/2, u/2]; u is the share of an answer's variance about which members differ.

        Raises ValueError when the features are not of the width it was fitted on.
        """
        spread = self.opinions(features, rows)[:, 1]
        half = spread / (spread + np.float32(self.seen.doubt.noise)) / 2
        return np.stack([1 - half, half], axis=1)

    def predict(self, features: Matrix, rows: Rows | None = None) -> NDArray[np.str_]:
        """Return the expected numbers as targets."""
        return self._targets(self.expected(features, rows))

    def said(self, features: Matrix, rows: Rows, proba: Floats) -> tuple[NDArray[np.str_], Floats]:
        """Return the expected numbers as targets, and half of the width of the intervals that hold 90 % of answers."""
        found = self.opinions(features, rows)
        half = np.float32(self.seen.scale.deviation) * self.seen.doubt.interval(found[:, 1])
        return self._targets(self._expected(found)), half

    def _expected(self, opinions: Floats) -> Floats:
        numbers = self.seen.scale.middle + self.seen.scale.deviation * opinions[:, 0]
        return np.asarray(np.clip(numbers, self.seen.low, self.seen.high), np.float32)

    def _targets(self, numbers: Floats) -> NDArray[np.str_]:
        return np.array([written(one) for one in numbers.astype(np.float64).round(self.seen.decimals)], dtype=str)

    def with_features(self, version: str) -> Self:
        """Return the same model, said to be fitted on that version of the features."""
        return replace(self, features=version)

    def facts(self) -> dict[str, Any]:
        """Return what `known` reads."""
        seen = self.seen
        return {
            "features": self.features,
            "scale": [seen.scale.middle, seen.scale.deviation],
            "doubt": [seen.doubt.noise, seen.doubt.reach],
            "ends": [seen.low, seen.high],
        }


def known(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a model that `facts` wrote."""
    return {"seen": Seen(Scale(*facts["scale"]), Doubt(*facts["doubt"]), *facts["ends"]), "features": facts["features"]}
