"""Every strategy keeps the contract; the draw has exactly the probabilities it says."""

from collections import Counter
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learner.engine.query_strategies import STRATEGIES, Pool, QueryParams
from learner.engine.selection import candidates, hashed_random, without_replacement
from learner.engine.selection.draws import beta_for_effective_size, effective_size
from learner.engine.selection.without_replacement import smallest_rows, unit_rows
from learner.engine.strategy_requirements import NEEDS_NO_MODEL
from learner.engine.uncertainty.probability_scores import top_two_margins
from tests.scale import scaled

NEVER = 2.0  # a cosine no pair reaches


def make_pool(n=60, k=3, d=8, seed=0, **changes):
    rng = np.random.default_rng(seed)
    facts = {
        "features": rng.standard_normal((n, d)).astype(np.float32),
        "available": np.ones(n, bool),
        "proba": rng.dirichlet(np.ones(k), n).astype(np.float32),
    }
    facts |= changes
    if "labelled_rows" in facts and facts["proba"] is not None:
        facts.setdefault("labelled_classes", np.arange(len(facts["labelled_rows"])) % facts["proba"].shape[1])
    if facts["proba"] is not None:
        facts.setdefault("committee", lambda rows: committee_of(facts["proba"], rows))
    return Pool(**facts)


def committee_of(proba, rows, members=4):
    """Return (members, m, k): the model's probabilities, each member sharper than the one before."""
    sharper = np.stack([proba[rows] ** (member + 1) for member in range(members)])
    return sharper / sharper.sum(axis=2, keepdims=True)


def copies(pool):
    arrays = (pool.features, pool.available, pool.proba, pool.labelled_rows, pool.labelled_classes)
    return [None if array is None else array.copy() for array in arrays]


# what is behind their first batch is clustered more finely, for when the next model is late
CLUSTERED = ("spread", "typiclust", "weighted_kmeans", "boltzmann_kmeans", "cluster_margin", "screening")
FIRST_BATCH_ONLY = [STRATEGIES[name] for name in CLUSTERED]


@pytest.fixture(params=sorted(STRATEGIES))
def strategy(request):
    return STRATEGIES[request.param]


# The contract


def test_picks_are_available_rows_and_none_twice(strategy):
    available = np.ones(60, bool)
    available[::3] = False
    picks = strategy(make_pool(available=available), 25, QueryParams(1, 1))
    assert len(picks.rows) == len(set(picks.rows.tolist())) == 25
    assert available[picks.rows].all()


def test_more_than_there_are_gives_all(strategy):
    picks = strategy(make_pool(n=7), 50, QueryParams(1, 1, batch_size=3))
    assert sorted(picks.rows.tolist()) == list(range(7))


@pytest.mark.parametrize("n", [0, 1])
def test_tiny_and_empty_pools(strategy, n):
    assert len(strategy(make_pool(n=n), 5, QueryParams(1, 1)).rows) == n
    assert len(strategy(make_pool(available=np.zeros(60, bool)), 5, QueryParams(1, 1)).rows) == 0
    assert len(strategy(make_pool(), 0, QueryParams(1, 1)).rows) == 0


def test_same_terms_same_picks_and_the_input_is_unchanged(strategy):
    pool = make_pool(labelled_rows=np.array([3, 4]))
    before = copies(pool)
    first, second = strategy(pool, 20, QueryParams(5, 2)), strategy(pool, 20, QueryParams(5, 2))
    np.testing.assert_array_equal(first.rows, second.rows)
    for old, new in zip(before, copies(pool), strict=True):
        np.testing.assert_array_equal(old, new)


def test_what_is_said_of_each_pick_is_finite_and_has_a_name(strategy):
    available = np.ones(60, bool)
    available[[3, 4, 5]] = False
    picks = strategy(make_pool(available=available, labelled_rows=np.array([3, 4, 5])), 20, QueryParams(5, 2))
    for facts in (picks.scores, picks.probabilities):
        assert facts is None or (len(facts) == len(picks.rows) and np.isfinite(facts).all())
    assert (picks.scores is None) == (picks.score_name == "")
    assert picks.probabilities is None or ((picks.probabilities > 0) & (picks.probabilities <= 1)).all()
    assert set(picks.reasons or [picks.reason]) <= {"uncertain", "cold", "random", "search"}


def test_one_class_ties_and_zero_features(strategy):
    pool = make_pool(proba=np.ones((60, 1), np.float32), features=np.zeros((60, 8), np.float32))
    picks = strategy(pool, 20, QueryParams(1, 1))
    assert len(set(picks.rows.tolist())) == 20


def test_extreme_probabilities(strategy):
    proba = np.eye(3, dtype=np.float32)[np.arange(60) % 3]  # quite sure of all
    proba[::7] = [1e-38, 1e-38, 1]
    with np.errstate(all="raise", under="ignore"):
        picks = strategy(make_pool(proba=proba, labelled_rows=np.array([0, 1, 2])), 20, QueryParams(1, 1))
    assert len(set(picks.rows.tolist())) == 20
    assert picks.scores is None or np.isfinite(picks.scores).all()


def test_a_class_that_only_some_know(strategy):
    labelled = np.array([0, 1, 2, 3])
    pool = make_pool(labelled_rows=labelled, labelled_classes=np.array([-1, 0, 0, -1]))
    assert len(strategy(pool, 20, QueryParams(1, 1)).rows) == 20


def test_few_candidates_of_a_large_pool_are_enough(strategy, monkeypatch):
    monkeypatch.setattr(candidates, "MAX_CANDIDATES", 10)
    picks = strategy(make_pool(n=100), 30, QueryParams(1, 1, batch_size=5))
    assert len(set(picks.rows.tolist())) == 30


def test_another_round_draws_otherwise(strategy):
    pool = make_pool(n=500, proba=np.full((500, 2), 0.5, np.float32), features=np.zeros((500, 8), np.float32))
    first, second = strategy(pool, 10, QueryParams(1, 1)), strategy(pool, 10, QueryParams(1, 2))
    assert set(first.rows.tolist()) != set(second.rows.tolist())


def test_near_duplicates_stay_out_of_one_batch_and_come_back(strategy):
    base = np.repeat(np.eye(8, dtype=np.float32), 5, axis=0)  # eight texts, five times each
    rng = np.random.default_rng(0)
    pool = make_pool(n=40, features=base + 0.001 * rng.standard_normal(base.shape).astype(np.float32))
    picks = strategy(pool, 40, QueryParams(1, 1, beta=3.0, batch_size=8, similarity=0.95))
    for start in range(0, 8 if strategy in FIRST_BATCH_ONLY else 40, 8):
        batch = picks.rows[start : start + 8]
        assert len(set((batch // 5).tolist())) == 8
    assert sorted(picks.rows.tolist()) == list(range(40))


def test_a_batch_of_nothing_but_duplicates_is_still_filled(strategy):
    pool = make_pool(n=30, features=np.ones((30, 8), np.float32))
    assert len(strategy(pool, 30, QueryParams(1, 1)).rows) == 30


@pytest.mark.parametrize(("block", "kept"), [(1, 10**6), (100, 30), (100, 0)])
def test_how_much_is_compared_at_once_changes_nothing(monkeypatch, block, kept):
    pool, params = make_pool(n=200, d=3), QueryParams(1, 1, beta=3.0, batch_size=10, similarity=0.9)
    before = STRATEGIES["boltzmann"](pool, 60, params)
    monkeypatch.setattr(without_replacement, "MAX_COSINES", block)
    monkeypatch.setattr(without_replacement, "MAX_PAIRS", kept)
    again = STRATEGIES["boltzmann"](pool, 60, params)
    np.testing.assert_array_equal(again.rows, before.rows)
    np.testing.assert_array_equal(again.probabilities, before.probabilities)


def test_a_model_is_asked_for_only_where_it_is_needed(strategy):
    pool = make_pool(proba=None)
    if strategy in [STRATEGIES[name] for name in NEEDS_NO_MODEL]:
        assert len(strategy(pool, 5, QueryParams(1, 1)).rows) == 5
    else:
        with pytest.raises(ValueError, match="model"):
            strategy(pool, 5, QueryParams(1, 1))


def test_a_memmap_of_half_floats_does(strategy, tmp_path):
    pool = make_pool()
    array = np.memmap(tmp_path / "rows", np.float16, "w+", shape=pool.features.shape)
    array[:] = pool.features
    read_only = np.memmap(tmp_path / "rows", np.float16, "r", shape=pool.features.shape)
    assert len(strategy(make_pool(features=read_only), 10, QueryParams(1, 1)).rows) == 10


# The draw


def weights_of(pool, beta):
    energy = top_two_margins(pool.proba).astype(np.float64)
    return np.exp(-beta * (energy - energy.min()))


def by_hand(pool, rows, beta, window, similarity):
    """Return the probability of each pick in turn, from the definition."""
    w, unit = weights_of(pool, beta), unit_rows(pool.features).astype(np.float64)
    racing, held, result = pool.available.copy(), set(), []
    for turn, row in enumerate(rows):
        if turn % window == 0 or not racing.any():
            racing[list(held)] = True
            held = set()
        assert racing[row]
        result.append(w[row] / w[racing].sum())
        racing[row] = False
        near = {i for i in np.flatnonzero(unit @ unit[row] >= similarity).tolist() if racing[i]}
        racing[list(near)] = False
        held |= near
    return result


@settings(max_examples=scaled(60), deadline=None)
@given(
    n=st.integers(1, 25),
    beta=st.floats(0, 200),
    window=st.integers(1, 6),
    similarity=st.sampled_from([0.3, 0.7, NEVER]),
    seed=st.integers(0, 2**40),
)
def test_each_probability_is_the_weight_over_what_remains(n, beta, window, similarity, seed):
    pool = make_pool(n=n, d=3, seed=seed % 1000)
    picks = STRATEGIES["boltzmann"](pool, n, QueryParams(seed, 1, beta, batch_size=window, similarity=similarity))
    assert picks.probabilities is not None
    expected = by_hand(pool, picks.rows.tolist(), beta, window, similarity)
    np.testing.assert_allclose(picks.probabilities, expected, rtol=2e-3)


def test_without_duplicates_it_really_draws_with_these_probabilities():
    pool, beta, draws = make_pool(n=4), 2.0, 6000
    seen = Counter(
        tuple(STRATEGIES["boltzmann"](pool, 2, QueryParams(7, i, beta, similarity=NEVER)).rows.tolist())
        for i in range(draws)
    )
    w = weights_of(pool, beta)
    for i, j in permutations(range(4), 2):
        p = w[i] / w.sum() * w[j] / (w.sum() - w[i])
        assert abs(seen[i, j] / draws - p) < 4 * np.sqrt(p * (1 - p) / draws)


def test_with_duplicates_held_and_back_it_really_draws_with_these_probabilities():
    features = np.array([[1, 0], [1, 0.01], [0, 1], [0.7, 0.7]], np.float32)  # 0 and 1 are near-duplicates
    pool, beta, draws = make_pool(n=4, features=features), 2.0, 8000
    params = [QueryParams(3, i, beta, batch_size=2, similarity=0.9) for i in range(draws)]
    seen = Counter(tuple(STRATEGIES["boltzmann"](pool, 4, one).rows.tolist()) for one in params)
    total = 0.0
    for order in permutations(range(4)):
        try:
            p = float(np.prod(by_hand(pool, order, beta, 2, 0.9)))
        except AssertionError:  # an order that the rule forbids
            assert order not in seen
            continue
        total += p
        assert abs(seen[order] / draws - p) < 4 * np.sqrt(p * (1 - p) / draws) + 1e-9
    assert total == pytest.approx(1)


def test_the_light_items_of_a_large_pool_are_drawn_alike(monkeypatch):
    pool, params = make_pool(n=300), QueryParams(1, 1, 1.5, similarity=NEVER)
    all_heavy = STRATEGIES["boltzmann"](pool, 20, params)
    monkeypatch.setattr(without_replacement, "FOLLOWED_ITEMS", 1)  # then 4 * n of them
    few_heavy = STRATEGIES["boltzmann"](pool, 20, params)
    np.testing.assert_array_equal(all_heavy.rows, few_heavy.rows)
    np.testing.assert_allclose(all_heavy.probabilities, few_heavy.probabilities, rtol=1e-5)


def test_beta_zero_is_random_and_large_beta_is_margin():
    pool = make_pool(n=200)
    cold = STRATEGIES["boltzmann"](pool, 50, QueryParams(9, 4, 0.0))
    lots = STRATEGIES["random"](pool, 50, QueryParams(9, 4))
    np.testing.assert_array_equal(cold.rows, lots.rows)
    np.testing.assert_allclose(lots.probabilities[:3], 1 / np.array([200, 199, 198]), rtol=0.05)
    sharp = STRATEGIES["boltzmann"](pool, 50, QueryParams(9, 4, 1e9, similarity=NEVER))
    plain = STRATEGIES["margin"](pool, 50, QueryParams(9, 4, similarity=NEVER))
    np.testing.assert_array_equal(sharp.rows, plain.rows)
    np.testing.assert_array_equal(plain.rows, np.argsort(top_two_margins(pool.proba))[:50])
    assert plain.probabilities is None


def test_extreme_sharpness_keeps_probabilities_finite():
    proba = np.vstack([np.full((5, 2), 0.5), np.tile([1.0, 0.0], (45, 1))]).astype(np.float32)
    picks = STRATEGIES["boltzmann"](make_pool(n=50, proba=proba), 50, QueryParams(1, 1, 1e6, similarity=NEVER))
    np.testing.assert_allclose(
        picks.probabilities, [1 / k for k in (5, 4, 3, 2, 1)] + [1 / k for k in range(45, 0, -1)]
    )


@pytest.mark.parametrize("target", [1.5, 5.0, 30.0])
def test_beta_is_found_for_the_effective_pool(target):
    picks = STRATEGIES["boltzmann"](make_pool(n=400), 10, QueryParams(1, 1, effective_pool=target))
    assert picks.effective_pool == pytest.approx(target, rel=0.01)
    assert STRATEGIES["boltzmann"](make_pool(n=4), 4, QueryParams(1, 1, effective_pool=target)).beta >= 0


def test_effective_size_limits():
    energy = np.linspace(0, 1, 50)
    assert effective_size(energy, 0.0) == pytest.approx(50)
    assert effective_size(energy, np.inf) == 1
    assert effective_size(np.zeros(0), 1.0) == 0
    assert beta_for_effective_size(energy, 50) == 0


def test_margins_are_those_of_a_sort():
    proba = np.random.default_rng(0).dirichlet(np.ones(7), 40_000).astype(np.float32)
    ordered = np.sort(proba, axis=1)
    np.testing.assert_array_equal(top_two_margins(proba), ordered[:, -1] - ordered[:, -2])


def test_noise_does_not_depend_on_who_else_is_asked():
    ids = np.arange(1000, dtype=np.uint64)
    whole = hashed_random.log_exponential_noise(ids, hashed_random.hash_to_64_bits(1, 2))
    np.testing.assert_array_equal(
        whole[100:107], hashed_random.log_exponential_noise(ids[100:107], hashed_random.hash_to_64_bits(1, 2))
    )
    assert not np.array_equal(whole, hashed_random.log_exponential_noise(ids, hashed_random.hash_to_64_bits(2, 1)))


@pytest.mark.statistical
def test_noise_is_exponential():
    times = np.exp(
        hashed_random.log_exponential_noise(
            np.arange(scaled(200_000), dtype=np.uint64), hashed_random.hash_to_64_bits(3)
        ).astype(float)
    )
    assert times.mean() == pytest.approx(1, abs=0.01)
    assert np.quantile(times, [0.001, 0.5]) == pytest.approx([0.001, np.log(2)], rel=0.1)


def test_smallest_leaves_out_what_is_infinite():
    assert smallest_rows(np.array([3.0, np.inf, 1.0, 2.0]), 2).tolist() == [2, 3]
    assert smallest_rows(np.array([3.0, np.inf]), 5).tolist() == [0]


# The cold start


def test_the_first_batch_has_one_item_of_each_cluster_largest_first():
    sizes = [30, 20, 10, 5]
    centres = np.eye(8, dtype=np.float32)[:4]
    noise_ = 0.02 * np.random.default_rng(0).standard_normal((65, 8)).astype(np.float32)
    pool = make_pool(n=65, proba=None, features=np.repeat(centres, sizes, axis=0) + noise_)
    groups = np.repeat(np.arange(4), sizes)
    picks = STRATEGIES["spread"](pool, 4, QueryParams(1, 1, batch_size=4))
    assert groups[picks.rows].tolist() == [0, 1, 2, 3]


def test_new_picks_avoid_what_is_labelled():
    groups = np.repeat(np.arange(4), 20)
    features = np.eye(8, dtype=np.float32)[groups] + 0.02 * np.random.default_rng(1).standard_normal((80, 8)).astype(
        "f4"
    )
    available = np.ones(80, bool)
    available[[0, 20]] = False
    pool = make_pool(n=80, proba=None, features=features, available=available, labelled_rows=np.array([0, 20]))
    picks = STRATEGIES["spread"](pool, 2, QueryParams(1, 1, batch_size=2))
    assert set(groups[picks.rows].tolist()) == {2, 3}
