"""What every estimator provides, and what every model that one returns can do.

A model answers in one of two ways. A `Classifier` tells classes apart and has a probability for each. An
`UncertaintyModel` gives answers that are no class (several labels, spans, boxes, numbers), and one number for each item
that says how uncertain it is. Where an estimator reads contents, `features` is an array of these.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from learner.engine.arrays.batched_scoring import Floats, Rows
from learner.engine.arrays.sparse import Matrix


@dataclass(frozen=True)
class PredictedValue:
    """What a model would answer about m items, and how sure it is of each answer."""

    value: NDArray[Any]  # (m,) targets, as the task type writes them
    confidence: Floats | None = None  # (m,) in [0, 1]: how probable the answer is; None where it is any number
    interval: Floats | None = None  # (m,) half the width that holds 90 % of answers, in points of the scale, or None

    @property
    def score(self) -> Floats:
        """The number that is kept beside an answer, (m,): its confidence or, for a number, its interval."""
        score = self.interval if self.confidence is None else self.confidence
        if score is None:
            raise ValueError("A predicted value has a confidence or an interval.")
        return score


class Model(Protocol):
    """Features to answers. Nothing but numbers and text, so it travels as .npz and JSON."""

    kind: ClassVar[str]  # a key of MODELS: who can load it

    @property
    def classes(self) -> tuple[str, ...]:
        """The k labels it knows, sorted; of numbers the ends of what it has seen."""
        ...

    @property
    def features(self) -> str:
        """Version of the features it was fitted on."""
        ...

    def predict(self, features: NDArray[Any], rows: Rows | None = None) -> NDArray[Any]:
        """Return what it would answer about all rows of (n, d) features, or about these rows, as targets."""
        ...

    def predict_with_confidence(self, features: NDArray[Any], rows: Rows | None = None) -> PredictedValue:
        """Return what it would answer about all rows, or about these, and how sure it is."""
        ...

    def tag_features(self, version: str) -> Self:
        """Return the same model, marked as fitted on that version of the features."""
        ...

    def save(self, folder: Path) -> None:
        """Write model.npz and model.json into the folder."""
        ...


@runtime_checkable
class Classifier(Model, Protocol):
    """A model that finds each of its classes so probable; how uncertain it is follows from that."""

    def predict_proba(self, features: NDArray[Any], rows: Rows | None = None) -> Floats:
        """Return (n, k) float32 probabilities of all rows, or of these; rows sum to one.

        In chunks, with few threads, without a copy of the features. Raises ValueError when d is not
        what it was fitted on.
        """
        ...


@runtime_checkable
class UncertaintyModel(Model, Protocol):
    """A model whose answers are no class: it says how uncertain it is of an item as a whole."""

    def uncertainty(self, features: NDArray[Any], rows: Rows | None = None) -> Floats:
        """Return (n,) float32 in [0, 1] of all rows, or of these: 0 is sure, 1 knows nothing.

        Raises ValueError as `predict_proba` does.
        """
        ...


@runtime_checkable
class LabelRanker(Protocol):
    """A model of items with several labels, each probable by itself."""

    def label_probabilities(self, features: NDArray[Any], rows: Rows | None = None) -> Floats:
        """Return (n, k) float32: how probable each label is. Rows need not sum to one."""
        ...


@runtime_checkable
class Detector(Protocol):
    """A model that also lists what it would not answer, because it is not sure enough."""

    def detect_all(self, features: NDArray[Any], rows: Rows) -> dict[str, Any]:
        """Return all detections in the rows with their scores, as the metrics of the task type read them; JSON."""
        ...


NO_CHOICES: Mapping[str, Any] = MappingProxyType({})


@runtime_checkable
class RemembersChoices(Protocol):
    """A model that says what was chosen by held-out labels when it was fitted, for the next fit to hold on to."""

    @property
    def choices(self) -> Mapping[str, Any]:
        """By the name of what chose: `fitting.tuning.TunedParameters` as JSON; empty where nothing was chosen."""
        ...


class Estimator(Protocol):
    """Fit a model to labelled rows: features (m, d), dense or sparse, labels (m,) of at least two kinds.

    Labels of rare classes weigh more. `is_random_sample` (m,) says which rows are a uniform sample of the pool: only
    those can say how sure the model may be; None: all of them. The same arguments give the same model.
    """

    def __call__(
        self, features: Matrix, labels: NDArray[Any], seed: int, is_random_sample: NDArray[np.bool_] | None = None
    ) -> Model: ...


@dataclass(frozen=True)
class RememberingEstimator:
    """An estimator that chooses by held-out labels, and holds on to it until something else is clearly better.

    `fit` takes what every estimator takes and, as `previous`, the `choices` of an earlier model.
    """

    fit: Callable[..., Model]

    def __call__(
        self, features: Matrix, labels: NDArray[Any], seed: int, is_random_sample: NDArray[np.bool_] | None = None
    ) -> Model:
        return self.fit(features, labels, seed, is_random_sample)

    def after(self, choices: Mapping[str, Any]) -> Estimator:
        """Return the estimator that holds on to these choices."""
        return partial(self.fit, previous=choices)


def choices_of(model: Model | None) -> Mapping[str, Any]:
    """Return what was chosen when the model was fitted; nothing without a model."""
    return model.choices if isinstance(model, RemembersChoices) else {}


def fit_after(
    estimator: Estimator,
    choices: Mapping[str, Any],
    features: Matrix,
    labels: NDArray[Any],
    seed: int,
    is_random_sample: NDArray[np.bool_],
) -> Model:
    """Fit, holding on to what an earlier fit chose where the estimator chooses anything."""
    remembering = estimator.after(choices) if isinstance(estimator, RememberingEstimator) else estimator
    return remembering(features, labels, seed, is_random_sample)
