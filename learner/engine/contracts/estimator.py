"""What every estimator provides, and what every model that one returns can do."""

from pathlib import Path
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from learner.engine.arrays.batched_scoring import Floats, Likely, Rows
from learner.engine.arrays.sparse import Matrix


class Model(Protocol):
    """Features to class probabilities. Nothing but numbers and text, so it travels as .npz and JSON.

    A model whose answers are no class (several labels, spans) gives two columns instead, (1 - u / 2, u / 2) where u, 0
    to 1, is how unsure it is of the item: their margin is 1 - u, so strategies choose among them as among classes.
    Where the learner reads contents, `features` is an array of these.
    """

    kind: ClassVar[str]  # a key of MODELS: who can load it

    @property
    def classes(self) -> tuple[str, ...]:
        """The k classes it tells apart, sorted."""
        ...

    @property
    def features(self) -> str:
        """Version of the features it was fitted on."""
        ...

    def predict_proba(self, features: NDArray[Any], rows: Rows | None = None) -> Floats:
        """Return (n, k) float32 probabilities of all rows of (n, d) features, or of the given ones.

        In chunks, with few threads, without a copy of the features. Raises ValueError when d is not
        what it was fitted on.
        """
        ...

    def predict(self, features: NDArray[Any], rows: Rows | None = None) -> NDArray[np.str_]:
        """Return what it would answer about all rows, or the given ones: the most probable class."""
        ...

    def said(self, features: NDArray[Any], rows: Rows, proba: Floats) -> tuple[NDArray[Any], Floats]:
        """Return what it would answer about the rows, (m,), and how sure it is of each, (m,).

        That is how probable it finds the answer or, where that is any number of a scale, half of the width of the
        interval that holds 90 % of the answers. `proba` (m, k) is what `predict_proba` said about them.
        """
        ...

    def likeliest(self, features: NDArray[Any], rows: Rows, proba: Floats, most: int) -> list[Likely]:
        """Return the `most` likeliest labels of each row with how probable they are, likeliest first.

        Empty where an answer is no label, or labels, of the whole item. `proba` as above.
        """
        ...

    def with_features(self, version: str) -> Self:
        """Return the same model, said to be fitted on that version of the features."""
        ...

    def save(self, folder: Path) -> None:
        """Write model.npz and model.json into the folder."""
        ...


@runtime_checkable
class Finder(Protocol):
    """A model that also tells what it found and would not say, because it is not sure enough."""

    def finds(self, features: NDArray[Any], rows: Rows) -> dict[str, Any]:
        """Return all that it finds in the rows and how sure it is, as the judge of the task type reads it; JSON."""
        ...


class Estimator(Protocol):
    """Fit a model to labelled rows: features (m, d), dense or sparse, labels (m,) of at least two kinds.

    Labels of rare classes weigh more. `fair` (m,) says which rows are a uniform
    sample of the pool: only those can say how sure the model may be; None: all of them. The same
    arguments give the same model.
    """

    def __call__(
        self, features: Matrix, labels: NDArray[Any], seed: int, fair: NDArray[np.bool_] | None = None
    ) -> Model: ...
