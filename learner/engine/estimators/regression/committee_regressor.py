"""What committees have in common that predict a number: the number, how uncertain it is, and its interval."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from math import floor, log10
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from annotation.tasktypes.answers.number_scale import plain_text
from learner.engine.arrays.batched_scoring import Floats, Rows
from learner.engine.arrays.sparse import Matrix
from learner.engine.contracts.estimator import PredictedValue
from learner.engine.estimators.regression.bagging import ErrorModel, Standardizer

SIGNIFICANT_DIGITS = 3  # of the width of what was seen: finer differences say nothing


@dataclass(frozen=True)
class LabelRange:
    """The labels that a model was fitted to, and how far it is off."""

    scale: Standardizer
    errors: ErrorModel
    low: float
    high: float

    @property
    def decimals(self) -> int:
        """To how many decimals the model predicts; negative for tens and hundreds."""
        return SIGNIFICANT_DIGITS - 1 - floor(log10(self.high - self.low))


@dataclass(frozen=True, kw_only=True)
class CommitteeRegressor(ABC):
    """Features to numbers between the lowest and the highest that it has seen, which are its `classes`."""

    label_range: LabelRange
    features: str = ""  # version of the features it was fitted on

    @property
    def classes(self) -> tuple[str, ...]:
        """The lowest and the highest number that it has seen."""
        return plain_text(self.label_range.low), plain_text(self.label_range.high)

    @abstractmethod
    def member_moments(self, features: Matrix, rows: Rows | None) -> Floats:
        """Return (n, 2) float32: mean and variance of what the members predict, standardized.

        Raises ValueError when the features are not of the width it was fitted on.
        """

    def expected_numbers(self, features: Matrix, rows: Rows | None = None) -> Floats:
        """Return (n,) float32: the number to be expected of all rows, or of these."""
        return self._numbers_of_moments(self.member_moments(features, rows))

    def uncertainty(self, features: Matrix, rows: Rows | None = None) -> Floats:
        """Return (n,) float32: the share of an answer's variance about which members differ."""
        return self.label_range.errors.uncertainty(self.member_moments(features, rows)[:, 1])

    def predict(self, features: Matrix, rows: Rows | None = None) -> NDArray[np.str_]:
        """Return the expected numbers as targets."""
        return self.predict_with_confidence(features, rows).value

    def predict_with_confidence(self, features: Matrix, rows: Rows | None = None) -> PredictedValue:
        """Return the expected numbers as targets, and half the width of the intervals that hold 90 % of answers."""
        moments = self.member_moments(features, rows)
        numbers = self._numbers_of_moments(moments).astype(np.float64).round(self.label_range.decimals)
        interval = np.float32(self.label_range.scale.deviation) * self.label_range.errors.interval_half_width(
            moments[:, 1]
        )
        return PredictedValue(np.array([plain_text(number) for number in numbers], dtype=str), interval=interval)

    def _numbers_of_moments(self, moments: Floats) -> Floats:
        numbers = self.label_range.scale.mean + self.label_range.scale.deviation * moments[:, 0]
        return np.asarray(np.clip(numbers, self.label_range.low, self.label_range.high), np.float32)

    def tag_features(self, version: str) -> Self:
        """Return the same model, marked as fitted on that version of the features."""
        return replace(self, features=version)

    def metadata(self) -> dict[str, Any]:
        """Return what `fields_from_metadata` reads; the keys are those of models stored before."""
        label_range = self.label_range
        return {
            "features": self.features,
            "scale": [label_range.scale.mean, label_range.scale.deviation],
            "doubt": [label_range.errors.noise, label_range.errors.interval_factor],
            "ends": [label_range.low, label_range.high],
        }


def fields_from_metadata(metadata: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a model of this metadata."""
    scale, errors = Standardizer(*metadata["scale"]), ErrorModel(*metadata["doubt"])
    return {"label_range": LabelRange(scale, errors, *metadata["ends"]), "features": metadata["features"]}
