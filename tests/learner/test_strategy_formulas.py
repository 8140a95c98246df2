"""What each strategy is named for, checked against its definition on small pools."""

import importlib

import numpy as np
import pytest

from learner.engine.estimators.linear.bootstrap import fit_committee
from learner.engine.query_strategies import STRATEGIES, Pool, QueryParams
from learner.engine.query_strategies.badge import GradientEmbeddings
from learner.engine.query_strategies.expected_change import expected_errors
from learner.engine.query_strategies.query_by_committee import mutual_information, vote_entropies
from learner.engine.selection import batches
from learner.engine.selection.candidates import order_by_uncertainty
from learner.engine.selection.draws import rank_values
from learner.engine.uncertainty import multilabel
from learner.engine.uncertainty.probability_scores import entropies, top_probabilities, top_two_margins

# the package has a function of this name
WEIGHTED_KMEANS = importlib.import_module("learner.engine.query_strategies.weighted_kmeans")

APART = QueryParams(1, 1, batch_size=10, similarity=2.0)  # near-duplicates may stay together


def make_pool(n=80, k=3, d=5, seed=0, **changes):
    rng = np.random.default_rng(seed)
    facts = {
        "features": rng.standard_normal((n, d)).astype(np.float32),
        "available": np.ones(n, bool),
        "proba": rng.dirichlet(np.ones(k), n).astype(np.float32),
    }
    return Pool(**facts | changes)


def groups(sizes, d=8, spread=0.02):
    """Return features of tight groups of these sizes, and the group of each row."""
    group = np.repeat(np.arange(len(sizes)), sizes)
    noise = np.random.default_rng(0).standard_normal((len(group), d))
    return (np.eye(d)[group] + spread * noise).astype(np.float32), group


def test_measures_are_those_of_their_definitions_over_many_chunks():
    proba = np.random.default_rng(0).dirichlet(np.ones(7), 140_000).astype(np.float32)
    ordered = np.sort(proba, axis=1)
    np.testing.assert_array_equal(top_two_margins(proba), ordered[:, -1] - ordered[:, -2])
    np.testing.assert_array_equal(top_probabilities(proba), ordered[:, -1])
    wide = np.maximum(proba.astype(np.float64), 1e-30)
    np.testing.assert_allclose(entropies(proba), -(wide * np.log(wide)).sum(axis=1), atol=1e-5)


def test_certainty_has_no_entropy_and_ignorance_all_of_it():
    np.testing.assert_allclose(entropies(np.array([[1, 0], [0.5, 0.5]], np.float32)), [0, np.log(2)], rtol=1e-6)


def test_equal_values_have_equal_ranks():
    assert rank_values(np.array([0.3, 0.1, 0.3, 0.2, np.inf], np.float32)).tolist() == [2, 0, 2, 1, 4]


def test_the_ranks_and_powers_are_drawn_with_the_probabilities_they_say():
    pool = make_pool(n=6)
    energy = top_two_margins(pool.proba)
    first = STRATEGIES["softrank"](pool, 1, QueryParams(1, 1, beta=2.0, similarity=2.0))
    weight = 1 / (1 + energy.argsort().argsort()) ** 2.0
    assert first.probabilities[0] == pytest.approx(weight[first.rows[0]] / weight.sum(), rel=1e-4)
    first = STRATEGIES["power"](pool, 1, QueryParams(1, 1, beta=3.0, similarity=2.0))
    weight = (1 - energy) ** 3.0
    assert first.probabilities[0] == pytest.approx(weight[first.rows[0]] / weight.sum(), rel=1e-4)


def test_information_is_the_divergence_from_the_consensus():
    votes = np.random.default_rng(1).dirichlet(np.ones(4), (5, 30)).astype(np.float32)
    mean = votes.mean(axis=0)
    divergence = (votes * np.log(votes / mean)).sum(axis=2).mean(axis=0)
    np.testing.assert_allclose(mutual_information(votes), divergence, atol=1e-5)
    assert mutual_information(np.repeat(mean[None], 3, axis=0)).max() < 1e-6


def test_a_divided_vote_has_the_most_entropy():
    votes = np.eye(2, dtype=np.float32)[np.array([[0, 0], [0, 1], [0, 0], [0, 1]])]
    np.testing.assert_allclose(vote_entropies(votes), [0, np.log(2)], rtol=1e-6)


def test_a_committee_knows_all_classes_and_repeats():
    features, group = groups([20, 3])
    labels = np.array(["a", "b"])[group]
    one, two = fit_committee(features, labels, 5), fit_committee(features, labels, 5)
    assert {member.classes for member in one} == {("a", "b")}
    for first, second in zip(one, two, strict=True):
        np.testing.assert_array_equal(first.weights, second.weights)
    assert not np.array_equal(one[0].weights, one[1].weights)


def test_the_expected_gradient_is_the_one_written_out():
    pool = make_pool(n=20)
    picks = STRATEGIES["model_change"](pool, 20, APART)
    for row, score in zip(picks.rows, picks.scores, strict=True):
        p, h = pool.proba[row], np.append(pool.features[row], 1)
        lengths = [np.linalg.norm(np.outer(p - np.eye(3)[y], h)) for y in range(3)]
        assert score == pytest.approx(float(p @ lengths), rel=1e-4)
    assert (np.diff(picks.scores) <= 0).all()


def test_the_expected_error_is_the_one_written_out():
    pool = make_pool(n=12)
    judges = np.arange(5)
    for row, found in zip([3, 7], expected_errors(pool, np.array([3, 7]), judges), strict=True):
        p, h, expected = pool.proba[row], np.append(pool.features[row], 1), 0.0
        for y in range(3):
            step = np.outer(np.eye(3)[y] - p, h)  # of the weights, down the gradient of the log loss
            after = [np.log(pool.proba[u]) + step @ np.append(pool.features[u], 1) for u in judges]
            best = [np.exp(s - np.logaddexp.reduce(s)).max() for s in after]
            expected += p[y] * (1 - np.mean(best))
        assert found == pytest.approx(expected, rel=1e-3)


def test_gradient_distances_are_those_of_the_outer_products():
    pool = make_pool(n=15)
    gradients = GradientEmbeddings(pool.features, pool.proba)
    residual = pool.proba - np.eye(3)[pool.proba.argmax(axis=1)]
    whole = np.stack([np.outer(a, np.append(h, 1)).ravel() for a, h in zip(residual, pool.features, strict=True)])
    np.testing.assert_allclose(gradients.squared_lengths, (whole**2).sum(axis=1), rtol=1e-4)
    expected = ((whole - whole[4]) ** 2).sum(axis=1)
    np.testing.assert_allclose(gradients.squared_distances_to(4), expected, atol=1e-3)


def test_badge_passes_over_what_the_model_is_sure_of():
    proba = np.tile(np.float32([1, 0, 0]), (80, 1))
    proba[:20] = [0.4, 0.3, 0.3]
    picks = STRATEGIES["badge"](make_pool(proba=proba), 15, APART)
    assert (picks.rows >= 20).sum() <= 1  # one gradient of nothing is as far from the others as they are long


def test_density_prefers_the_crowd_to_the_outlier():
    features, group = groups([40, 5])
    pool = make_pool(n=45, features=features, proba=np.full((45, 2), 0.5, np.float32))
    assert (group[STRATEGIES["density_weighted"](pool, 30, APART).rows] == 0).all()


@pytest.mark.parametrize("name", ["weighted_kmeans", "boltzmann_kmeans", "cluster_margin"])
def test_a_batch_of_the_uncertain_has_all_their_kinds(name):
    features, group = groups([30, 20, 10, 5])
    sure = np.tile(np.float32([0.99, 0.01]), (35, 1))
    pool = make_pool(
        n=100,
        features=np.vstack([features, np.random.default_rng(0).standard_normal((35, 8)).astype(np.float32)]),
        proba=np.vstack([np.tile(np.float32([0.52, 0.48]), (65, 1)), sure]),
    )
    picks = STRATEGIES[name](pool, 4, QueryParams(1, 1, beta=50.0, batch_size=4, similarity=2.0))
    if name == "boltzmann_kmeans":
        assert len(set(picks.rows.tolist())) == 4
        assert picks.rows.max() < 65
    else:
        assert sorted(group[picks.rows]) == [0, 1, 2, 3]


@pytest.mark.parametrize("name", ["weighted_kmeans", "boltzmann_kmeans"])
@pytest.mark.parametrize(("n", "window"), [(200, 20), (60, 1), (300, 90), (700, 500), (900, 20)])
def test_what_is_not_clustered_changes_nothing_in_the_batches_before_it(monkeypatch, name, n, window):
    pool, params = make_pool(n=1000), QueryParams(3, 2, effective_pool=2.0 * window, batch_size=window, similarity=0.95)
    found = STRATEGIES[name](pool, n, params)
    module = importlib.import_module(
        "learner.engine.query_strategies.weighted_kmeans"
    )  # the package has a function so called
    monkeypatch.setattr(module, "CLUSTERED_BATCHES", batches.MAX_LATER_BATCHES)
    every = STRATEGIES[name](pool, n, params)
    same = min(n, window if window > batches.MAX_CLUSTERED_ITEMS else 3 * window)
    np.testing.assert_array_equal(found.rows[:same], every.rows[:same])
    np.testing.assert_array_equal(found.scores, top_two_margins(pool.proba)[found.rows])
    assert found.probabilities is None


def test_behind_three_batches_the_others_come_as_drawn(monkeypatch):
    clustered = []
    k_means = WEIGHTED_KMEANS.k_means
    monkeypatch.setattr(WEIGHTED_KMEANS, "k_means", lambda *given: clustered.append(given[1]) or k_means(*given))
    pool, params = make_pool(n=1000), QueryParams(3, 2, beta=5.0, batch_size=20)
    rows = STRATEGIES["boltzmann_kmeans"](pool, 200, params).rows
    assert clustered == [20, 23, 23]
    drawn = order_by_uncertainty(pool, 200, params, 5.0)
    assert rows[66:].tolist() == drawn[~np.isin(drawn, rows[:66])][:134].tolist()


def test_typiclust_takes_the_middle_of_each_crowd():
    features, group = groups([30, 20], spread=0.1)
    features[0] += 3  # an outlier of the first group
    picks = STRATEGIES["typiclust"](make_pool(n=50, features=features, proba=None), 2, QueryParams(1, 1, batch_size=2))
    assert 0 not in picks.rows
    assert sorted(group[picks.rows]) == [0, 1]


def test_balls_cover_the_largest_group_first_and_none_twice():
    features, group = groups([30, 20, 10], spread=0.01)
    pool = make_pool(n=60, features=features, k=3)
    picks = STRATEGIES["prob_cover"](pool, 3, QueryParams(1, 1, batch_size=3, similarity=2.0))
    assert len(set(group[picks.rows].tolist())) == 3
    assert picks.scores[0] > picks.scores[-1]
    again = make_pool(n=60, features=features, labelled_rows=picks.rows[:1])
    covered = group[picks.rows[0]]
    assert group[STRATEGIES["prob_cover"](again, 1, QueryParams(1, 1)).rows[0]] != covered


def test_core_set_goes_where_nothing_is_labelled():
    features, group = groups([20, 20, 20])
    available = np.ones(60, bool)
    available[:5] = False
    pool = make_pool(n=60, features=features, available=available, labelled_rows=np.arange(5))
    assert set(group[STRATEGIES["core_set"](pool, 2, APART).rows].tolist()) == {1, 2}


def test_discriminative_goes_where_nothing_is_labelled():
    features, group = groups([40, 40])
    available = np.ones(80, bool)
    available[:20] = False
    pool = make_pool(features=features, available=available, labelled_rows=np.arange(20), proba=None)
    assert (group[STRATEGIES["discriminative"](pool, 10, APART).rows] == 1).all()


def test_contrastive_finds_who_is_judged_unlike_their_neighbours():
    features, group = groups([40, 40])
    proba = np.float32([[0.9, 0.1], [0.1, 0.9]])[group]
    odd = [10, 20, 50]
    proba[odd] = proba[odd, ::-1]
    available = np.ones(80, bool)
    labelled = np.array([0, 1, 2, 40, 41, 42])
    available[labelled] = False
    own = [0, 40]  # one labelled neighbour each is enough to see it
    pool = make_pool(features=features, proba=proba, available=available, labelled_rows=np.repeat(own, 12))
    picks = STRATEGIES["contrastive"](pool, 3, APART)
    assert sorted(picks.rows.tolist()) == odd
    assert picks.scores[0] == pytest.approx(0.8 * np.log(9), rel=1e-3)  # KL((.9, .1) || (.1, .9))


def test_classes_take_turns():
    said = np.repeat([0, 1, 2], [60, 15, 5])
    proba = np.full((80, 3), 0.2, np.float32)
    proba[np.arange(80), said] = 0.6 + 0.001 * np.arange(80)
    picks = STRATEGIES["class_balanced"](make_pool(proba=proba / proba.sum(axis=1, keepdims=True)), 15, APART)
    assert np.bincount(said[picks.rows]).tolist() == [5, 5, 5]
    assert set(said[picks.rows[:3]].tolist()) == {0, 1, 2}


def test_anchors_bring_a_rare_class_into_the_part_that_competes(monkeypatch):
    monkeypatch.setattr("learner.engine.query_strategies.rare_classes.MAX_CANDIDATES", 20)
    features, group = groups([70, 10])
    proba = np.tile(np.float32([0.5, 0.5]), (80, 1))
    proba[70:] = [0.4, 0.6]  # surer of the rare ones: plain margin would see none of them first
    available = np.ones(80, bool)
    available[[0, 70]] = False
    pool = make_pool(
        features=features,
        proba=proba,
        available=available,
        labelled_rows=np.array([0, 70]),
        labelled_classes=np.array([0, 1]),
    )
    assert (group[STRATEGIES["margin"](pool, 18, APART).rows] == 1).sum() == 0
    assert (group[STRATEGIES["rare_class"](pool, 18, APART).rows] == 1).sum() >= 5


def test_relevance_takes_the_surest_of_its_class_first():
    pool = make_pool()
    picks = STRATEGIES["relevance"](pool, 10, QueryParams(1, 1, target_class=2, similarity=2.0))
    np.testing.assert_array_equal(picks.rows, np.argsort(-pool.proba[:, 2])[:10])
    assert picks.reason == "search"


def test_a_mixture_has_its_shares_in_every_stretch():
    params = QueryParams(1, 1, similarity=2.0, mixture_shares={"margin": 0.5, "core_set": 0.25, "spread": 0.25})
    picks = STRATEGIES["mixture"](make_pool(n=400), 40, params)
    for start in range(0, 40, 8):
        assert picks.reasons[start : start + 8].count("uncertain") == pytest.approx(4, abs=1)
    assert picks.rows[0] == STRATEGIES["margin"](make_pool(n=400), 1, params).rows[0]


def test_several_labels_are_several_questions():
    proba = np.float32([[0.5, 1.0, 1.0], [0.7, 0.7, 0.7], [1.0, 0.0, 1.0]])
    np.testing.assert_allclose(multilabel.mean_margins(proba), [2 / 3, 0.4, 1], rtol=1e-5)
    np.testing.assert_allclose(multilabel.least_margins(proba), [0, 0.4, 1], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(multilabel.label_set_probabilities(proba), [0.5, 0.343, 1], rtol=1e-5)
    two = np.array([[0.2, 0.4], [0.2, 0.4]], np.float32)
    sets = multilabel.nonempty_set_probabilities(two, np.array([[False, True], [True, True]]))
    np.testing.assert_allclose(sets, [0.32 / 0.52, 0.08 / 0.52], rtol=1e-5)
    assert multilabel.mean_entropies(proba).argmin() == 1
    assert multilabel.largest_entropies(proba).argmin() == 0
    np.testing.assert_allclose(multilabel.mean_entropies(proba)[2], 0, atol=1e-6)
