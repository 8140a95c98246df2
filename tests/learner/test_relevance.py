"""Several labels an item, each learnt by itself, and the loop on them."""

import json

import numpy as np
import pytest

from annotation.tasktypes import TASK_TYPES
from learner.engine.contracts.iteration import IterationSettings
from learner.engine.estimators import ESTIMATORS, load_saved_model
from learner.engine.estimators.class_probabilities import top_labels
from learner.engine.simulation.simulated_labelling import LabelledData, simulate_labelling
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


@pytest.fixture(params=LEARNER.answers.estimators)
def fit(request):
    return ESTIMATORS[request.param]


def test_it_learns_each_label(fit):
    features, _, labels = blobs()
    others, truth, _ = blobs(500, 1)
    model = fit(features, labels, 1)
    assert model.classes == ("a", "b", "c")
    said = np.array([[name in json.loads(target) for name in "abc"] for target in model.predict(others)])
    assert ((said == truth).mean(axis=0) > 0.95).all()


def test_it_is_more_certain_of_clear_items_and_ranks_labels(fit):
    features, _, labels = blobs()
    model = fit(features, labels, 1)
    certain, doubtful = np.eye(3, 6, dtype=np.float32)[:1] * 2, np.full((1, 6), 0.5, np.float32)
    uncertainty = model.uncertainty(np.vstack([certain, doubtful]))
    assert uncertainty.dtype == np.float32
    assert 0 <= uncertainty[0] < uncertainty[1] <= 1
    predicted = model.predict_with_confidence(features)
    assert (predicted.value == model.predict(features)).all()
    assert ((predicted.confidence >= 0) & (predicted.confidence <= 1)).all()
    probabilities = model.label_probabilities(features)
    ranked = top_labels(model.classes, probabilities, 2)
    assert [name for (name, _), _ in ranked] == [model.classes[place] for place in probabilities.argmax(axis=1)]
    assert [second for _, (_, second) in ranked] == pytest.approx(np.sort(probabilities, axis=1)[:, -2].tolist())


def test_where_every_answer_has_a_label_every_item_gets_one(fit, tmp_path):
    features, given, _ = blobs(300)
    nowhere = np.zeros((1, 6), np.float32)
    assert json.loads(fit(features, targets(given), 1).predict(nowhere)[0]) == []
    some = given.any(axis=1)
    model = fit(features[some], targets(given[some]), 1)
    model.save(tmp_path)
    for one in (model, load_saved_model(tmp_path)):
        said = one.predict_with_confidence(nowhere)
        likeliest = model.classes[int(model.label_probabilities(nowhere)[0].argmax())]
        assert json.loads(said.value[0]) == [likeliest]
        assert 0 < said.confidence[0] < 1
    few = fit(features[some][:40], targets(given[some][:40]), 1)  # chance alone may leave so few without an empty one
    assert json.loads(few.predict(nowhere)[0]) == []


def test_the_most_uncertain_label_or_all_of_them():
    features, _, labels = blobs()
    mean, least = (ESTIMATORS[name](features, labels, 1).uncertainty(features) for name in LEARNER.answers.estimators)
    assert (least >= mean - 1e-6).all()
    assert (least > mean + 0.02).any()


def test_it_comes_back_from_disk(fit, tmp_path):
    features, _, labels = blobs()
    model = fit(features, labels, 1).tag_features("v1")
    model.save(tmp_path / "m")
    again = load_saved_model(tmp_path / "m")
    assert (again.features, again.classes) == ("v1", model.classes)
    np.testing.assert_array_equal(again.uncertainty(features), model.uncertainty(features))
    with pytest.raises(ValueError, match="6 features"):
        again.uncertainty(features[:, :5])


def test_a_label_that_all_have_and_one_that_one_has(fit):
    features, given, _ = blobs(40)
    given[:, 0], given[:, 2] = True, False
    given[3, 2] = True
    model = fit(features, targets(given), 1)
    assert all("a" in json.loads(target) for target in model.predict(features))


def test_the_loop_runs_on_them_and_each_strategy_that_is_offered_chooses():
    features, _, labels = blobs(300)
    for strategy in LEARNER.answers.strategies:
        settings = IterationSettings(strategy=strategy, estimator="relevance", batch_size=10, depth=20)
        replay = simulate_labelling(
            LabelledData(features, labels), settings, 1, 60, test_size=40, task_type=TASK_TYPES["text_multilabel"]
        )
        assert replay.curve[-1].labels == 60
        chosen = [choice for choice in replay.result.choices if choice.reason != "random"]
        assert all(json.loads(choice.label) is not None for choice in chosen), strategy
    assert replay.curve[-1].figures["f1"] > 0.7
