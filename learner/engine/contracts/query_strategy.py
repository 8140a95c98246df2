"""What every query strategy takes and returns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Rows = NDArray[np.intp]
Committee = Callable[[Rows], NDArray[np.float32]]  # rows -> (t, len(rows), k): what each of t models finds probable

MAX_CANDIDATES = 10_000  # the most items that costly strategies look at, so that a huge pool costs no more


@dataclass(frozen=True)
class Topic:
    """A sentence about what is searched for, as rows of the same columns as the items have."""

    dense: NDArray[np.float32]  # (1, d)
    terms: csr_matrix | None = None  # (1, t), where the items have terms


@dataclass(frozen=True)
class Pool:
    """The items to choose from; a row is an item's position in `features`. Nobody writes into it."""

    features: NDArray[Any]  # (n, d), may be a memmap
    available: NDArray[np.bool_]  # (n,): the others are never chosen
    proba: NDArray[np.float32] | None = None  # (n, k), rows sum to one; None without a classifier
    uncertainty: NDArray[np.float32] | None = None  # (n,) in [0, 1], of a model that has no class probabilities
    ids: NDArray[np.uint64] | None = None  # (n,): what the noise is a hash of; None: the row itself
    labelled_rows: Rows | None = None  # rows with an answer already
    labelled_classes: Rows | None = (
        None  # of each labelled row its column of `proba`; -1: the model does not know that class
    )
    labelled_relevance: NDArray[np.bool_] | None = None  # of each labelled row, whether it has the label searched for
    terms: csr_matrix | None = None  # (n, t): the weights of each text's terms, where items are texts
    topic: Topic | None = None  # what is searched for, in a sentence
    committee: Committee | None = None  # made when it is first asked
    contents: NDArray[Any] | None = None  # (n,): what the estimator reads where that is not the features


@dataclass(frozen=True)
class QueryParams:
    """How to choose: the same parameters and pool give the same selection."""

    seed: int
    round_number: int  # of the round
    beta: float | None = None  # None: found for the effective pool
    effective_pool: float = 100.0  # in items
    batch_size: int = 20  # items of one batch: near-duplicates stay out of each other's
    similarity: float = 0.9  # cosine from which two items are near-duplicates; above 1: never
    target_class: int | None = None  # column of the class that is searched for; None: the one with the fewest labels
    mixture_shares: Mapping[str, float] = field(default_factory=dict)  # of a mixture: strategy -> share


@dataclass(frozen=True)
class Selection:
    """At most n rows, best first, none twice."""

    rows: Rows
    reason: str  # uncertain, cold, random or search
    scores: NDArray[Any] | None = None  # of each pick; what they are is `score_name`
    probabilities: NDArray[np.float64] | None = None  # of each pick, given what remained when it was drawn
    beta: float | None = None
    effective_pool: float | None = None
    score_name: str = ""  # what the scores are, and which of them come first
    reasons: tuple[str, ...] = ()  # of each pick, where they are not all `reason`


class Strategy(Protocol):
    """Choose up to n of the available rows."""

    def __call__(self, pool: Pool, n: int, params: QueryParams) -> Selection: ...
