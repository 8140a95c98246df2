"""What every strategy is given and what it returns."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Pool:
    """The items to choose from; a row is an item's place in `features`. Nobody writes into it."""

    features: NDArray[Any]  # (n, d), may be a memmap
    available: NDArray[np.bool_]  # (n,): the others are never chosen
    proba: NDArray[np.float32] | None = None  # (n, k), rows sum to one; None while there is no model
    ids: NDArray[np.uint64] | None = None  # (n,): what the noise is a hash of; None: the row itself
    labelled: Rows | None = None  # rows with an answer already


@dataclass(frozen=True)
class Terms:
    """How to choose: same terms, same pool, same choice."""

    seed: int
    number: int  # of the round
    beta: float | None = None  # None: found for the effective pool
    effective_pool: float = 100.0  # in items
    window: int = 20  # items of one batch: near-duplicates stay out of each other's
    similarity: float = 0.9  # cosine from which two items are near-duplicates; above 1: never


@dataclass(frozen=True)
class Picks:
    """At most n rows, best first, none twice."""

    rows: Rows
    reason: str  # uncertain, cold or random
    scores: NDArray[Any] | None = None  # margins
    probabilities: NDArray[np.float64] | None = None  # of each pick, given what remained when it was drawn
    beta: float | None = None
    effective_pool: float | None = None


class Strategy(Protocol):
    """Choose up to n of the available rows."""

    def __call__(self, pool: Pool, n: int, terms: Terms) -> Picks: ...
