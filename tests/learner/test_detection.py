"""Boxes: overlap, suppression, average precision as others compute it, and an estimator that learns small pictures."""

import contextlib
import io
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from annotation.tasktypes.answers.component_matching import intersection_over_union
from learner.engine.detections.average_precision import average_precisions, rank_detections
from learner.engine.detections.contract import Detections
from learner.engine.detections.packed_detections import pack_detections, unpack_detections
from learner.engine.estimators import ESTIMATORS, load_saved_model
from learner.engine.estimators.detection.image_uncertainty import IMAGE_UNCERTAINTIES
from learner.engine.estimators.detection.nms import suppress_overlaps
from tests.scale import scaled

SIDE = st.floats(0.5, 50)
BOXES = st.lists(st.tuples(SIDE, SIDE, SIDE, SIDE), min_size=1, max_size=12).map(np.array)


@given(BOXES, BOXES)
@settings(max_examples=scaled(40), deadline=None)
def test_overlap_is_symmetric_bounded_and_one_with_itself(a, b):
    found = intersection_over_union(a, b)
    assert ((found >= 0) & (found <= 1 + 1e-9)).all()
    np.testing.assert_allclose(found, intersection_over_union(b, a).T)
    np.testing.assert_allclose(np.diag(intersection_over_union(a, a)), 1)


@given(BOXES, st.integers(0, 99))
@settings(max_examples=scaled(40), deadline=None)
def test_what_is_kept_overlaps_little_and_represents_the_rest(boxes, seed):
    scores = np.random.default_rng(seed).random(len(boxes))
    kept, representative = suppress_overlaps(boxes, scores, 0.4)
    likeness = intersection_over_union(boxes[kept], boxes[kept]) - np.eye(len(kept))
    assert (likeness <= 0.4 + 1e-9).all()
    assert kept[0] == scores.argmax()
    assert (scores[kept[representative]] >= scores).all()


def test_average_precision_is_that_of_pycocotools():
    rng, truth, found, answers, said = np.random.default_rng(3), [], [], [], []
    for image in range(12):
        boxes, labels = rng.uniform(5, 60, (8, 4)), rng.integers(0, 2, 8)
        near = np.concatenate([np.maximum(boxes + rng.normal(0, 5, boxes.shape), 1), rng.uniform(5, 60, (6, 4))])
        scores, kinds = rng.random(14).astype(np.float32), np.concatenate([labels, rng.integers(0, 2, 6)])
        truth.append((boxes, labels))
        found.append(Detections(near, kinds, scores, scores))
        for box, label in zip(boxes, labels, strict=True):
            one = {"id": len(answers) + 1, "image_id": image, "category_id": int(label), "bbox": box.tolist()}
            answers.append({**one, "area": float(box[2] * box[3]), "iscrowd": 0})
        for box, label, score in zip(near, kinds, scores, strict=True):
            one = {"image_id": image, "category_id": int(label), "bbox": box.tolist(), "score": float(score)}
            said.append(one)
    with contextlib.redirect_stdout(io.StringIO()):
        known = COCO()
        known.dataset = {"images": [{"id": n} for n in range(12)], "annotations": answers}
        known.dataset["categories"] = [{"id": n} for n in range(2)]
        known.createIndex()
        judge = COCOeval(known, known.loadRes(said), "bbox")
        judge.evaluate()
        judge.accumulate()
    theirs = judge.eval["precision"][0, :, :, 0, 2].mean(axis=0)
    np.testing.assert_allclose(average_precisions(truth, found, 2), theirs, atol=1e-6)


@pytest.mark.parametrize("measure", IMAGE_UNCERTAINTIES.values())
def test_uncertainty_is_bounded_and_falls_with_the_lead(measure):
    assert 0 <= measure(_detections([0.9, 0.95])) < measure(_detections([0.1, 0.2])) <= 1
    assert measure(_detections([])) == 0


def _detections(leads):
    """Detections of one label, with these leads over the background."""
    leads = np.array(leads)
    return Detections(np.zeros((len(leads), 4)), np.zeros(len(leads), np.intp), (1 + leads) / 2, leads)


def test_the_uncertainty_of_the_count_weighs_labels_alike_and_not_boxes():
    scores, labels = np.array([0.9, 0.8, 0.75, 0.5, 0.4, 0.1]), np.array([0, 0, 0, 0, 1, 1])
    found = Detections(np.zeros((6, 4)), labels, scores, scores)
    assert IMAGE_UNCERTAINTIES["count"](found) == pytest.approx((1 / 4 + 1) / 2)


def test_what_was_found_comes_back_but_for_the_leads():
    rng = np.random.default_rng(5)
    scores = np.sort(rng.random(120).astype(np.float32))[::-1]
    many = Detections(rng.uniform(0, 9000, (120, 4)).astype(np.float32), rng.integers(0, 2, 120), scores, scores)
    found = unpack_detections(
        json.loads(json.dumps(pack_detections(np.array([7, 3, 9]), [many, None, many.take(np.arange(2))], ["a", "b"])))
    )
    assert found.names == ["a", "b"]
    assert len(found.at("3").scores) == len(found.at("8").scores) == 0
    for position, n in (("7", 100), ("9", 2)):
        again = found.at(position)
        np.testing.assert_allclose(again.boxes, many.boxes[:n], atol=0.051)
        np.testing.assert_allclose(again.scores, many.scores[:n], atol=1e-4)
        np.testing.assert_array_equal(again.labels, many.labels[:n])


def test_an_image_that_counts_twice_is_there_twice():
    rng, truth, found = np.random.default_rng(2), [], []
    for _ in range(5):
        boxes = rng.uniform(5, 60, (6, 4))
        near = np.maximum(boxes + rng.normal(0, 6, boxes.shape), 1)
        truth.append((boxes, np.zeros(6, np.intp)))
        found.append(Detections(near, np.zeros(6, np.intp), rng.random(6), np.zeros(6)))
    times = np.array([2, 0, 1, 3, 0])
    drawn = np.repeat(np.arange(5), times)
    again = average_precisions([truth[n] for n in drawn], [found[n] for n in drawn], 1)
    assert 0.2 < again[0] < 1
    assert rank_detections(truth, found, 0).average_precision(times[None]) == pytest.approx(
        again, abs=0.02
    )  # equal scores fall together
    assert np.isnan(rank_detections(truth, found, 1).average_precision(times[None])).all()


def test_it_learns_bright_squares_and_comes_back_from_disk(tmp_path):
    rng, files, targets = np.random.default_rng(1), [], []
    for number in range(6):
        pixels = rng.integers(0, 60, (96, 128, 3), dtype=np.uint8)
        x, y = int(rng.integers(5, 90)), int(rng.integers(5, 60))
        pixels[y : y + 28, x : x + 28] = (230, 60, 60)
        files.append(str(tmp_path / f"{number}.png"))
        Image.fromarray(pixels).save(files[-1])
        targets.append(json.dumps([{"x": x, "y": y, "w": 28, "h": 28, "label": "square"}]))
    files, targets = np.array(files, object), np.array(targets, object)
    model = ESTIMATORS["detector"](files[:5], targets[:5], 1)
    (box,) = json.loads(model.predict(files[5:])[0])
    truth = json.loads(targets[5])[0]
    sides = [[one[side] for side in ("x", "y", "w", "h")] for one in (box, truth)]
    assert intersection_over_union(np.array(sides[:1]), np.array(sides[1:]))[0, 0] > 0.6
    lost = np.array([str(tmp_path / "lost.png")], object)
    assert model.predict(lost).tolist() == ["[]"]
    model.save(tmp_path / "model")
    again = load_saved_model(tmp_path / "model")
    np.testing.assert_array_equal(again.uncertainty(files), model.uncertainty(files))


def test_without_any_box_it_finds_nothing(tmp_path):
    Image.new("RGB", (40, 30)).save(tmp_path / "a.png")
    files = np.array([str(tmp_path / "a.png")], object)
    model = ESTIMATORS["detector"](files, np.array(["[]"], object), 1)
    assert model.predict(files).tolist() == ["[]"]
