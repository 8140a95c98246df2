"""The fixed random orders: uniform, stable, independent of each other."""

import numpy as np
import pytest

from learner.engine.loop.fixed_orders import CONTROL_SALT, TEST_SALT, first_in_fixed_order, fixed_random_keys
from learner.engine.loop.fixed_orders import required_test_items as sample_size

POSITIONS = np.arange(20_000)


def test_keys_are_uniform():
    shares = fixed_random_keys(7, TEST_SALT, POSITIONS) / 2**64
    counts, _ = np.histogram(shares, bins=20, range=(0, 1))
    assert abs(counts - 1000).max() < 150  # five standard deviations


def test_orders_of_different_salts_and_seeds_have_nothing_in_common():
    keys = [
        fixed_random_keys(seed, salt, POSITIONS).astype(float) for seed in (7, 8) for salt in (TEST_SALT, CONTROL_SALT)
    ]
    assert np.abs(np.corrcoef(keys) - np.eye(4)).max() < 0.05


def test_an_item_added_later_does_not_change_the_order_of_the_others():
    few = first_in_fixed_order(3, CONTROL_SALT, np.arange(100), 100)
    many = first_in_fixed_order(3, CONTROL_SALT, np.arange(200), 200)
    assert [p for p in many if p < 100] == few.tolist()


def test_the_first_n_are_the_first_of_all():
    everything = first_in_fixed_order(3, TEST_SALT, POSITIONS, len(POSITIONS))
    assert first_in_fixed_order(3, TEST_SALT, POSITIONS, 50).tolist() == everything[:50].tolist()
    assert sorted(everything) == POSITIONS.tolist()


@pytest.mark.parametrize("n", [0, 1, 5])
def test_empty_and_short_pools(n):
    assert len(first_in_fixed_order(1, TEST_SALT, np.arange(n), 10)) == n


def test_the_test_sample_is_at_most_a_fifth():
    assert sample_size(requested=300, item_count=100, frozen_count=0, frozen_item_count=0, has_answers=False) == 20
    assert sample_size(requested=300, item_count=10_000, frozen_count=0, frozen_item_count=0, has_answers=False) == 300


def test_a_frozen_sample_grows_at_the_rate_at_which_it_was_drawn():
    assert (
        sample_size(requested=300, item_count=3000, frozen_count=200, frozen_item_count=1000, has_answers=True) == 600
    )
    assert (
        sample_size(requested=300, item_count=3000, frozen_count=200, frozen_item_count=1000, has_answers=False) == 300
    )
