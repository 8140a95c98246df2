"""The fixed random orders of a project: which items are the test sample, which come next in the control arm,
which are compared from model to model.

Pure. An order is a hash of (seed, position), so it needs no storage, is the same in every
process, and an item added later does not change the index of the others relative to each other.
"""

import numpy as np
from numpy.typing import NDArray

TEST_SALT, CONTROL_SALT, STOP_SALT = 1, 2, 4
MAX_TEST_SHARE = 0.2  # of all items


def fixed_random_keys(seed: int, salt: int, positions: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return one uniform 64-bit key a position (splitmix64 of seed, salt and position; Steele et al. 2014)."""
    mask = (1 << 64) - 1
    start = np.uint64((seed * 0x9E3779B97F4A7C15 + salt * 0xD1B54A32D192ED03) & mask)
    with np.errstate(over="ignore"):
        z = start + (positions.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def first_in_fixed_order(seed: int, salt: int, positions: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Return the n positions that come first in the fixed order, in that order."""
    keys = fixed_random_keys(seed, salt, positions)
    n = min(n, len(positions))
    if n < len(positions):
        nearest = np.argpartition(keys, n)[:n]
        positions, keys = positions[nearest], keys[nearest]
    return positions[np.argsort(keys, kind="stable")]


def required_test_items(
    *, requested: int, item_count: int, frozen_count: int, frozen_item_count: int, has_answers: bool
) -> int:
    """Return how many items the test sample should have among `item_count`.

    While nobody has answered a test item: `requested`, but at most a fifth of all. After that the
    sample is frozen and only grows at the rate at which it was drawn, so that it stays
    representative when more data come in.
    """
    if has_answers and frozen_item_count:
        return frozen_count + round(frozen_count / frozen_item_count * (item_count - frozen_item_count))
    return min(requested, int(item_count * MAX_TEST_SHARE))
