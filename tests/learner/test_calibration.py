"""Calibration: what is said to be 80 % sure is right in 80 %."""

import numpy as np
import pytest

from annotation.tasktypes import TASK_TYPES
from learner.engine.detections.contract import Detections
from learner.engine.detections.packed_detections import pack_detections
from learner.engine.evaluation.calibration import MAX_BINS, MIN_ANSWERS_PER_BIN, measure_calibration
from learner.engine.evaluation.confidence import box_confidences_and_correctness
from tests.scale import scaled


def sample(n: int, seed: int = 0, power: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    sure = rng.uniform(0.4, 1.0, n)
    return sure, rng.random(n) < sure**power


def test_by_hand() -> None:
    sure = np.array([0.6] * 15 + [0.9] * 15)
    right = np.array([True] * 6 + [False] * 9 + [True] * 15)
    found = measure_calibration(sure, right)
    assert [one.right.n for one in found.bins] == [15, 15]
    assert [one.right.value for one in found.bins] == [0.4, 1.0]
    assert found.error == pytest.approx((0.2 + 0.1) / 2)
    assert found.n == 30


@pytest.mark.statistical
def test_a_calibrated_model_errs_as_chance_has_it() -> None:
    draws = scaled(100)
    above = sum((c := measure_calibration(*sample(300, seed))).error > c.by_chance_high for seed in range(draws))
    assert above <= 0.12 * draws
    found = measure_calibration(*sample(300))
    assert 0 < found.by_chance < found.by_chance_high < 0.15


def test_an_overconfident_model_is_found_out() -> None:
    found = measure_calibration(*sample(300, power=3.0))
    assert found.error > found.by_chance_high


def test_bins_share_the_answers_in_order() -> None:
    for n in (1, 29, 31, 100, 1000):
        found = measure_calibration(*sample(n))
        assert sum(one.right.n for one in found.bins) == n
        assert len(found.bins) <= MAX_BINS
        assert n < 2 * MIN_ANSWERS_PER_BIN or min(one.right.n for one in found.bins) >= MIN_ANSWERS_PER_BIN
        assert [one.sure for one in found.bins] == sorted(one.sure for one in found.bins)


def test_more_answers_leave_less_to_chance() -> None:
    assert measure_calibration(*sample(3000)).by_chance < measure_calibration(*sample(300)).by_chance / 2


def test_unequal_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="2 probabilities"):
        measure_calibration(np.array([0.5, 0.6]), np.array([True]))
    with pytest.raises(ValueError, match="0 probabilities"):
        measure_calibration(np.array([]), np.array([]))


def test_boxes_count_each_for_itself_and_only_those_that_were_said() -> None:
    kind = TASK_TYPES["boxes"]

    def target(*boxes: tuple[float, str]) -> str:
        return kind.answer.target(
            {"boxes": [{"x": x, "y": 0.0, "w": 10.0, "h": 10.0, "label": label} for x, label in boxes]}
        )

    spots, labels, scores = [0.0, 20.0, 1.0, 60.0, 40.0], [0, 0, 0, 1, 0], [0.9, 0.8, 0.7, 0.6, 0.1]
    boxes = np.array([[x, 0, 10, 10] for x in spots], np.float32)
    one = Detections(boxes, np.array(labels), np.array(scores, np.float32), np.zeros(5, np.float32))
    found = pack_detections(np.array([4, 9]), [one, None], ["a", "b"])
    truth = {"4": target((0, "a"), (21, "a"), (60, "a")), "9": target()}
    said = {"4": target((0, "a"), (20, "a"), (1, "a"), (60, "b")), "9": target()}
    sure, right = box_confidences_and_correctness(kind, truth, said, found)
    assert sure == pytest.approx([0.9, 0.8, 0.7, 0.6], abs=1e-4)  # the faintest was not said
    assert right.tolist() == [True, True, False, False]  # seen twice, and of another label
    assert [len(part) for part in box_confidences_and_correctness(kind, truth, said, {})] == [0, 0]
