"""The neural detector: its network is played here by one that sees brightness, and what happens without any."""

import json
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from annotation.models import Project
from annotation.tasktypes.answers.component_matching import intersection_over_union
from learner.engine.estimators import MODELS, estimator_named, load_saved_model
from learner.engine.estimators.detection.neural import grid_targets, head_training, neural_detector
from learner.engine.features.encoders import EncoderMissing, encoding
from learner.engine.task_profiles import TASK_PROFILES
from learner.rounds import estimator_selection, feature_selection, round_settings
from learner.simulations import requests

STRIDE, LABELS = 8, 2


class Bright:
    """Its features are brightness, cell by cell; its head knows which label, and how large objects are."""

    stride = STRIDE

    def __init__(self, model: str) -> None:
        if model == "missing":
            raise EncoderMissing("The network missing cannot be loaded.")
        self.extractions, self.trainings = 0, 0

    def extract_features(self, pixels):
        self.extractions += 1
        height, width = pixels.shape[0] // STRIDE * STRIDE, pixels.shape[1] // STRIDE * STRIDE
        grey = pixels[:height, :width].astype(np.float32).mean(2).reshape(height // STRIDE, STRIDE, -1, STRIDE)
        return (grey.mean((1, 3))[None].astype(np.float16),)

    def train_head(self, examples, count, half_side, seed):
        self.trainings += 1
        for maps, goal in examples:
            assert maps[0].shape[1:] == goal.weights.shape
            for peak in goal.heatmaps[goal.heatmaps.max((1, 2)) > 0]:
                assert (
                    maps[0][0][np.unravel_index(peak.argmax(), peak.shape)] > 200
                )  # where the object is, mirrored too
        seen = np.sum([goal.heatmaps.max((1, 2)) for _, goal in examples], axis=0)
        return {"label": (seen == seen.max()).astype(np.float32), "usual": np.array([half_side], np.float32)}

    def predict_heatmaps(self, head, maps):
        bright = maps[0][0] > 200
        corner = bright & ~np.roll(bright, 1, 0) & ~np.roll(bright, 1, 1)
        heatmaps = np.float32(0.9) * head["label"][:, None, None] * corner
        near, far = STRIDE / 2, 2 * head["usual"][0] - STRIDE / 2
        sides = np.array([near, near, far, far], np.float32)[:, None, None] * np.ones(bright.shape, np.float32)
        return heatmaps.astype(np.float32), sides


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Bright]:
    made: dict[str, Bright] = {}

    def get(model: str) -> Bright:
        if model not in made:
            made[model] = Bright(model)
        return made[model]

    for module in (head_training, neural_detector):
        monkeypatch.setattr(module, "load_backbone", get)
    return get


@pytest.fixture
def squares(tmp_path):
    """20 dark pictures with a bright square of 32 pixels: (files, answers)."""
    rng, files, targets = np.random.default_rng(1), [], []
    for number in range(20):
        pixels = rng.integers(0, 60, (256, 320, 3), dtype=np.uint8)
        x, y = (int(STRIDE * rng.integers(1, most)) for most in (34, 26))
        pixels[y : y + 32, x : x + 32] = 250
        files.append(str(tmp_path / f"{number}.png"))
        Image.fromarray(pixels).save(files[-1])
        targets.append(json.dumps([{"x": x, "y": y, "w": 32, "h": 32, "label": "square"}]))
    return np.array(files, object), np.array(targets, object)


# The grid


def test_cells_have_targets_of_the_objects_around_them():
    places = grid_targets.cell_centres((3, 12, 16), STRIDE)
    assert places.shape == (2, 12, 16)
    assert places[:, 0, 0].tolist() == [4, 4]
    assert places[:, 2, 5].tolist() == [44, 20]
    boxes = np.array([[10, 20, 40, 30], [60, 40, 8, 8], [20, 25, 12, 12]], np.float32)
    goal = grid_targets.grid_targets(boxes, np.array([0, 1, 1]), LABELS, places)
    assert goal.heatmaps.shape == (LABELS, 12, 16)
    assert goal.heatmaps.min() >= 0
    np.testing.assert_allclose([peak.max() for peak in goal.heatmaps], 1)
    assert goal.weights.sum() <= 3 + 1e-5
    inside = goal.weights > 0
    sides = goal.edge_distances[:, inside]
    told = np.stack([*(places[:, inside] - sides[:2]), *(sides[:2] + sides[2:])], axis=1)
    assert {tuple(box) for box in told.round(3).tolist()} == {tuple(box) for box in boxes.tolist()}
    assert tuple(told[np.flatnonzero(inside.ravel()).searchsorted(3 * 16 + 3)]) == (20, 25, 12, 12)  # the smaller wins


def test_boxes_come_back_from_the_targets():
    places = grid_targets.cell_centres((12, 16), STRIDE)
    boxes = np.array([[10, 20, 40, 30], [70, 40, 24, 16]], np.float32)
    goal = grid_targets.grid_targets(boxes, np.array([1, 0]), LABELS, places)
    found, proba = grid_targets.decode_candidates(goal.heatmaps, goal.edge_distances, places)
    assert found.shape == (192, 4)
    assert proba.shape == (192, 1 + LABELS)
    np.testing.assert_allclose(found[:2], boxes[::1] if proba[0, 2] == 1 else boxes[::-1], atol=1e-4)
    np.testing.assert_allclose(proba[:2, 0], 0)
    assert (np.diff(proba[:, 1:].max(1)) <= 0).all()


def test_without_boxes_there_are_no_targets():
    goal = grid_targets.grid_targets(
        np.empty((0, 4), np.float32), np.empty(0, np.intp), LABELS, grid_targets.cell_centres((4, 5), STRIDE)
    )
    assert not goal.heatmaps.any()
    assert not goal.weights.any()


# The estimator


def test_it_finds_what_was_marked_and_comes_back_from_disk(network, squares, tmp_path):
    files, targets = squares
    model = estimator_named("neural_detector:bright")(files[:15], targets[:15], 1)
    assert model.detector.kind == "neural"
    assert model.classes == ("square",)
    assert network("bright").trainings == 2  # once more for the thresholds, of the same feature maps
    assert network("bright").extractions == 2 * 15 + 5
    for said, true in zip(model.predict(files[15:]), targets[15:], strict=True):
        sides = [[box[side] for side in "xywh"] for text in (said, true) for box in json.loads(text)]
        assert len(sides) == 2
        assert intersection_over_union(np.array(sides[:1]), np.array(sides[1:]))[0, 0] > 0.5
    assert model.predict(np.array([str(tmp_path / "lost.png")], object)).tolist() == ["[]"]
    model.save(tmp_path / "model")
    again = load_saved_model(tmp_path / "model")
    assert isinstance(again, MODELS["boxes"])
    assert again.detector.kind == "neural"
    np.testing.assert_array_equal(again.uncertainty(files), model.uncertainty(files))
    np.testing.assert_array_equal(again.predict(files), model.predict(files))


def test_without_any_box_it_finds_nothing(network, squares):
    files, _ = squares
    model = estimator_named("neural_detector:bright")(files, np.array(["[]"] * 20, object), 1)
    assert model.predict(files[:2]).tolist() == ["[]", "[]"]
    assert not network("bright").trainings


def test_pictures_are_looked_at_as_large_as_the_smallest_label_needs(network, squares):
    files, targets = squares
    model = estimator_named("neural_detector:bright")(files[:4], targets[:4], 1)
    assert model.detector.longest == 320  # 32 pixels are what it should be


def test_where_the_network_is_missing_windows_do(network, squares, caplog):
    files, targets = squares
    model = estimator_named("neural_detector:missing")(files[:4], targets[:4], 1)
    assert model.detector.kind == "windows"
    assert "cannot be loaded" in caplog.text


def test_a_name_of_nothing_is_no_estimator():
    for name in ("nonsense", "nonsense:bright", "neural_detector"):
        with pytest.raises(KeyError):
            estimator_named(name)


# In a project


@pytest.fixture
def boxed(project: Project) -> Project:
    project.task_type, project.settings = "boxes", {"estimator": "neural_detector"}
    project.save()
    return project


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "told"), [("tiny", "requirements-encoders.txt"), ("", "MARGIN_IMAGE_ENCODER")])
def test_without_package_or_name_the_default_serves_and_is_told(model, told, boxed, settings, monkeypatch):
    monkeypatch.setattr(encoding, "find_spec", lambda *_: None)
    settings.ENCODERS = {"image_encoder": model}
    assert round_settings.settings_from_project(boxed).estimator == "detector"
    assert told in estimator_selection.fallback_reason(boxed, None)


@pytest.mark.django_db
def test_where_it_is_there_it_is_used_and_a_failure_is_told(boxed, settings, monkeypatch, network, squares):
    monkeypatch.setattr(encoding, "find_spec", lambda *_: object())
    for model, told in (("bright", ""), ("missing", feature_selection.NOT_LOADED)):
        settings.ENCODERS = {"image_encoder": model}
        name = round_settings.settings_from_project(boxed).estimator
        assert name == f"neural_detector:{model}"
        fitted = estimator_named(name)(*(part[:4] for part in squares), 1)
        assert estimator_selection.fallback_reason(boxed, fitted) == told


@pytest.mark.django_db
def test_it_is_offered_for_boxes_alone_and_not_replayed(boxed):
    assert [name for name, one in TASK_PROFILES.items() if "neural_detector" in one.answers.estimators] == ["boxes"]
    assert list(requests.learner_titles(boxed)) == ["detector"]
