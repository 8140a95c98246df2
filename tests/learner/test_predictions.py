"""Two kinds of models, each honest about what it knows: class probabilities, or one uncertainty an item."""

import numpy as np
import pytest

from learner.engine.answer_profiles import CLASSIFIERS, NETWORK_ESTIMATOR_NAMES
from learner.engine.contracts.estimator import Classifier, LabelRanker, PredictedValue, UncertaintyModel
from learner.engine.estimators import ESTIMATORS, MODELS
from learner.engine.query_strategies import STRATEGIES, Pool, QueryParams
from learner.engine.strategy_requirements import NEEDS_NO_MODEL, NEEDS_PROBABILITIES
from learner.engine.task_profiles import TASK_PROFILES
from learner.engine.uncertainty.pool_scores import PoolScores, score_pool
from learner.engine.uncertainty.remaining import remaining_uncertainty
from tests.learner.golden_queues import painted, pool

TASK_OF = {name: task for task, profile in TASK_PROFILES.items() for name in profile.answers.estimators}
FITTED = sorted(set(ESTIMATORS) - {"auto", "boosting", "detector"})  # quick ones; boxes are detected without training
OWN = ("predict", "predict_with_confidence", "tag_features", "save", "load")


@pytest.fixture(params=[*FITTED, "detector"])
def fitted(request, tmp_path):
    """A model, and what it reads."""
    features, labels, contents = pool(TASK_OF[request.param], tmp_path)
    read = features if contents is None else contents
    fit = painted if request.param == "detector" else ESTIMATORS[request.param]
    return fit(read[:60], labels[:60], 1), read


@pytest.mark.parametrize("model", MODELS.values())
def test_a_model_is_of_one_kind(model):
    assert hasattr(model, "predict_proba") != hasattr(model, "uncertainty")
    assert all(hasattr(model, name) for name in OWN)


def test_scores_and_predictions_are_what_the_kind_promises(fitted):
    model, read = fitted
    rows = np.array([70, 3, 41])
    scores, predicted = score_pool(model, read), model.predict_with_confidence(read, rows)
    assert isinstance(model, Classifier) != isinstance(model, UncertaintyModel)
    if isinstance(model, Classifier):
        assert scores.uncertainty is None
        assert scores.proba.shape == (len(read), len(model.classes))
        np.testing.assert_allclose(scores.proba.sum(axis=1), 1, rtol=1e-5)
        np.testing.assert_allclose(predicted.confidence, scores.proba[rows].max(axis=1), atol=1e-6)
    else:
        assert scores.proba is None
        assert scores.uncertainty.shape == (len(read),)
        assert 0 <= scores.uncertainty.min() < scores.uncertainty.max() <= 1
        np.testing.assert_allclose(score_pool(model, read, rows).uncertainty, scores.uncertainty[rows], rtol=1e-5)
    assert scores.array.dtype == np.float32
    assert predicted.value.tolist() == model.predict(read, rows).tolist()
    assert (predicted.confidence is None) != (predicted.interval is None)
    assert predicted.score.shape == (3,)
    assert (predicted.score >= 0).all()
    assert predicted.confidence is None or (predicted.confidence <= 1).all()
    low, high = remaining_uncertainty(scores, np.arange(len(read)) >= 60)
    assert 0 <= low <= high <= 1


def test_probabilities_of_labels_that_do_not_sum_to_one_are_called_so():
    assert [name for name, model in MODELS.items() if hasattr(model, "label_probabilities")] == ["relevance"]
    assert not issubclass(MODELS["linear"], LabelRanker)


def test_scores_are_of_one_kind():
    for both in ({}, {"proba": np.ones((2, 1), np.float32), "uncertainty": np.ones(2, np.float32)}):
        with pytest.raises(ValueError, match="probabilities or uncertainties"):
            PoolScores(**both)
    with pytest.raises(TypeError, match="odd"):
        score_pool(type("Odd", (), {"kind": "odd"})(), np.zeros((1, 1)))
    with pytest.raises(ValueError, match="confidence or an interval"):
        PredictedValue(np.array(["a"])).score  # noqa: B018


def test_nothing_available_leaves_no_uncertainty():
    assert remaining_uncertainty(PoolScores(uncertainty=np.ones(3, np.float32)), np.zeros(3, bool)) is None


# Strategies


def pools(n=400):
    """Return the same pool with uncertainties, and with two columns whose margin they are."""
    rng = np.random.default_rng(5)
    shared = {
        "features": rng.standard_normal((n, 6)).astype(np.float32),
        "available": np.arange(n) >= 40,
        "labelled_rows": np.arange(40),
        "labelled_classes": rng.integers(0, 2, 40),
    }
    uncertainty = rng.random(n, np.float32) ** 2
    columns = np.stack([1 - uncertainty / 2, uncertainty / 2], axis=1)
    return Pool(**shared, uncertainty=uncertainty), Pool(**shared, proba=columns)


@pytest.mark.parametrize("name", sorted(set(STRATEGIES) - NEEDS_PROBABILITIES))
def test_an_uncertainty_ranks_as_a_margin_of_as_much(name):
    by_uncertainty, by_margin = pools()
    params = QueryParams(3, 2, effective_pool=20, batch_size=10)
    picks, same = (STRATEGIES[name](one, 30, params) for one in (by_uncertainty, by_margin))
    np.testing.assert_array_equal(picks.rows, same.rows)
    for key in ("scores", "probabilities"):
        np.testing.assert_array_equal(getattr(picks, key), getattr(same, key))
    if name not in NEEDS_NO_MODEL:
        with pytest.raises(ValueError, match="needs a model"):
            STRATEGIES[name](Pool(by_margin.features, by_margin.available), 30, params)


@pytest.mark.parametrize("name", sorted(NEEDS_PROBABILITIES))
def test_what_needs_class_probabilities_says_so(name):
    with pytest.raises(ValueError, match=r"needs a model with class probabilities|needs a committee"):
        STRATEGIES[name](pools()[0], 30, QueryParams(3, 2))


def test_it_is_not_offered_where_models_have_none():
    for task, profile in TASK_PROFILES.items():
        with_probabilities = set(profile.answers.estimators) <= set(CLASSIFIERS)
        assert with_probabilities or not NEEDS_PROBABILITIES & set(profile.answers.strategies), task
        assert set(profile.answers.estimators) <= set(ESTIMATORS) | set(NETWORK_ESTIMATOR_NAMES)
