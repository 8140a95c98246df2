"""Cross-validation judges every label by models that had not seen it."""

import numpy as np

from annotation.tasktypes import TASK_TYPES
from learner.engine.contracts.iteration import IterationSettings
from learner.engine.estimators import ESTIMATORS
from learner.engine.evaluation.cross_validation import (
    MAX_LABELS_TO_FOLD,
    MIN_LABELS_TO_FOLD,
    count_correct_out_of_fold,
    out_of_fold_predictions,
)
from tests.learner.test_iteration import turn

KIND = TASK_TYPES["text_classification"]


def data(n: int, noise: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    labels = np.where(rng.random(n) < 0.5, "a", "b").astype(object)
    features = np.where(labels == "a", 1.0, -1.0)[:, None] * [1, 0.5] + noise * rng.normal(size=(n, 2))
    return features.astype(np.float32), labels


def test_each_label_is_judged_once() -> None:
    features, labels = data(60)
    places, said = out_of_fold_predictions(ESTIMATORS["logistic"], features, np.arange(60), labels, 5, 1)
    assert sorted(places.tolist()) == list(range(60))
    assert (said == labels[places]).all()


def test_no_model_has_seen_what_it_judges() -> None:
    _features, labels = data(200)
    memory = np.eye(200, dtype=np.float32)  # a model can only learn these by heart
    places, said = out_of_fold_predictions(ESTIMATORS["logistic"], memory, np.arange(200), labels, 5, 1)
    assert (said == labels[places]).mean() < 0.65


def test_many_labels_cost_no_more() -> None:
    features, labels = data(MAX_LABELS_TO_FOLD + 200)
    places, _said = out_of_fold_predictions(ESTIMATORS["logistic"], features, np.arange(len(labels)), labels, 5, 1)
    assert len(places) == len(set(places.tolist())) == MAX_LABELS_TO_FOLD


def test_a_fold_without_two_classes_is_left_out() -> None:
    features, _labels = data(40)
    places, said = out_of_fold_predictions(
        ESTIMATORS["logistic"], features, np.arange(40), np.full(40, "a", object), 5, 1
    )
    assert len(places) == len(said) == 0


def test_only_chosen_labels_count() -> None:
    given = turn(trained=80)  # 20 of them of the random arm
    found = count_correct_out_of_fold(given, IterationSettings(), KIND)
    assert found is not None
    assert 0 <= found[0] <= found[1] == 60
    assert count_correct_out_of_fold(turn(trained=MIN_LABELS_TO_FOLD - 1), IterationSettings(), KIND) is None
