"""Sparse features go everywhere that dense ones go."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix, random_array

from learner.engine.answer_profiles import CLASSIFIERS
from learner.engine.arrays.sparse import SKETCH_COLUMNS, dense_view, first_rows, stack_rows
from learner.engine.contracts.iteration import IterationInput, IterationSettings
from learner.engine.estimators import ESTIMATORS
from learner.engine.features import FEATURE_SETS
from learner.engine.loop.iteration import run_iteration
from learner.engine.query_strategies import STRATEGIES
from learner.engine.selection.without_replacement import unit_rows
from learner.engine.simulation.simulated_labelling import LabelledData, simulate_labelling


def some(n=40, d=3000, seed=0):
    return csr_matrix(random_array((n, d), density=0.05, rng=np.random.default_rng(seed), dtype=np.float32))


def test_the_first_rows_share_the_numbers_of_all():
    rows = some()
    first = first_rows(rows, 30)
    np.testing.assert_array_equal(first.toarray(), rows.toarray()[:30])
    assert np.shares_memory(first.data, rows.data)
    assert np.shares_memory(first.indices, rows.indices)
    assert first_rows(rows, 41) is rows
    assert first_rows(rows.toarray(), 7).shape == (7, 3000)
    assert first_rows(rows, 0).shape == (0, 3000)


def test_parts_are_stacked_as_they_are():
    rows = some()
    assert isinstance(stack_rows([rows, rows]), csr_matrix)
    np.testing.assert_array_equal(stack_rows([rows, rows]).toarray(), stack_rows([rows.toarray(), rows.toarray()]))


def test_rows_are_compared_by_a_sketch_that_keeps_who_is_near_whom():
    rows = some()
    near = rows.copy()
    near.data[::20] = 0
    seen = dense_view(stack_rows([rows, near]))
    assert (len(seen), seen.shape) == (80, (80, SKETCH_COLUMNS))
    exact, sketched = unit_rows(stack_rows([rows, near]).toarray()), unit_rows(seen[np.arange(80)])
    difference = exact @ exact.T - sketched @ sketched.T
    assert np.abs(difference).max() < 0.25
    assert difference.std() < 0.06
    assert (sketched[:40] * sketched[40:]).sum(axis=1).min() > 0.9
    np.testing.assert_array_equal(seen[3], seen[np.arange(80)][3])
    np.testing.assert_array_equal(seen[:5], seen[np.arange(80) < 5])
    dense = rows.toarray()
    assert dense_view(dense) is dense


TREES = ("forest", "boosting")


@pytest.mark.parametrize("name", sorted(CLASSIFIERS))
def test_a_model_of_sparse_rows_is_that_of_dense_ones(name):
    rows, labels = some(), np.array(["a", "b"] * 20)
    same = dense_view(rows)[:] if name in TREES else rows.toarray()  # trees cannot do without dense rows
    sparse, dense = ESTIMATORS[name](rows, labels, 1), ESTIMATORS[name](same, labels, 1)
    said = sparse.predict_proba(rows)
    assert said.dtype == np.float32
    np.testing.assert_allclose(said, dense.predict_proba(same), atol=0.02)
    np.testing.assert_array_equal(sparse.predict_proba(rows, np.array([5, 2])), said[[5, 2]])


@pytest.mark.parametrize("strategy", sorted(STRATEGIES))
@pytest.mark.parametrize("labelled", [0, 8])
def test_a_turn_runs_on_sparse_features(strategy, labelled):
    features, none = some(), np.empty(0, np.intp)
    rows = np.arange(labelled)
    available = np.ones(40, bool)
    available[:labelled] = False
    labels = np.array(["a", "b"] * 4, object)[:labelled]
    given = IterationInput(features, rows, labels, none, np.empty(0, object), available, none, none, none, 1, 1)
    result = run_iteration(given, IterationSettings(strategy=strategy, random_share=0, test_share=0, depth=20))
    assert set(range(8, 40)) >= {choice.row for choice in result.choices} or not labelled
    assert len(result.choices) == 20 or strategy == "random"


def test_a_replay_learns_from_sparse_features():
    texts = [f"{word} {n % 7} {n % 11}" for n in range(150) for word in ("good meal", "slow rider")]
    rows = FEATURE_SETS["tfidf"].fit(texts, 0).transform(texts)
    assert isinstance(rows, csr_matrix)
    replay = simulate_labelling(LabelledData(rows, np.array(["good", "bad"] * 150)), IterationSettings(), 1, 40)
    assert replay.curve[-1].figures["accuracy"] > 0.95
