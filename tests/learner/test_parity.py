"""The same probabilities and features give the same picks as elsewhere.

By scikit-activeml (Kottke et al., 2021) and small-text (Schröder et al., EACL 2023), each where it has the strategy.
"""

import numpy as np
import pytest
from skactiveml.classifier import SklearnClassifier
from skactiveml.pool import CoreSet, QueryByCommittee, UncertaintySampling
from sklearn.linear_model import LogisticRegression
from small_text import BreakingTies, LeastConfidence, PredictionEntropy
from small_text.query_strategies.coresets import greedy_coreset

from learner.engine.query_strategies import STRATEGIES, Pool, QueryParams

N, LABELLED, PICKED = 400, 40, 30
NAMES = {"least_confidence": "least_confident", "margin": "margin_sampling", "entropy": "entropy"}
COMMITTEES = {"bald": "KL_divergence", "vote_entropy": "vote_entropy"}
TERMS = QueryParams(1, 1, similarity=2.0)  # near-duplicates may stay together, as they may there


@pytest.fixture(scope="module")
def data():
    """Features, and labels of which the first are known: four overlapping classes."""
    rng = np.random.default_rng(3)
    truth = rng.integers(4, size=N)
    features = (1.5 * np.eye(6)[truth] + rng.standard_normal((N, 6))).astype(np.float32)
    known = truth.astype(float)
    known[LABELLED:] = np.nan
    return features, known


def classifier(features, known, rows):
    labels = np.full(len(known), np.nan)
    labels[rows] = known[rows]
    return SklearnClassifier(LogisticRegression(), classes=range(4)).fit(features, labels)


def our_pool(features, proba=None, committee=None):
    available = np.ones(N, bool)
    available[:LABELLED] = False
    return Pool(features, available, proba, labelled_rows=np.arange(LABELLED), committee=committee)


@pytest.mark.parametrize("name", NAMES)
def test_uncertainty(data, name):
    features, known = data
    model = classifier(features, known, np.arange(LABELLED))
    theirs = UncertaintySampling(method=NAMES[name], random_state=0).query(
        features, known, model, fit_clf=False, batch_size=PICKED
    )
    pool = our_pool(features, model.predict_proba(features).astype(np.float32))
    assert STRATEGIES[name](pool, PICKED, TERMS).rows.tolist() == theirs.tolist()


@pytest.mark.parametrize("name", COMMITTEES)
def test_committees(data, name):
    features, known = data
    rng = np.random.default_rng(0)
    ensemble = [classifier(features, known, rng.choice(LABELLED, LABELLED // 2)) for _ in range(9)]
    query = QueryByCommittee(method=COMMITTEES[name], random_state=0)
    chosen, utilities = query.query(
        features, known, ensemble, fit_ensemble=False, batch_size=PICKED, return_utilities=True
    )
    probabilities = np.stack([member.predict_proba(features) for member in ensemble]).astype(np.float32)
    pool = our_pool(features, probabilities.mean(axis=0), lambda rows: probabilities[:, rows])
    picks = STRATEGIES[name](pool, PICKED, TERMS)
    np.testing.assert_allclose(picks.scores, utilities[0][chosen], atol=1e-5)  # equal votes: the same scores at least
    sure = utilities[0][chosen] > picks.scores.min() + 1e-5
    assert set(chosen[sure].tolist()) <= set(picks.rows.tolist())
    assert sure.sum() >= 5


def test_core_set(data):
    features, known = data
    theirs = CoreSet(random_state=0).query(features, known, batch_size=PICKED)
    assert STRATEGIES["core_set"](our_pool(features), PICKED, TERMS).rows.tolist() == theirs.tolist()


class Told:
    """A classifier as small-text wants one, of probabilities that are known."""

    def __init__(self, proba):
        self.proba = proba

    def predict_proba(self, rows):
        return self.proba[rows]


@pytest.mark.parametrize(
    ("name", "theirs"),
    [("margin", BreakingTies), ("least_confidence", LeastConfidence), ("entropy", PredictionEntropy)],
)
def test_uncertainty_of_small_text(data, name, theirs):
    features, known = data
    proba = classifier(features, known, np.arange(LABELLED)).predict_proba(features).astype(np.float32)
    everything, unlabelled = np.arange(N), np.arange(LABELLED, N)
    picked = theirs().query(Told(proba), everything, unlabelled, everything[:LABELLED], known[:LABELLED], n=PICKED)
    ours = STRATEGIES[name](our_pool(features, proba), PICKED, TERMS).rows
    assert set(ours.tolist()) == set(picked.tolist())  # in no order there


def test_core_set_of_small_text(data):
    features, _ = data
    last_labelled = np.roll(features, -LABELLED, axis=0)  # its picks are counted among what has no label
    unlabelled, labelled = np.arange(N - LABELLED), np.arange(N - LABELLED, N)
    theirs = greedy_coreset(last_labelled, unlabelled, labelled, PICKED, distance_metric="euclidean")
    ours = STRATEGIES["core_set"](our_pool(features), PICKED, TERMS).rows
    assert ours.tolist() == (theirs + LABELLED).tolist()
