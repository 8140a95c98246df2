"""Every estimator keeps the contract; every kind of model scores alike however asked, and comes back from disk."""

import json
import warnings

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import ComplementNB

from learner.engine import estimators
from learner.engine.answer_profiles import CLASSIFIERS, NETWORK_ESTIMATOR_NAMES
from learner.engine.arrays import blas_threads
from learner.engine.arrays.batched_scoring import BATCH_ROWS
from learner.engine.arrays.blas_threads import limit_blas_threads
from learner.engine.estimators import ESTIMATORS, MODELS, load_saved_model
from learner.engine.estimators.class_probabilities import most_probable_classes
from learner.engine.estimators.linear import committee, logistic_regression, naive_bayes, sgd
from learner.engine.estimators.linear.bootstrap import COMMITTEE_MEMBERS
from learner.engine.estimators.linear.linear_model import CommitteeModel, LinearModel, from_decision_function
from learner.engine.estimators.trees import gradient_boosting, random_forest
from learner.engine.fitting import tuning
from learner.engine.fitting.class_weights import label_weights
from learner.engine.fitting.regularisation import LONG_C, logistic_c, mean_squared_length
from learner.loop_options import LoopOptions


@pytest.fixture(params=sorted(CLASSIFIERS))
def estimator(request):
    return ESTIMATORS[request.param]


def blobs(n=120, d=6, classes=("a", "b", "c"), seed=0, spread=0.1):
    rng = np.random.default_rng(seed)
    labels = np.array(classes)[np.arange(n) % len(classes)]
    centres = np.eye(d, dtype=np.float32)[: len(classes)]
    noise = spread * rng.standard_normal((n, d)).astype(np.float32)
    return centres[np.arange(n) % len(classes)] + noise, labels


@pytest.mark.parametrize("classes", [("no", "yes"), ("a", "b", "c")])
@pytest.mark.parametrize("n", [30, 120])
def test_it_learns_and_its_probabilities_are_some(estimator, classes, n):
    features, labels = blobs(n, classes=classes)
    features.flags.writeable = labels.flags.writeable = False
    others, truth = blobs(600, classes=classes, seed=1)
    model = estimator(features, labels, 1)
    proba = model.predict_proba(others)
    assert model.classes == classes
    assert proba.dtype == np.float32
    np.testing.assert_allclose(proba.sum(axis=1), 1, rtol=1e-5)
    assert (model.predict(others) == truth).mean() > 0.9


def test_labels_may_be_digits(estimator):
    named, _ = blobs(classes=("a", "b", "c"))
    features, labels = blobs(classes=("1", "2", "3"))
    digits, letters = estimator(features, labels, 1), estimator(named, blobs()[1], 1)
    assert digits.classes == ("1", "2", "3")
    np.testing.assert_array_equal(digits.predict_proba(features), letters.predict_proba(named))


def test_one_item_of_a_class_is_enough(estimator):
    features, labels = blobs(n=4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert estimator(features, labels, 1).classes == ("a", "b", "c")


def test_a_rare_class_among_many_labels_keeps_its_place(estimator):
    features, labels = blobs(n=150, classes=("a", "b"))
    labels = labels.astype("<U4")
    labels[7] = "rare"
    model = estimator(features, labels, 1)
    assert model.classes == ("a", "b", "rare")
    assert np.isfinite(model.predict_proba(features)).all()


def test_a_rare_class_is_not_given_up_for_a_common_one(estimator):
    rng = np.random.default_rng(0)
    features = np.vstack([rng.normal(0, 1, (190, 2)), rng.normal(2, 1, (10, 2))]).astype(np.float32)
    labels = np.array(["common"] * 190 + ["rare"] * 10)
    said = estimator(features, labels, 1).predict(features)
    least = 0.4 if estimator is ESTIMATORS["bayes"] else 0.7  # linear ones without weights: 0.4 to 0.6
    assert (said[labels == "rare"] == "rare").mean() >= least


def test_labels_weigh_one_on_average_and_rare_ones_more():
    weights = label_weights(np.array(["a"] * 16 + ["b"] * 4))
    assert weights.mean() == pytest.approx(1)
    assert weights[-1] / weights[0] == pytest.approx(2)


@pytest.mark.parametrize("n", [60, 150])
def test_same_labels_and_seed_same_model(estimator, n):
    features, labels = blobs(n, spread=0.7)
    first, second = (estimator(features, labels, 2**40 + 1).predict_proba(features) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_it_comes_back_from_disk(estimator, tmp_path):
    features, labels = blobs(classes=("ham", "späm", "中"))
    model = estimator(features, labels, 1).tag_features("text-v3")
    model.save(tmp_path)
    again = load_saved_model(tmp_path)
    assert (type(again), again.classes, again.features) == (MODELS[model.kind], model.classes, "text-v3")
    np.testing.assert_array_equal(again.predict_proba(features), model.predict_proba(features))
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".json", ".npz"]
    with np.load(tmp_path / "model.npz", allow_pickle=False) as arrays:
        assert all(array.dtype.kind in "if" for array in arrays.values())


def test_a_saved_linear_model_of_before_there_were_kinds_is_read(tmp_path):
    np.savez(tmp_path / "model.npz", weights=np.ones((3, 2), np.float32), intercept=np.zeros(2, np.float32))
    (tmp_path / "model.json").write_text(json.dumps({"classes": ["a", "b"], "features": "text-v1"}))
    assert load_saved_model(tmp_path).features == "text-v1"


def test_rows_are_scored_as_in_the_whole_over_chunks(estimator, tmp_path):
    model = estimator(*blobs(d=5), 1)
    rng = np.random.default_rng(0)
    array = np.memmap(tmp_path / "rows", np.float32, "w+", shape=(2 * BATCH_ROWS + 7, 5))
    array[:] = rng.standard_normal(array.shape)
    rows = rng.choice(len(array), BATCH_ROWS + 3, replace=False)
    whole = model.predict_proba(np.memmap(tmp_path / "rows", np.float32, "r", shape=array.shape))
    np.testing.assert_allclose(model.predict_proba(array, rows), whole[rows], atol=1e-6)
    assert model.predict_proba(array[:0]).shape == (0, 3)
    assert (
        model.predict(array, rows[:2]).tolist() == most_probable_classes(model.classes, whole[rows[:2]]).value.tolist()
    )


def test_threads_change_nothing(estimator, monkeypatch):
    model = estimator(*blobs(d=5), 1)
    array = np.random.default_rng(0).standard_normal((3 * BATCH_ROWS + 1, 5)).astype(np.float32)
    one = model.predict_proba(array)
    monkeypatch.setattr(blas_threads, "SINGLE_THREAD_ITEMS", 1)
    monkeypatch.setattr(blas_threads, "THREADS", 3)
    np.testing.assert_array_equal(model.predict_proba(array), one)
    np.testing.assert_array_equal(model.predict_proba(array[BATCH_ROWS:]), one[BATCH_ROWS:])


def test_features_of_another_width_are_refused(estimator):
    model = estimator(*blobs(d=5), 1)
    with pytest.raises(ValueError, match="5 features"):
        model.predict_proba(np.zeros((3, 4), np.float32))


def test_a_lead_can_choose_any_of_them():
    setting = LoopOptions.settings["estimator"]
    assert set(setting.choices) == {*ESTIMATORS, *estimators.NETWORK_ESTIMATORS}
    assert set(estimators.NETWORK_ESTIMATORS) == {*NETWORK_ESTIMATOR_NAMES}
    assert setting.default == "auto"
    assert set(setting.explanations) == set(setting.choices)


# As scikit-learn says


@pytest.mark.parametrize("k", [2, 4])
def test_linear_probabilities_are_those_of_scikit_learn(k):
    features, labels = blobs(classes=tuple("abcd"[:k]))
    fitted = LogisticRegression().fit(features, labels)
    model = from_decision_function(fitted.coef_, fitted.intercept_, fitted.classes_)
    np.testing.assert_allclose(model.predict_proba(features), fitted.predict_proba(features), atol=1e-5)


@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize(
    "fresh",
    [
        RandomForestClassifier(30, random_state=0),
        HistGradientBoostingClassifier(max_iter=15, max_bins=32, random_state=0),
    ],
)
def test_flattened_trees_predict_as_scikit_learn_does(fresh, k, tmp_path):
    features, labels = blobs(n=300, classes=tuple("abc"[:k]), spread=0.6)
    others, _ = blobs(n=BATCH_ROWS + 500, seed=1, spread=0.6)
    is_forest = isinstance(fresh, RandomForestClassifier)
    with limit_blas_threads(1):
        fitted = fresh.fit(features, labels)
        theirs = fitted.predict_proba(others)
    flat = random_forest.copy_forest_trees(fitted) if is_forest else gradient_boosting.copy_boosted_trees(fitted)
    flat.save(tmp_path)
    loaded = load_saved_model(tmp_path)
    proba = loaded.predict_proba(others)
    if is_forest:  # ours never says that a class is impossible
        theirs = (theirs + 1e-3) / (theirs + 1e-3).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(proba, theirs, atol=1e-5)
    clear = np.ptp(np.sort(theirs, axis=1)[:, -2:], axis=1) > 1e-4
    assert (loaded.predict(others) == fitted.classes_[theirs.argmax(axis=1)])[clear].all()


def test_bayes_of_positive_features_ranks_as_scikit_learn_does():
    features, labels = blobs(n=90, spread=0.5)
    features = np.abs(features)
    theirs = ComplementNB(alpha=naive_bayes.SMOOTHING_COUNT).fit(features, labels).predict_joint_log_proba(features)
    ours = np.log(naive_bayes.fit(features, labels, 1).predict_proba(features))
    centred = [scores - scores.mean(axis=1, keepdims=True) for scores in (ours, theirs)]
    assert np.corrcoef(centred[0].ravel(), centred[1].ravel())[0, 1] > 0.999


def test_bayes_tells_classes_apart_by_sign_alone():
    rng = np.random.default_rng(0)
    size = rng.random((80, 4)).astype(np.float32) + 0.1
    labels = np.array(["minus", "plus"])[np.arange(80) % 2]
    features = np.where(labels[:, None] == "plus", size, -size)
    assert (naive_bayes.fit(features, labels, 1).predict(features) == labels).all()


# Committee and gradient descent


def test_a_committee_is_the_mean_of_its_members():
    features, labels = blobs(spread=0.8)
    model = committee.fit(features, labels, 1)
    assert isinstance(model, CommitteeModel)
    said = np.stack([member.predict_proba(features) for member in model.members])
    assert said.shape == (COMMITTEE_MEMBERS, 120, 3)
    assert said.std(axis=0).max() > 0.01
    np.testing.assert_allclose(said.mean(axis=0), model.predict_proba(features), atol=1e-6)


@pytest.mark.parametrize("classes", [("a", "b"), ("a", "b", "c")])
def test_gradient_descent_goes_on_from_a_previous_model(classes):
    features, labels = blobs(60, classes=classes, spread=0.4)
    more, more_labels = blobs(90, classes=classes, spread=0.4, seed=2)
    before = sgd.fit(features, labels, 1)
    after = sgd.fit(more, more_labels, 1, previous=before)
    assert (after.predict(more) == more_labels).mean() > 0.85
    assert not np.array_equal(after.weights, sgd.fit(more, more_labels, 1).weights)


def test_a_previous_model_of_other_classes_is_passed_over():
    features, labels = blobs(60)
    other = sgd.fit(*blobs(60, classes=("x", "y")), 1)
    found = sgd.fit(features, labels, 1, previous=other)
    np.testing.assert_array_equal(found.weights, sgd.fit(features, labels, 1).weights)


# Tuning


def test_logistic_regression_sharpens_what_few_labels_of_text_leave_too_unsure():
    features, labels = blobs(60)
    c = logistic_c(mean_squared_length(features))
    raw = logistic_regression.fit_softmax_regression(features, labels, c)
    assert logistic_regression.fit(features, labels, 1).weights == pytest.approx(
        logistic_regression.LOGISTIC_INVERSE_TEMPERATURE * raw.weights
    )
    long = 5 * features
    raw = logistic_regression.fit_softmax_regression(long, labels, LONG_C / np.square(long).sum(axis=1).mean())
    assert logistic_regression.fit(long, labels, 1).weights == pytest.approx(raw.weights)


def overlapping(n, seed=0):
    """Two classes of which nobody can tell a fifth of the items apart better than by chance."""
    rng = np.random.default_rng(seed)
    score = rng.normal(0, 2, n)
    features = np.column_stack([score, rng.standard_normal((n, 3))]).astype(np.float32)
    return features, np.where(rng.random(n) < 1 / (1 + np.exp(-score)), "yes", "no")


def overconfident(features, labels):
    def fit(rows, value):
        return logistic_regression.fit_softmax_regression(features[rows], labels[rows], 1.0).temperature_scaled(value)

    return fit


def test_a_temperature_undoes_overconfidence():
    features, labels = overlapping(600)
    tuned = tuning.tune_by_cross_validation(overconfident(features, labels), features, labels, (3.0,), 3.0, 1)
    assert tuned.inverse_temperature == pytest.approx(1 / 3, rel=0.25)


def test_probabilities_are_calibrated_where_labels_are_random(estimator):
    features, labels = overlapping(400)
    others, truth = overlapping(4000, seed=1)
    model = estimator(features, labels, 1)
    proba = model.predict_proba(others)
    right = most_probable_classes(model.classes, proba).value == truth
    assert abs(proba.max(axis=1).mean() - right.mean()) < 0.06


def test_a_temperature_rests_on_the_random_rows_alone():
    features, labels = overlapping(600)
    is_random_sample = np.zeros(600, bool)
    fit = overconfident(features, labels)
    assert (
        tuning.tune_by_cross_validation(fit, features, labels, (3.0,), 3.0, 1, is_random_sample).inverse_temperature
        == 1.0
    )
    is_random_sample[: tuning.MIN_RANDOM_LABELS - 1] = True
    assert (
        tuning.tune_by_cross_validation(fit, features, labels, (3.0,), 3.0, 1, is_random_sample).inverse_temperature
        == 1.0
    )
    is_random_sample[:200] = True
    assert (
        tuning.tune_by_cross_validation(fit, features, labels, (3.0,), 3.0, 1, is_random_sample).inverse_temperature
        < 0.6
    )


def test_a_temperature_has_bounds():
    features, labels = blobs(300, spread=0.01)
    tuned = tuning.tune_by_cross_validation(overconfident(features, labels), features, labels, (0.01,), 0.01, 1)
    assert tuned.inverse_temperature == tuning.MAX_SCALE_FACTOR


def test_the_default_stays_until_there_are_labels_enough():
    features, labels = overlapping(tuning.MIN_TUNING_LABELS - 1)
    never = pytest.fail

    assert tuning.tune_by_cross_validation(never, features, labels, (1.0, 2.0), 2.0, 1) == tuning.TunedParameters(2.0)
    rare = np.where(np.arange(200) < tuning.TUNING_FOLDS - 1, "rare", "common")
    assert tuning.tune_by_cross_validation(
        never, np.zeros((200, 2)), rare, (1.0, 2.0), 2.0, 1
    ) == tuning.TunedParameters(2.0)


def test_a_clearly_better_value_is_chosen_and_a_doubtful_one_is_not():
    features, labels = overlapping(400)

    def fit(rows, value):
        blind = features[rows] * np.float32(value)
        return logistic_regression.fit_softmax_regression(blind, labels[rows], 1.0)

    assert tuning.tune_by_cross_validation(fit, features, labels, (0.0, 1.0), 0.0, 1).value == 1.0
    assert tuning.tune_by_cross_validation(fit, features, labels, (0.999, 1.0), 1.0, 1).value == 1.0


def test_cross_validation_reads_a_bounded_number_of_rows():
    features, labels = overlapping(3 * tuning.MAX_TUNING_ROWS)
    seen = []

    def fit(rows, value):
        seen.append(rows)
        return logistic_regression.fit_softmax_regression(features[rows], labels[rows], 1.0)

    tuning.tune_by_cross_validation(fit, features, labels, (1.0,), 1.0, 1)
    assert len(seen) == tuning.TUNING_FOLDS
    assert len(np.unique(np.concatenate(seen))) == tuning.MAX_TUNING_ROWS


def crossed(n, d=4, seed=0):
    """Two classes that no line parts: the sign of the product of two features."""
    features = np.random.default_rng(seed).standard_normal((n, d)).astype(np.float32)
    return features, np.where(features[:, 0] * features[:, 1] > 0, "even", "odd")


def test_the_random_labels_choose_the_estimator():
    features, labels = crossed(400)
    assert ESTIMATORS["auto"](features, labels, 1).kind == "trees"
    assert ESTIMATORS["auto"](features[:60], labels[:60], 1).kind == "linear"  # too few to judge
    assert ESTIMATORS["auto"](features, labels, 1, np.arange(400) < 40).kind == "linear"  # too few that are random


def test_what_was_chosen_is_held_until_another_is_clearly_better():
    features, labels = blobs(n=300, d=8, spread=3.0)
    for name, value in (("logistic", 2.5), ("svm", 0.1)):
        previous = {"auto": {"value": name, "labels": 1}, name: {"value": value, "labels": 1}}
        chosen = ESTIMATORS["auto"].after(previous)(features, labels, 1).choices
        assert (chosen["auto"]["value"], "replaced" in chosen["auto"]) == (name, False)
    features, labels = crossed(400)
    previous = {"auto": {"value": "svm", "labels": 1}, "svm": {"value": 0.1, "labels": 1}}
    switched = ESTIMATORS["auto"].after(previous)(features, labels, 1).choices["auto"]
    assert (switched["replaced"], switched["value"], switched["random_labels"]) == ("svm", "boosting", 400)


def test_nothing_is_compared_again_until_there_are_a_tenth_more_labels(monkeypatch):
    features, labels = crossed(400)
    first = ESTIMATORS["auto"](features, labels, 1)
    compared = []
    folds = tuning.StratifiedKFold
    monkeypatch.setattr(tuning, "StratifiedKFold", lambda *args, **more: compared.append(args) or folds(*args, **more))
    again = ESTIMATORS["auto"].after(first.choices)(*crossed(430), 2)
    assert again.choices["auto"] == {
        key: value for key, value in first.choices["auto"].items() if not key.startswith("replaced")
    }
    assert not compared
    ESTIMATORS["auto"].after(first.choices)(*crossed(441), 3)
    assert len(compared) == 1


def test_choices_travel_with_the_model(tmp_path):
    features, labels = crossed(200)
    for name in ("logistic", "committee", "boosting"):
        model = ESTIMATORS[name](features, labels, 1)
        model.save(tmp_path / name)
        again = load_saved_model(tmp_path / name)
        assert again.choices == model.choices != {}
        np.testing.assert_array_equal(again.predict_proba(features), model.predict_proba(features))


def test_class_weights_are_taken_back_where_the_held_out_labels_clearly_say_so():
    rng = np.random.default_rng(0)
    features = rng.standard_normal((1500, 2)).astype(np.float32)
    noisy = features[:, 0] + 3 * rng.standard_normal(1500) > 4
    labels = np.where(noisy, "rare", "common")
    model = ESTIMATORS["logistic"](features, labels, 1)
    assert model.choices["logistic"]["removed_power"] == 0.25
    unweighted = ESTIMATORS["logistic"](features, labels, 1, np.zeros(1500, bool))
    truth, rare = noisy.mean(), model.classes.index("rare")
    said, weighted = (one.predict_proba(features)[:, rare].mean() for one in (model, unweighted))
    assert truth < said < weighted


def test_where_nothing_is_clearly_better_it_is_logistic_regression():
    features, labels = blobs(n=300, d=8)
    chosen, default = (ESTIMATORS[name](features, labels, 1) for name in ("auto", "logistic"))
    np.testing.assert_array_equal(chosen.predict_proba(features), default.predict_proba(features))


def test_a_linear_model_of_sizes_is_no_linear_model():
    model = LinearModel(
        np.zeros((2, 2), np.float32), np.zeros(2, np.float32), ("a", "b"), absolute_weights=np.eye(2, dtype="f4")
    )
    proba = model.predict_proba(np.array([[-3, 0], [3, 0], [0, -3]], np.float32))
    assert proba[0, 0] == proba[1, 0] > 0.9 > 0.1 > proba[2, 0]
