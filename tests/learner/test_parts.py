"""F1 of answers with parts, and its interval."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from annotation.tasktypes import TASK_TYPES
from learner.engine.detections.contract import Detections
from learner.engine.detections.packed_detections import pack_detections, unpack_detections
from learner.engine.evaluation.component_counts import count_components
from learner.engine.evaluation.mean_average_precision import average_precision_estimates
from learner.engine.evaluation.task_metrics import (
    box_point_estimates,
    component_point_estimates,
    evaluate_boxes,
    evaluate_components,
)
from tests.scale import scaled

KIND = TASK_TYPES["text_multilabel"]
NAMES = ["a", "b", "c"]


def drawn(n=200, seed=0, wrong=0.15):
    rng = np.random.default_rng(seed)
    truth = rng.random((n, 3)) < [0.5, 0.3, 0.1]
    return truth, truth ^ (rng.random((n, 3)) < wrong)


def targets(table):
    return [
        KIND.answer.target({"labels": [name for name, has in zip(NAMES, row, strict=True) if has]}) for row in table
    ]


def test_figures_are_those_of_scikit_learn():
    truth, said = drawn()
    judged = evaluate_components(KIND, targets(truth), targets(said))
    assert judged.estimates["f1"].value == pytest.approx(f1_score(truth, said, average="micro"))
    assert judged.estimates["macro_f1"].value == pytest.approx(f1_score(truth, said, average="macro"))
    assert judged.estimates["accuracy"].value == pytest.approx((truth == said).all(axis=1).mean())
    assert [row["f1"] for row in judged.per_class] == pytest.approx(f1_score(truth, said, average=None))
    assert [row["support"] for row in judged.per_class] == truth.sum(axis=0).tolist()
    assert judged.confusion is None
    plain = component_point_estimates(KIND, targets(truth), targets(said))
    assert plain == pytest.approx({key: figure.value for key, figure in judged.estimates.items()})


@pytest.mark.statistical
def test_intervals_hold_the_truth_about_nineteen_times_in_twenty():
    real = component_point_estimates(KIND, *map(targets, drawn(20_000, 99)))
    covered = {"f1": [], "macro_f1": []}
    for seed in range(scaled(200)):
        figures = evaluate_components(KIND, *map(targets, drawn(100, seed))).estimates
        for key, held in covered.items():
            held.append(figures[key].low <= real[key] <= figures[key].high)
    assert 0.9 <= np.mean(covered["f1"]) <= 0.985
    assert 0.88 <= np.mean(covered["macro_f1"]) <= 0.985


def boxed(rng, n):
    """Answers of n pictures, and what was found there: most boxes nearly so, and some of nothing."""
    kind, names, truth, found = TASK_TYPES["boxes"], ["a", "b"], {}, []
    for place in range(n):
        boxes, labels = rng.uniform(10, 60, (rng.integers(0, 6), 4)), rng.integers(0, 2, 6)
        each = [
            dict(zip("xywh", box.tolist(), strict=True), label=names[k]) for box, k in zip(boxes, labels, strict=False)
        ]
        truth[str(place)] = kind.answer.target({"boxes": each})
        sides = np.concatenate([boxes + rng.normal(0, 3, boxes.shape), rng.uniform(70, 90, (2, 4))])
        order = np.argsort(-(scores := np.append(rng.beta(4, 2, len(boxes)), rng.beta(2, 4, 2))))
        guessed = np.append(labels[: len(boxes)], rng.integers(0, 2, 2))
        found.append(Detections(sides, guessed, scores, scores).take(order))
    return truth, unpack_detections(pack_detections(np.arange(n), found, names))


@pytest.mark.statistical
def test_intervals_of_average_precision_hold_the_truth_about_nineteen_times_in_twenty():
    kind, rng = TASK_TYPES["boxes"], np.random.default_rng(8)
    real, _ = average_precision_estimates(kind, *boxed(rng, 2000))
    figures = [average_precision_estimates(kind, *boxed(rng, 60)) for _ in range(scaled(60))]
    assert np.mean([mean.low <= real.value <= mean.high for mean, _ in figures]) >= 0.85
    mean, each = figures[0]
    assert mean.value == pytest.approx(np.mean([one.value for one in each.values()]))
    assert mean.n == 60
    assert 0 < mean.high - mean.low < 0.3


def test_average_precision_is_sure_of_nothing_where_all_is_right():
    kind = TASK_TYPES["boxes"]
    box = np.array([[1, 2, 10, 10]], np.float32)
    truth = {
        str(n): kind.answer.target({"boxes": [{"x": 1, "y": 2, "w": 10, "h": 10, "label": "a"}]}) for n in range(40)
    }
    one = Detections(box, np.array([0]), np.array([0.9]), np.array([0.9]))
    mean, _ = average_precision_estimates(
        kind, truth, unpack_detections(pack_detections(np.arange(40), [one] * 40, ["a"]))
    )
    assert mean.value == mean.high == 1
    assert 0.9 < mean.low < 1
    assert average_precision_estimates(
        kind, {"0": "[]"}, unpack_detections(pack_detections(np.arange(1), [one], ["a"]))
    ) == (None, {})


def test_a_part_counts_where_it_is():
    counts = count_components([[("PER", (0, 2)), ("LOC", (5, 9))]], [[("PER", (0, 2)), ("LOC", (5, 8))]])
    assert counts.labels == ["LOC", "PER"]
    assert counts.sums_by_label().tolist() == [[0, 1, 1], [1, 1, 1]]
    assert counts.micro_f1_value() == 0.5


def test_nothing_to_find_and_nothing_said_is_right():
    counts = count_components([[], []], [[], []])
    assert counts.micro_f1_value() == counts.macro_f1_value() == 1
    assert counts.micro_f1().low < 1
    assert count_components([], []).micro_f1().n == 0


def test_all_right_is_not_certain():
    parts = [[("a", None)]] * 40
    estimate = count_components(parts, parts).micro_f1()
    assert estimate.value == estimate.high == 1
    assert 0.85 < estimate.low < 1
    with pytest.raises(ValueError, match="1 answers"):
        count_components([[]], [])


def test_boxes_are_right_when_they_overlap_by_half():
    kind = TASK_TYPES["boxes"]

    def target(*boxes):
        named = [dict(zip(("x", "y", "w", "h", "label"), box, strict=True)) for box in boxes]
        return kind.answer.target({"boxes": named})

    truth = [target((0, 0, 10, 10, "a"), (50, 0, 10, 10, "b")), target(), target((0, 0, 10, 10, "b"))]
    said = [target((1, 0, 10, 10, "a"), (50, 0, 10, 10, "a")), target(), target((0, 1, 10, 10, "b"))]
    judged = evaluate_boxes(kind, truth, said)
    assert judged.estimates["f1"].value == pytest.approx(4 / 6)  # of three and three, two are right
    assert judged.estimates["accuracy"].value == pytest.approx(2 / 3)
    assert [row["label"] for row in judged.per_class] == ["a", "b"]
    assert judged.estimates["macro_f1"].value == pytest.approx((2 / 3 + 2 / 3) / 2)
    assert box_point_estimates(kind, truth, said) == {
        key: pytest.approx(estimate.value) for key, estimate in judged.estimates.items()
    }
    assert evaluate_components(kind, truth, said).estimates["f1"].value == 0
