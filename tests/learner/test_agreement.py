"""How far two models say the same: labels, several of them, numbers, spans and boxes; and what is kept of it."""

import json
from dataclasses import replace

import numpy as np
import pytest

from annotation.tasktypes import TASK_TYPES
from learner.engine.answer_evaluations import evaluation_of_task_type
from learner.engine.answer_profiles import MAX_STOP_SET_IMAGES
from learner.engine.contracts.iteration import IterationInput, IterationSettings
from learner.engine.detections.contract import Detections
from learner.engine.estimators import ESTIMATORS
from learner.engine.estimators.detection import detector_model
from learner.engine.estimators.detection.detector_model import MAX_SCORED_IMAGES, BoxesModel
from learner.engine.loop.iteration import run_iteration
from learner.engine.stopping import History, RoundRecord, evaluate_conditions
from learner.engine.stopping.model_agreement import (
    BOX_AGREEMENT,
    LABEL_AGREEMENT,
    MULTILABEL_AGREEMENT,
    SPAN_AGREEMENT,
    cohen_kappa,
    multilabel_kappa,
)
from learner.engine.stopping.stop_set import (
    MAX_STOP_SET_CHARACTERS,
    comparable_predictions,
    pack_stop_set_predictions,
    unpack_stop_set_predictions,
)
from learner.engine.task_profiles import TASK_PROFILES
from tests.annotation.answers import ANSWER_CONTEXTS, ANSWERS

BOXES, SPANS = TASK_TYPES["boxes"], TASK_TYPES["spans"]
SIDE = 20.0


def cells(n, shift=0.0, label="RBC", at=0):
    """Return n boxes in a row, each moved so many pixels, as a target."""
    boxes = [{"x": 40.0 * place + shift, "y": 5.0, "w": SIDE, "h": SIDE, "label": label} for place in range(at, at + n)]
    return BOXES.answer.target({"boxes": boxes})


def names(*spans):
    return SPANS.answer.target({"spans": [dict(zip(("start", "end", "label"), span, strict=True)) for span in spans]})


def alike(agreement, kind, one, other):
    return agreement.compare(*(agreement.decode(kind, np.array(side)) for side in (one, other)))


# Measures


@pytest.mark.parametrize("name", TASK_TYPES)
def test_models_that_say_the_same_agree_wholly_and_others_do_not(name):
    kind, agreement = TASK_TYPES[name], evaluation_of_task_type(name).agreement
    targets = np.array([kind.answer.target(kind.answer.clean(value, ANSWER_CONTEXTS[name])) for value in ANSWERS[name]])
    said, other = agreement.decode(kind, targets), agreement.decode(kind, np.roll(targets, 1))
    assert agreement.compare(said, said) == pytest.approx(1)
    assert agreement.compare(said, other) < 0.6
    if agreement.changed_share:
        assert agreement.changed_share(said, said) == 0 < agreement.changed_share(said, other)
        assert agreement.change_message


def test_boxes_agree_that_overlap_by_half_under_the_same_label():
    one = [cells(3), cells(0), cells(1)]
    assert alike(BOX_AGREEMENT, BOXES, one, [cells(3, shift=2.0), cells(0), cells(1, shift=-3.0)]) == 1
    assert alike(BOX_AGREEMENT, BOXES, one, [cells(2, shift=2.0), cells(0), cells(1, label="WBC")]) == pytest.approx(
        4 / 7
    )
    assert alike(BOX_AGREEMENT, BOXES, one, [cells(3, shift=15.0), cells(0), cells(1, shift=15.0)]) == 0


def test_spans_agree_from_end_to_end():
    one = [names((0, 3, "person"), (5, 9, "group")), names()]
    assert alike(SPAN_AGREEMENT, SPANS, one, one) == 1
    assert alike(SPAN_AGREEMENT, SPANS, one, [names((0, 3, "person"), (5, 8, "group")), names()]) == 0.5
    assert alike(SPAN_AGREEMENT, SPANS, one, [names((0, 3, "group")), names((5, 9, "group"))]) == 0


def test_kappa_of_one_label_among_two_is_that_of_yes_and_no():
    rng = np.random.default_rng(0)
    one, other = rng.random(200) < 0.3, rng.random(200) < 0.4
    lists = [[[("a", None)] if yes else [] for yes in side] for side in (one, other)]
    assert multilabel_kappa(*lists) == pytest.approx(cohen_kappa(one.astype(str), other.astype(str)))
    common = [[[*parts, ("always", None)] for parts in side] for side in lists]
    assert multilabel_kappa(*common) == pytest.approx(multilabel_kappa(*lists))  # what all say adds nothing


# Conditions


def history(kind, agreement, said):
    turns = [
        RoundRecord(30 * n, predictions=agreement.decode(kind, np.array(one)), stop_set="one")
        for n, one in enumerate(said, start=1)
    ]
    has_threshold = TASK_PROFILES[kind.name].answers.has_agreement_threshold
    return History(turns, agreement=agreement, has_agreement_threshold=has_threshold)


def test_boxes_drawn_a_little_aside_are_told_as_the_same_and_the_curve_is_left_to_decide():
    said = [[cells(2 + n % 3, shift=0.4 * place) for n in range(30)] for place in range(4)]
    found = evaluate_conditions(history(BOXES, BOX_AGREEMENT, said), {})
    stable, changed = found["stable_predictions"], found["changed_predictions"]
    assert (stable.stop, stable.value, stable.n, stable.details) == (None, None, 30, {"agreement": 1.0})
    assert "mean F1 of boxes 1.000, on 30 fixed items" in stable.reason
    assert changed.stop is None
    assert not changed.applies
    assert "Stable predictions" in changed.reason


def test_several_labels_settle_and_change_label_by_label():
    kind = TASK_TYPES["text_multilabel"]
    targets = [kind.answer.target({"labels": ["a", "b"][: n % 3]}) for n in range(90)]
    calm = evaluate_conditions(history(kind, MULTILABEL_AGREEMENT, [targets] * 4), {})
    assert calm["stable_predictions"].stop is True
    assert calm["stable_predictions"].details == {}
    assert calm["changed_predictions"].stop is True
    moved = [*targets[:-9], *[kind.answer.target({"labels": ["c"]})] * 9]
    restless = evaluate_conditions(history(kind, MULTILABEL_AGREEMENT, [targets, moved, targets, moved]), {})
    assert restless["stable_predictions"].stop is False
    assert restless["changed_predictions"].value == pytest.approx(1 - 2 * 81 / (90 + 90))
    assert "Of the labels that two models in a row give" in restless["changed_predictions"].reason


def test_models_that_mark_nothing_agree_about_nothing():
    found = evaluate_conditions(history(SPANS, SPAN_AGREEMENT, [[names()] * 50] * 4), {})["stable_predictions"]
    assert found.stop is None
    assert "one and the same" in found.reason


# What is kept


def test_what_is_kept_of_crowded_pictures_is_bounded_and_still_compared():
    few, many = (np.array([cells(count, shift=n) for n in range(MAX_STOP_SET_IMAGES)]) for count in (1, 54))
    kept = [pack_stop_set_predictions(np.arange(MAX_STOP_SET_IMAGES), said) for said in (few, many)]
    assert [len(unpack_stop_set_predictions(one)) for one in kept] == [
        MAX_STOP_SET_IMAGES,
        MAX_STOP_SET_CHARACTERS // len(many[0]),
    ]
    assert len(json.dumps(kept[1])) < MAX_STOP_SET_CHARACTERS / 2
    said = [BOX_AGREEMENT.decode(BOXES, unpack_stop_set_predictions(one)) for one in kept]
    turns = [RoundRecord(30 * n, predictions=one, stop_set=kept[0]["set"]) for n, one in enumerate(said)]
    [(one, other)] = comparable_predictions(turns)
    assert len(one) == len(other) == len(said[1])
    assert BOX_AGREEMENT.compare(one, other) == pytest.approx(2 / 55)  # of 1 and 54 boxes one is the same
    assert pack_stop_set_predictions(np.arange(1), np.array([cells(MAX_STOP_SET_CHARACTERS // 20)])) == {}


def test_labels_are_kept_of_all_items_however_many():
    said = np.array(["ham", "spam"])[np.arange(30_000) % 2]
    assert (unpack_stop_set_predictions(pack_stop_set_predictions(np.arange(30_000), said)) == said).all()
    before = {**pack_stop_set_predictions(np.arange(2), said[:2]), "labels": ["ham", "spam"]}  # as it was once kept
    assert unpack_stop_set_predictions(before).tolist() == ["ham", "spam"]
    assert evaluation_of_task_type("text_classification").agreement is LABEL_AGREEMENT


class Looker:
    """A detector that finds a box in every picture, and keeps which pictures it looked at."""

    def __init__(self):
        self.seen = []

    def detect(self, pictures):
        self.seen += pictures
        one = np.full(1, 0.9, np.float32)
        return [Detections(np.array([[1.0, 2, 9, 9]], np.float32), np.zeros(1, np.intp), one, one) for _ in pictures]


def test_the_stop_set_costs_a_detector_few_pictures_more(monkeypatch):
    """Ranking looks at MAX_SCORED_IMAGES of them; nothing is looked at twice."""
    n, files = 3000, np.array([f"{place}.png" for place in range(3000)], object)
    monkeypatch.setattr(detector_model, "image_loaders", list)
    inp = IterationInput(
        features=np.zeros((n, 2), np.float32),
        train_rows=np.arange(20),
        train_labels=np.array([cells(1 + place % 2) for place in range(20)], object),
        control_rows=np.empty(0, np.intp),
        control_labels=np.empty(0, object),
        available=np.arange(n) >= 20,
        random_rows=np.arange(1000, 1100),
        test_rows=np.arange(2000, 2040),
        open_test_rows=np.arange(2000, 2040),
        seed=1,
        round_number=2,
        stop_set_rows=np.random.default_rng(5).permutation(n)[: TASK_PROFILES["boxes"].answers.stop_set_size],
        contents=files,
    )
    looked = []
    for given in (replace(inp, stop_set_rows=np.empty(0, np.intp)), inp):
        model = BoxesModel(Looker(), np.array([0.5]), ("RBC",), seed=7)
        monkeypatch.setitem(ESTIMATORS, "detector", lambda *_, model=model: model)
        result = run_iteration(given, IterationSettings(estimator="detector", depth=200, strategy="margin"))
        seen = model.detector.seen
        assert len(seen) == len(set(seen))
        looked.append(len(seen))
    assert result.stop_set_predictions is not None
    assert len(result.stop_set_predictions) == MAX_STOP_SET_IMAGES
    assert looked[0] > MAX_SCORED_IMAGES
    assert looked[0] < looked[1] <= looked[0] + MAX_STOP_SET_IMAGES
