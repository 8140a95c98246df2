"""Queues that the loop made of a small pool of each task type, kept so that a change of the code cannot change them.

Write them again, after a change that is meant to change them: python -m tests.learner.golden_queues
"""

import json
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from PIL import Image

from learner.engine.contracts.iteration import IterationInput, IterationResult, IterationSettings
from learner.engine.detections.contract import Detections
from learner.engine.estimators import ESTIMATORS
from learner.engine.estimators.detection.detector_model import BoxesModel
from learner.engine.estimators.detection.image_sources import load_pixels
from learner.engine.loop.iteration import build_queue, fit_models
from learner.engine.uncertainty.pool_scores import score_pool
from tests.learner.test_crf import corpus
from tests.learner.test_factors import tastes
from tests.learner.test_iteration import cloud
from tests.learner.test_relevance import blobs

FILE = Path(__file__).with_suffix(".json")
BY_UNCERTAINTY = (
    *("boltzmann_kmeans", "boltzmann", "power", "softrank", "margin", "weighted_kmeans", "cluster_margin"),
    *("density_weighted", "mixture"),
)
BY_CLASSES = (
    *BY_UNCERTAINTY,
    "entropy",
    "badge",
    "bald",
    "error_reduction",
    "class_balanced",
    "rare_class",
    "relevance",
)
# task type -> its estimators that are tried, and by which strategies
TRIED = {
    "text_classification": (("logistic",), BY_CLASSES),
    "text_multilabel": (("relevance", "relevance_least"), BY_UNCERTAINTY),
    "records": (("forest",), ("boltzmann_kmeans", "margin")),
    "record_numbers": (("ridge", "number_trees"), BY_UNCERTAINTY),
    "image_classification": (("svm",), ("boltzmann_kmeans", "margin")),
    "spans": (("crf", "crf_total"), BY_UNCERTAINTY),
    "boxes": (("detector",), BY_UNCERTAINTY),
    "ratings": (("factors",), (*BY_UNCERTAINTY, "new_users")),
    "preference": (("committee",), ("boltzmann_kmeans", "margin")),
}


def pool(task: str, folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Return features (n, d), targets (n,) and, where the estimator reads them, contents (n,)."""
    n = 120
    features = np.random.default_rng(7).standard_normal((n, 8)).astype(np.float32)
    if task == "text_multilabel":
        found, _, labels = blobs(n, spread=0.4)
        return found, labels, None
    if task == "record_numbers":
        rng = np.random.default_rng(3)
        found = rng.normal(size=(n, 6)).astype(np.float32)
        numbers = np.clip(50 + 12 * found[:, 0] - 6 * found[:, 1] + 4 * rng.normal(size=n), 0, 100)
        return found, numbers.round().astype(str), None
    if task == "spans":
        texts, labels = corpus(n, 8)
        return features, labels, texts
    if task == "boxes":
        files, labels = squares(n, folder)
        return features, labels, files
    if task == "ratings":
        contents, scores, _, _ = tastes()
        chosen = np.random.default_rng(2).permutation(len(contents))[: 2 * n]
        wide = np.random.default_rng(7).standard_normal((2 * n, 8)).astype(np.float32)
        return wide, np.array([f"{score:g}" for score in scores[chosen]]), contents[chosen]
    found, labels = cloud(n, seed=len(task))
    return found, labels, None


def squares(n: int, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the files of n pictures, every third with two squares, and the boxes around these."""
    rng, files, targets = np.random.default_rng(1), [], []
    for number in range(n):
        pixels, boxes = rng.integers(0, 60, (48, 64, 3), dtype=np.uint8), []
        for label, color in (("red", (230, 60, 60)), ("blue", (60, 60, 230)))[: 1 + (number % 3 == 0)]:
            x, y = int(rng.integers(2, 44)), int(rng.integers(2, 28))
            pixels[y : y + 16, x : x + 16] = color
            boxes.append({"x": x, "y": y, "w": 16, "h": 16, "label": label})
        files.append(str(folder / f"{number}.png"))
        Image.fromarray(pixels).save(files[-1])
        targets.append(json.dumps(boxes))
    return np.array(files, object), np.array(targets, object)


class Painted:
    """Finds red and blue squares, and is the surer of them the darker the rest of the image; nothing is trained."""

    kind = "painted"

    def detect(self, images):
        return [self._detect(load_pixels(image)[0].astype(int)) for image in images]

    def _detect(self, pixels):
        boxes, labels = [], []
        for label, (strong, weak) in enumerate(((2, 0), (0, 2))):
            down, across = np.nonzero((pixels[..., strong] > 200) & (pixels[..., weak] < 100))
            if len(down):
                boxes.append((across.min(), down.min(), np.ptp(across) + 1, np.ptp(down) + 1))
                labels.append(label)
        leads = np.float32(0.1) + np.float32(0.8) * (pixels[..., 1].ravel()[: len(boxes)] / np.float32(60))
        order = np.argsort(-leads, kind="stable")
        found = Detections(np.array(boxes, np.float32), np.array(labels, np.intp), (1 + leads) / 2, leads)
        return found.take(order)


def painted(features, labels, seed, is_random_sample=None):
    return BoxesModel(Painted(), np.full(2, 0.6), ("blue", "red"), seed)


def second_round(items: tuple[np.ndarray, np.ndarray, Any]) -> IterationInput:
    """Return the second round of a pool: a quarter is labelled, of this a half at random; ten items are the test."""
    features, labels, contents = items
    n = len(labels)
    train, test = np.arange(n // 4), np.arange(n - 10, n)
    available = np.ones(n, bool)
    available[train] = available[test] = False
    return IterationInput(
        features=features,
        train_rows=train,
        train_labels=labels[train],
        control_rows=train[: n // 8],
        control_labels=labels[train[: n // 8]],
        available=available,
        random_rows=np.random.default_rng(3).permutation(np.arange(n // 4, n - 10)),
        test_rows=test,
        open_test_rows=test[5:],
        seed=11,
        round_number=2,
        stop_set_rows=np.arange(n - 20, n - 10),
        contents=contents,
    )


def queues(task: str, estimator: str, folder: Path) -> dict[str, Any]:
    """Return what an estimator says of a pool, and the queue of each strategy over it."""
    inp, kept = second_round(pool(task, folder)), {}
    with mock.patch.dict(ESTIMATORS, {"detector": painted}):
        learnt = fit_models(inp, IterationSettings(estimator=estimator))
        scores = score_pool(learnt.model, inp.model_input)
        for strategy in TRIED[task][1]:
            settings = IterationSettings(strategy=strategy, estimator=estimator, batch_size=5, depth=12)
            result = build_queue(inp, settings, learnt, scores)
            kept[strategy] = queue(result)
    return said(result) | {"queues": kept}


def queue(result: IterationResult) -> dict[str, Any]:
    return {
        "rows": [choice.row for choice in result.choices],
        "reasons": " ".join(choice.reason for choice in result.choices),
        "scores": [choice.score for choice in result.choices],
        "probabilities": [choice.probability for choice in result.choices],
        "label_scores": [choice.label_score for choice in result.choices],
        "beta": None if result.beta is None or np.isinf(result.beta) else result.beta,
        "effective_pool": result.effective_pool,
    }


def said(result: IterationResult) -> dict[str, Any]:
    return {
        "uncertainty": list(result.remaining_uncertainty),
        "test_scores": [float(score) for score in result.test_scores],
        "test_predictions": [str(label) for label in result.test_predictions],
        "control_predictions": [str(label) for label in result.control_predictions],
        "stop_predictions": [str(label) for label in result.stop_set_predictions],
    }


def every_queue() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        return {
            f"{task} {estimator}": queues(task, estimator, Path(folder))
            for task, (estimators, _) in TRIED.items()
            for estimator in estimators
        }


if __name__ == "__main__":
    lines = [f"{json.dumps(key)}: {json.dumps(one, ensure_ascii=False)}" for key, one in every_queue().items()]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
