"""The conditional random field learns spans, knows what it does not know, and comes back from disk."""

import json

import numpy as np
import pytest

from learner.engine.contracts.iteration import IterationInput, IterationSettings
from learner.engine.estimators import ESTIMATORS
from learner.engine.estimators.tagging import crf
from learner.engine.estimators.tagging.crf_model import CrfModel
from learner.engine.estimators.tagging.text_uncertainty import TEXT_UNCERTAINTIES
from learner.engine.loop.iteration import run_iteration
from learner.engine.task_profiles import TASK_PROFILES

PEOPLE = ["Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald", "Tony", "Niklaus"]
PLACES = ["Paris", "Oslo", "Rome", "Lima", "Cairo", "Delhi", "Quito", "Kyiv"]


def sentence(rng):
    """A person and a place, in one of three sentences, and where they are."""
    person, place = rng.choice(PEOPLE), rng.choice(PLACES)
    text = str(rng.choice(["{0} lives in {1} .", "We met {0} near {1} !", "the trains run on time"]))
    text = text.format(person, place)
    spans = [(text.find(name), name, label) for name, label in ((person, "PER"), (place, "LOC")) if name in text]
    return text, json.dumps([{"start": at, "end": at + len(name), "label": label} for at, name, label in spans])


def corpus(n, seed):
    rng = np.random.default_rng(seed)
    pairs = [sentence(rng) for _ in range(n)]
    return np.array([text for text, _ in pairs], dtype=object), np.array([spans for _, spans in pairs], dtype=object)


@pytest.fixture(scope="module")
def model():
    return crf.fit(*corpus(80, 0), 1)


def parts(target):
    return [(span["start"], span["end"], span["label"]) for span in json.loads(target)]


def test_it_finds_the_spans_of_texts_it_has_not_seen(model):
    texts, truth = corpus(200, 5)
    assert model.classes == ("LOC", "PER")
    predicted = model.predict(texts)
    assert np.mean([parts(a) == parts(b) for a, b in zip(predicted, truth, strict=True)]) > 0.95


def test_rows_choose_among_the_texts(model):
    texts, _ = corpus(30, 6)
    rows = np.array([7, 3, 11])
    np.testing.assert_array_equal(model.uncertainty(texts, rows), model.uncertainty(texts)[rows])
    assert model.predict(texts, rows).tolist() == model.predict(texts)[rows].tolist()


@pytest.mark.parametrize("measure", TEXT_UNCERTAINTIES)
def test_what_is_strange_is_less_certain_than_what_is_known(model, measure):
    measured = CrfModel(model.crf, model.classes, measure=measure)
    texts = np.array(["Ada lives in Oslo .", "Oslo lives Zork near in Ada Xyzzy"], dtype=object)
    uncertainty = measured.uncertainty(texts)
    assert uncertainty.dtype == np.float32
    known, strange = uncertainty
    assert 0 <= known < strange <= 1


def test_spans_come_with_how_probable_they_are(model):
    texts = np.array(["Ada lives in Oslo .", "Oslo lives Zork near in Ada Xyzzy", "   "], dtype=object)
    predicted = model.predict_with_confidence(texts)
    targets, scores = predicted.value, predicted.confidence
    assert predicted.interval is None
    assert parts(targets[0]) == [(0, 3, "PER"), (13, 17, "LOC")]
    assert scores[0] > 0.8 > scores[1] > 0
    assert targets[2] == "[]"
    assert scores[2] == 1
    assert targets.tolist() == model.predict(texts).tolist()


def test_the_same_labels_and_seed_give_the_same_model():
    texts, labels = corpus(40, 2)
    again = [crf.fit(texts, labels, seed).crf.tobytes() for seed in (3, 3, 4)]
    assert again[0] == again[1] != again[2]


def test_answers_without_any_span_are_learnt_too():
    texts, _ = corpus(10, 1)
    nothing = crf.fit(texts, np.full(10, "[]", dtype=object), 1)
    assert nothing.classes == ()
    assert set(nothing.predict(texts)) == {"[]"}
    assert nothing.uncertainty(texts).shape == (10,)


def test_it_comes_back_from_disk_without_pickle(model, tmp_path):
    model.tag_features("v1").save(tmp_path)
    with np.load(tmp_path / "model.npz", allow_pickle=False) as arrays:
        assert {array.dtype.kind for array in arrays.values()} == {"u"}
    again = CrfModel.load(tmp_path)
    texts, _ = corpus(20, 3)
    assert (again.classes, again.features, again.measure) == (model.classes, "v1", model.measure)
    np.testing.assert_array_equal(again.uncertainty(texts), model.uncertainty(texts))
    assert again.predict(texts).tolist() == model.predict(texts).tolist()


def test_names_of_labels_may_be_anything_people_write():
    texts, labels = corpus(30, 4)
    odd = np.array([label.replace("PER", "人 / B-x:y").replace("LOC", "É") for label in labels], dtype=object)
    model = crf.fit(texts, odd, 1)
    assert model.classes == ("É", "人 / B-x:y")
    assert {label for target in model.predict(texts) for _, _, label in parts(target)} == set(model.classes)


def rounds_input(texts, labels, seed=1):
    """The second round of 60 texts of which 20 have labels, 5 of them random, and 10 are the test sample."""
    features = np.random.default_rng(seed).standard_normal((len(texts), 8)).astype(np.float32)
    train, test = np.arange(20), np.arange(50, 60)
    available = np.ones(len(texts), bool)
    available[train] = available[test] = False
    return IterationInput(
        features=features,
        train_rows=train,
        train_labels=labels[train],
        control_rows=train[:5],
        control_labels=labels[train[:5]],
        available=available,
        random_rows=np.arange(20, 50),
        test_rows=test,
        open_test_rows=test,
        seed=seed,
        round_number=2,
        contents=texts,
    )


@pytest.mark.parametrize("strategy", TASK_PROFILES["spans"].answers.strategies)
def test_a_turn_of_the_loop_reads_the_texts_and_suggests_spans(strategy):
    inp = rounds_input(*corpus(60, 8))
    result = run_iteration(inp, IterationSettings(strategy=strategy, estimator="crf", batch_size=5, depth=10))
    assert result.model.kind == "crf"
    assert sum(len(parts(target)) for target in result.test_predictions) > 0
    suggested = [choice for choice in result.choices if choice.row < 50]
    assert suggested
    assert {choice.row for choice in suggested} <= set(range(20, 50))
    assert all(isinstance(parts(choice.label), list) and 0 <= choice.label_score <= 1 for choice in suggested)


def test_summed_uncertainty_grows_with_the_text_and_mean_uncertainty_does_not():
    texts, labels = corpus(60, 8)
    by_length, total = (ESTIMATORS[name](texts, labels, 1) for name in TASK_PROFILES["spans"].answers.estimators)
    asked = np.array([" ".join(["Zork near Xyzzy ."] * times) for times in (1, 2, 4)], dtype=object)
    assert (np.diff(total.uncertainty(asked)) > 0.04).all()
    assert np.ptp(by_length.uncertainty(asked)) < np.ptp(total.uncertainty(asked))
