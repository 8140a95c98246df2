"""F1 of answers with parts, and its interval."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from annotation.tasktypes import TASK_TYPES
from learner.measures.figures import judge_boxes, judge_parts, plain_boxes, plain_parts
from learner.measures.parts import count_parts

KIND = TASK_TYPES["text_multilabel"]
NAMES = ["a", "b", "c"]


def drawn(n=200, seed=0, wrong=0.15):
    rng = np.random.default_rng(seed)
    truth = rng.random((n, 3)) < [0.5, 0.3, 0.1]
    return truth, truth ^ (rng.random((n, 3)) < wrong)


def targets(table):
    return [KIND.target({"labels": [name for name, has in zip(NAMES, row, strict=True) if has]}) for row in table]


def test_figures_are_those_of_scikit_learn():
    truth, said = drawn()
    judged = judge_parts(KIND, targets(truth), targets(said))
    assert judged.figures["f1"].value == pytest.approx(f1_score(truth, said, average="micro"))
    assert judged.figures["macro_f1"].value == pytest.approx(f1_score(truth, said, average="macro"))
    assert judged.figures["accuracy"].value == pytest.approx((truth == said).all(axis=1).mean())
    assert [row["f1"] for row in judged.per_class] == pytest.approx(f1_score(truth, said, average=None))
    assert [row["support"] for row in judged.per_class] == truth.sum(axis=0).tolist()
    assert judged.confusion is None
    plain = plain_parts(KIND, targets(truth), targets(said))
    assert plain == pytest.approx({key: figure.value for key, figure in judged.figures.items()})


def test_intervals_hold_the_truth_about_nineteen_times_in_twenty():
    real = plain_parts(KIND, *map(targets, drawn(20_000, 99)))
    covered = {"f1": [], "macro_f1": []}
    for seed in range(200):
        figures = judge_parts(KIND, *map(targets, drawn(100, seed))).figures
        for key, held in covered.items():
            held.append(figures[key].low <= real[key] <= figures[key].high)
    assert 0.9 <= np.mean(covered["f1"]) <= 0.985
    assert 0.88 <= np.mean(covered["macro_f1"]) <= 0.985


def test_a_part_counts_where_it_is():
    counts = count_parts([[("PER", (0, 2)), ("LOC", (5, 9))]], [[("PER", (0, 2)), ("LOC", (5, 8))]])
    assert counts.labels == ["LOC", "PER"]
    assert counts.sums().tolist() == [[0, 1, 1], [1, 1, 1]]
    assert counts.micro() == 0.5


def test_nothing_to_find_and_nothing_said_is_right():
    counts = count_parts([[], []], [[], []])
    assert counts.micro() == counts.macro() == 1
    assert counts.micro_f1().low < 1
    assert count_parts([], []).micro_f1().n == 0


def test_all_right_is_not_certain():
    parts = [[("a", None)]] * 40
    estimate = count_parts(parts, parts).micro_f1()
    assert estimate.value == estimate.high == 1
    assert 0.85 < estimate.low < 1
    with pytest.raises(ValueError, match="1 answers"):
        count_parts([[]], [])


def test_boxes_are_right_when_they_overlap_by_half():
    kind = TASK_TYPES["boxes"]

    def target(*boxes):
        named = [dict(zip(("x", "y", "w", "h", "label"), box, strict=True)) for box in boxes]
        return kind.target({"boxes": named})

    truth = [target((0, 0, 10, 10, "a"), (50, 0, 10, 10, "b")), target(), target((0, 0, 10, 10, "b"))]
    said = [target((1, 0, 10, 10, "a"), (50, 0, 10, 10, "a")), target(), target((0, 1, 10, 10, "b"))]
    judged = judge_boxes(kind, truth, said)
    assert judged.figures["f1"].value == pytest.approx(4 / 6)  # of three and three, two are right
    assert judged.figures["accuracy"].value == pytest.approx(2 / 3)
    assert [row["label"] for row in judged.per_class] == ["a", "b"]
    assert judged.figures["macro_f1"].value == pytest.approx((2 / 3 + 2 / 3) / 2)
    assert plain_boxes(kind, truth, said) == {
        key: pytest.approx(estimate.value) for key, estimate in judged.figures.items()
    }
    assert judge_parts(kind, truth, said).figures["f1"].value == 0
