"""Several labels an item, each learnt by itself, and the loop on them."""

import json

import numpy as np
import pytest

from annotation.tasktypes import TASK_TYPES
from learner.engine.contracts.iteration import IterationSettings
from learner.engine.estimators import ESTIMATORS, load
from learner.engine.simulation.replay import Known, simulate
from learner.engine.task_profiles import TASK_PROFILES

LEARNER = TASK_PROFILES["text_multilabel"]


def blobs(n=200, seed=0, spread=0.15):
    """Each of three labels has a direction of its own."""
    rng = np.random.default_rng(seed)
    given = rng.random((n, 3)) < [0.5, 0.4, 0.2]
    features = given @ np.eye(3, 6) + spread * rng.standard_normal((n, 6))
    return features.astype(np.float32), given, targets(given)


def targets(given):
    return np.array([json.dumps([name for name, has in zip("abc", row, strict=True) if has]) for row in given])


@pytest.fixture(params=LEARNER.estimators)
def fit(request):
    return ESTIMATORS[request.param]


def test_it_learns_each_label(fit):
    features, _, labels = blobs()
    others, truth, _ = blobs(500, 1)
    model = fit(features, labels, 1)
    assert model.classes == ("a", "b", "c")
    said = np.array([[name in json.loads(target) for name in "abc"] for target in model.predict(others)])
    assert ((said == truth).mean(axis=0) > 0.95).all()


def test_two_columns_say_how_sure_it_is(fit):
    features, _, labels = blobs()
    model = fit(features, labels, 1)
    certain, doubtful = np.eye(3, 6, dtype=np.float32)[:1] * 2, np.full((1, 6), 0.5, np.float32)
    proba = model.predict_proba(np.vstack([certain, doubtful]))
    assert proba.dtype == np.float32
    np.testing.assert_allclose(proba.sum(axis=1), 1, rtol=1e-6)
    margin = proba[:, 0] - proba[:, 1]
    assert 0 <= margin[1] < margin[0] <= 1
    rows = np.arange(len(features))
    said, scores = model.said(features, rows, model.predict_proba(features))
    assert (said == model.predict(features)).all()
    assert ((scores >= 0) & (scores <= 1)).all()
    marginals = model.marginals(features, rows)
    likely = model.likeliest(features, rows, proba, 2)
    assert [name for (name, _), _ in likely] == [model.classes[place] for place in marginals.argmax(axis=1)]
    assert [second for _, (_, second) in likely] == pytest.approx(np.sort(marginals, axis=1)[:, -2].tolist())


def test_the_most_doubtful_label_or_all_of_them():
    features, _, labels = blobs()
    mean, least = (ESTIMATORS[name](features, labels, 1).predict_proba(features)[:, 1] for name in LEARNER.estimators)
    assert (least >= mean - 1e-6).all()
    assert (least > mean + 0.01).any()


def test_it_comes_back_from_disk(fit, tmp_path):
    features, _, labels = blobs()
    model = fit(features, labels, 1).with_features("v1")
    model.save(tmp_path / "m")
    again = load(tmp_path / "m")
    assert (again.features, again.classes) == ("v1", model.classes)
    np.testing.assert_array_equal(again.predict_proba(features), model.predict_proba(features))
    with pytest.raises(ValueError, match="6 features"):
        again.predict_proba(features[:, :5])


def test_a_label_that_all_have_and_one_that_one_has(fit):
    features, given, _ = blobs(40)
    given[:, 0], given[:, 2] = True, False
    given[3, 2] = True
    model = fit(features, targets(given), 1)
    assert all("a" in json.loads(target) for target in model.predict(features))


def test_the_loop_runs_on_them_and_each_strategy_that_is_offered_chooses():
    features, _, labels = blobs(300)
    for strategy in LEARNER.strategies:
        settings = IterationSettings(strategy=strategy, estimator="relevance", batch_size=10, depth=20)
        replay = simulate(Known(features, labels), settings, 1, 60, test_size=40, kind=TASK_TYPES["text_multilabel"])
        assert replay.curve[-1].labels == 60
        chosen = [choice for choice in replay.result.choices if choice.reason != "random"]
        assert all(json.loads(choice.label) is not None for choice in chosen), strategy
    assert replay.curve[-1].figures["f1"] > 0.7
