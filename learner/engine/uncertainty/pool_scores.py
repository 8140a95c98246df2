"""What a model says of every item of a pool: probabilities of classes, or one uncertainty."""

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from learner.engine.arrays.batched_scoring import Floats, Rows
from learner.engine.contracts.estimator import Classifier, Model, UncertaintyModel


@dataclass(frozen=True)
class PoolScores:
    """Exactly one of the two is there."""

    proba: Floats | None = None  # (n, k), rows sum to one
    uncertainty: Floats | None = None  # (n,) in [0, 1]

    def __post_init__(self) -> None:
        if (self.proba is None) == (self.uncertainty is None):
            raise ValueError("A pool has probabilities or uncertainties.")

    @property
    def array(self) -> Floats:
        """Whichever is there."""
        array = self.uncertainty if self.proba is None else self.proba
        assert array is not None
        return array


def score_pool(model: Model, features: NDArray[Any], rows: Rows | None = None) -> PoolScores:
    """Return what the model says of all rows of (n, d) features, or of these. Raises TypeError for any other model."""
    if isinstance(model, Classifier):
        return PoolScores(proba=model.predict_proba(features, rows))
    if isinstance(model, UncertaintyModel):
        return PoolScores(uncertainty=model.uncertainty(features, rows))
    raise TypeError(f"A model of kind {model.kind} has neither probabilities nor an uncertainty.")
