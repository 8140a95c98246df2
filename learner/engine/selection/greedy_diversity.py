"""One item after the other, each for what the ones before it leave open; near-duplicates stay out of one batch."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from learner.engine.contracts.query_strategy import QueryParams, Rows
from learner.engine.selection.without_replacement import unit_rows

Floats = NDArray[np.float32]


def greedily(
    features: Floats,
    n: int,
    params: QueryParams,
    value: Callable[[], NDArray[np.floating]],
    pick: Callable[[int], None],
) -> Rows:
    """Return n places of (m, d) features: the highest `value()` of those free, then `pick(place)`; O(n m d)."""
    unit = unit_rows(features) if params.similarity <= 1 else None
    free, held = np.ones(len(features), bool), np.zeros(len(features), bool)
    chosen = np.empty(min(n, len(features)), np.intp)
    for turn in range(len(chosen)):
        if turn % params.batch_size == 0 or not (free & ~held).any():
            held[:] = False
        chosen[turn] = place = int(np.where(free & ~held, value(), -np.inf).argmax())
        free[place] = False
        if unit is not None:
            held |= unit @ unit[place] >= params.similarity
        pick(place)
    return chosen
