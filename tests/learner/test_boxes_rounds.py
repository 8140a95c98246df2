"""Boxes in the loop: rounds read the pictures, publish what the model would draw, and are judged by overlap."""

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from django.core.files.storage import default_storage
from PIL import Image, ImageDraw

from annotation.imports import image_storage
from annotation.imports.importing import content_hash
from annotation.models import Annotation, Item, JobStatus, Project, QueueEntry, Split
from annotation.queue import answering, leasing
from annotation.queue.answering import Answer
from annotation.tasktypes import TASK_TYPES, AnswerContext
from learner.autopilot.ground_truth import LabelledItems
from learner.autopilot.oracle import read_oracle
from learner.engine.contracts.estimator import PredictedValue
from learner.engine.detections.contract import Detections
from learner.engine.detections.packed_detections import pack_detections
from learner.engine.estimators import ESTIMATORS, MODELS
from learner.models import Round
from learner.reports.learning_curves import newest_model_metrics, test_sample_report
from learner.reports.reliability import reliability_report
from learner.rounds import running
from learner.simulations import requests, worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]
KIND = TASK_TYPES["boxes"]
SIDE = 20


@dataclass(frozen=True)
class Bright:
    """Where an image is bright it detects the label that it was told of first; its uncertainty is the image's mean."""

    kind = "bright"
    classes: tuple[str, ...]
    features: str = ""

    def uncertainty(self, features, rows=None):
        return np.array([self._pixels(path).mean() / 255 for path in self._of(features, rows)], np.float32)

    def predict_with_confidence(self, features, rows=None):
        found = [KIND.answer.target({"boxes": [self._box(path)]}) for path in self._of(features, rows)]
        return PredictedValue(np.array(found, object), np.full(len(found), 0.9, np.float32))

    def predict(self, features, rows=None):
        return self.predict_with_confidence(features, rows).value

    def detect_all(self, features, rows):
        boxes = [[[box[side] for side in "xywh"]] for box in map(self._box, features[rows])]
        one = np.full(1, 0.9, np.float32)
        found = [Detections(np.array(box, np.float32), np.zeros(1, np.intp), one, one) for box in boxes]
        return pack_detections(rows, found, self.classes)

    def tag_features(self, version):
        return replace(self, features=version)

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True)

    def _of(self, features, rows):
        return features if rows is None else features[rows]

    def _pixels(self, path):
        with Image.open(path) as image:
            return np.asarray(image.convert("L"), float)

    def _box(self, path):
        down, across = np.nonzero(self._pixels(path) > 160)
        x, y = float(across.min()), float(down.min())
        return {"x": x, "y": y, "w": across.max() + 1 - x, "h": down.max() + 1 - y, "label": self.classes[0]}


def fit(features, labels, seed, is_random_sample=None):
    return Bright(
        tuple(sorted({label for target in labels for label, _ in KIND.answer.components(KIND.answer.value(target))}))
    )


def bright_square(n: int) -> tuple[bytes, dict]:
    """A dark picture with a bright square somewhere, and the answer that is true of it."""
    x, y = 7 * n % 60, 11 * n % 30
    image = Image.new("L", (90, 60), 30 + n)
    ImageDraw.Draw(image).rectangle((x, y, x + SIDE - 1, y + SIDE - 1), fill=240)
    out = io.BytesIO()
    image.save(out, "PNG")
    label = "spam" if n % 4 == 0 else "ham"
    return out.getvalue(), {"boxes": [{"x": float(x), "y": float(y), "w": 20.0, "h": 20.0, "label": label}]}


@pytest.fixture
def squares(project: Project, monkeypatch: pytest.MonkeyPatch) -> dict[int, dict]:
    """60 pictures; returns what is true of each, by its item."""
    monkeypatch.setitem(ESTIMATORS, "detector", fit)
    monkeypatch.setitem(MODELS, "bright", Bright)
    Project.objects.filter(pk=project.pk).update(task_type="boxes", item_count=60)
    rows, truth = [], []
    for n in range(60):
        raw, value = bright_square(n)
        content = image_storage.store_image(project.pk, raw)
        hidden = {"truth": value["boxes"]}
        rows.append(
            Item(project=project, position=n, content=content, content_hash=content_hash(content), export_only=hidden)
        )
        truth.append(value)
    made = Item.objects.bulk_create(rows)
    return {item.pk: value for item, value in zip(made, truth, strict=True)}


@pytest.fixture
def turn(project: Project) -> Callable[[], Round]:
    def run() -> Round:
        running.run_due_rounds(project.pk)
        row = Round.objects.filter(project=project).latest("number")
        assert row.status == JobStatus.DONE, row.error
        return row

    return run


def answer(project, user, n: int, truth: dict[int, dict]) -> None:
    """Answer the next n items; people draw a pixel beside the truth."""
    given = []
    for row in leasing.lease(project, user, n):
        [box] = truth[row.item_id]["boxes"]
        given.append(Answer(uuid4(), row.item_id, "label", {"boxes": [{**box, "x": box["x"] + 1}]}))
    answering.submit_answers(project, user, given)


def test_a_round_reads_pictures_and_suggests_boxes(project, annotator, squares, turn) -> None:
    project.refresh_from_db()
    first = turn()
    assert first.note
    assert not first.test_predictions
    answer(project, annotator, 50, squares)
    second = turn()
    assert second.metrics["classes"] == ["ham", "spam"]
    assert "out_of_fold" not in second.metrics
    [entry, *_] = QueueEntry.objects.filter(suggestion__isnull=False).order_by("rank")
    assert entry.suggestion_score == pytest.approx(0.9)
    asked = KIND.answer.clean(entry.suggestion, AnswerContext(project.label_names(), entry.item.content))
    assert KIND.answer.components(asked)[0][1] == KIND.answer.components(squares[entry.item_id])[0][1]
    truth = read_oracle(project, "truth")
    assert truth.label_of(entry.item_id) == KIND.answer.target(squares[entry.item_id])

    Item.objects.filter(annotations__isnull=False).update(split=Split.TEST)  # so that there are enough to be judged by
    predictions = {str(n): KIND.answer.target({"boxes": [Bright(("ham",))._box(path)]}) for n, path in _paths(project)}
    assert second.test_detections["labels"] == second.control_detections["labels"] == ["ham", "spam"]
    rows = sorted(int(n) for n in predictions)
    read = np.array([path for _, path in sorted(_paths(project))], object)
    found = Bright(("ham", "spam")).detect_all(read, np.array(rows))
    scores = dict.fromkeys(predictions, 0.9)
    Round.objects.filter(pk=second.pk).update(test_predictions=predictions, test_scores=scores, test_detections=found)
    shown = test_sample_report(project)
    right = np.mean([value["boxes"][0]["label"] == "ham" for pk, value in squares.items() if _answered(pk)])
    assert [one["key"] for one in shown["measures"]] == ["map50", "f1", "macro_f1", "accuracy"]
    assert shown["curve"][-1]["map50"] == shown["current"]["map50"]
    each = {row["label"]: row["average_precision"] for row in shown["current"]["per_class"]}
    assert right <= each["ham"]["value"] < 1
    assert each["spam"]["value"] == 0
    assert newest_model_metrics(project)["map50"]["value"] == pytest.approx(each["ham"]["value"] / 2)
    assert shown["current"]["f1"]["value"] == pytest.approx(right)  # a pixel beside is right
    assert shown["current"]["accuracy"]["value"] == pytest.approx(right)
    assert shown["current"]["confusion"] is None
    found = reliability_report(project, dict(_gold(project)), [Round.objects.get(pk=second.pk)])
    assert found["calibration"]["error"] == pytest.approx(abs(0.9 - right), abs=1e-4)
    assert (found["calibration"]["n"], found["calibration"]["what"]) == (50, "boxes in test images")
    assert found["in_parts"]
    assert found["test_sample"]["value"] == pytest.approx(right)
    assert "five more models" in str(found["biased"]["out_of_fold_reason"])


def test_a_simulation_replays_the_boxes(project, annotator, lead, squares, turn, monkeypatch) -> None:
    monkeypatch.setattr(worker, "MIN_LABELLED", 40)
    monkeypatch.setattr(requests, "MIN_LABELLED", 40)
    project.refresh_from_db()
    turn()
    answer(project, annotator, 45, squares)
    asked = {"strategies": ["random"], "learners": ["detector"], "budget": 20, "batch": 10, "seeds": 1}
    run = requests.request_simulation(Project.objects.get(pk=project.pk), lead, asked)
    worker.run_simulation(run.pk)
    run.refresh_from_db()
    assert (run.status, run.error) == ("done", "")
    assert run.comparison["rows"][0]["full"] == pytest.approx(4 / 9)  # it finds all nine and says ham of each


def test_the_autopilot_measures_by_overlap() -> None:
    read = np.empty(2, object)
    moved = {"x": 2.0, "y": 0.0, "w": 20.0, "h": 20.0, "label": "ham"}
    targets = [KIND.answer.target({"boxes": [{**moved, "x": 0.0}]}), KIND.answer.target({"boxes": []})]

    class Said:
        def predict(self, _features, _rows):
            return np.array([KIND.answer.target({"boxes": [moved]}), KIND.answer.target({"boxes": []})], object)

    class Unsure(Said):
        def detect_all(self, _features, rows):
            one = np.ones(1, np.float32)
            box = np.array([[moved[side] for side in "xywh"]], np.float32)
            return pack_detections(rows, [Detections(box, np.zeros(1, np.intp), one, one), None], ("ham",))

    known = LabelledItems(KIND, read, np.arange(2), np.array(targets))
    found = {"f1": 1.0, "macro_f1": 1.0, "accuracy": 1.0, "n": 2}
    assert known.evaluate_model(Said()) == found  # type: ignore[arg-type]
    assert known.evaluate_model(Unsure()) == {**found, "map50": 1.0}  # type: ignore[arg-type]


def _paths(project):
    rows = Item.objects.filter(project=project).values_list("position", "content")
    return [(position, default_storage.path(content["image"])) for position, content in rows]


def _answered(pk: int) -> bool:
    return Annotation.objects.filter(item=pk).exists()


def _gold(project):
    rows = Annotation.objects.answers().filter(project=project).select_related("item")
    return [(str(row.item.position), KIND.answer.target(row.value)) for row in rows]
