"""Every estimator keeps the contract; the linear model scores alike however it is asked."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from learner.estimators import ESTIMATORS, Model
from learner.estimators.linear import CHUNK, from_decision


@pytest.fixture(params=sorted(ESTIMATORS))
def estimator(request):
    return ESTIMATORS[request.param]


def blobs(n=120, d=6, classes=("a", "b", "c"), seed=0):
    rng = np.random.default_rng(seed)
    labels = np.array(classes)[np.arange(n) % len(classes)]
    centres = np.eye(d, dtype=np.float32)[: len(classes)]
    return centres[np.arange(n) % len(classes)] + 0.1 * rng.standard_normal((n, d)).astype(np.float32), labels


@pytest.mark.parametrize("classes", [("no", "yes"), ("a", "b", "c")])
def test_it_learns_and_its_probabilities_are_some(estimator, classes):
    features, labels = blobs(classes=classes)
    before = features.copy()
    model = estimator(features, labels, 1)
    proba = model.predict_proba(features)
    assert model.classes == classes
    assert proba.dtype == np.float32
    np.testing.assert_allclose(proba.sum(axis=1), 1, rtol=1e-5)
    assert (model.predict(features) == labels).mean() > 0.98
    np.testing.assert_array_equal(features, before)


def test_one_item_of_a_class_is_enough(estimator):
    features, labels = blobs(n=4)
    assert estimator(features, labels, 1).classes == ("a", "b", "c")


def test_it_balances_classes(estimator):
    rng = np.random.default_rng(0)
    features = np.vstack([rng.normal(0, 1, (190, 2)), rng.normal(1, 1, (10, 2))]).astype(np.float32)
    labels = np.array(["common"] * 190 + ["rare"] * 10)
    said = estimator(features, labels, 1).predict(features)
    assert (said[labels == "rare"] == "rare").mean() >= 0.6


def test_same_labels_same_model(estimator):
    features, labels = blobs()
    np.testing.assert_array_equal(estimator(features, labels, 1).weights, estimator(features, labels, 1).weights)


def test_it_comes_back_from_disk(estimator, tmp_path):
    features, labels = blobs(classes=("ham", "späm", "中"))
    model = estimator(features, labels, 1)
    model.save(tmp_path)
    again = Model.load(tmp_path)
    assert again.classes == model.classes
    np.testing.assert_array_equal(again.predict_proba(features), model.predict_proba(features))
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".json", ".npz"]


@pytest.mark.parametrize("k", [2, 4])
def test_probabilities_are_those_of_scikit_learn(k):
    features, labels = blobs(classes=tuple("abcd"[:k]))
    fitted = LogisticRegression().fit(features, labels)
    model = from_decision(fitted.coef_, fitted.intercept_, fitted.classes_)
    np.testing.assert_allclose(model.predict_proba(features), fitted.predict_proba(features), atol=1e-5)


def test_rows_are_scored_as_in_the_whole_over_chunks(tmp_path):
    rng = np.random.default_rng(0)
    array = np.memmap(tmp_path / "rows", np.float32, "w+", shape=(2 * CHUNK + 7, 5))
    array[:] = rng.standard_normal(array.shape)
    model = Model(rng.standard_normal((5, 3)).astype(np.float32), np.zeros(3, np.float32), ("a", "b", "c"))
    rows = rng.choice(len(array), CHUNK + 3, replace=False)
    whole = model.predict_proba(np.memmap(tmp_path / "rows", np.float32, "r", shape=array.shape))
    np.testing.assert_allclose(model.predict_proba(array, rows), whole[rows], atol=1e-6)
    assert model.predict_proba(array[:0]).shape == (0, 3)


def test_features_of_another_width_are_refused():
    model = Model(np.zeros((5, 2), np.float32), np.zeros(2, np.float32), ("a", "b"))
    with pytest.raises(ValueError, match="5 features"):
        model.predict_proba(np.zeros((3, 4), np.float32))
