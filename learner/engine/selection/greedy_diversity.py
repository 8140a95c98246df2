"""One item after the other, each for what the ones before it leave open; near-duplicates stay out of one batch."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from learner.engine.contracts.query_strategy import QueryParams, Rows
from learner.engine.selection.without_replacement import unit_rows

Floats = NDArray[np.float32]


def select_greedily(
    features: Floats,
    n: int,
    params: QueryParams,
    gains: Callable[[], NDArray[np.floating]],
    on_pick: Callable[[int], None],
) -> Rows:
    """Return n indices of (m, d) features: the highest `gains()` of those free, then `on_pick(picked)`; O(n m d)."""
    unit_features = unit_rows(features) if params.similarity <= 1 else None
    is_free, is_held_back = np.ones(len(features), bool), np.zeros(len(features), bool)
    chosen = np.empty(min(n, len(features)), np.intp)
    for index in range(len(chosen)):
        if index % params.batch_size == 0 or not (is_free & ~is_held_back).any():
            is_held_back[:] = False
        chosen[index] = picked = int(np.where(is_free & ~is_held_back, gains(), -np.inf).argmax())
        is_free[picked] = False
        if unit_features is not None:
            is_held_back |= unit_features @ unit_features[picked] >= params.similarity
        on_pick(picked)
    return chosen
