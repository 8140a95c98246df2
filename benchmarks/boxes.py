"""How well and how fast boxes are found after so many labelled pictures, chosen by lot or by the doubt of the detector.

python -m benchmarks.boxes bccd_voc.zip [--seeds 0 1 2] [--pictures 20 40 60] [--network MODEL]

The archive holds Pascal VOC files, with train and test in ImageSets/Main. The test pictures judge; average precision at
half overlap is pycocotools' (a test holds that ours is the same).
"""

import argparse
import io
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from defusedxml import ElementTree
from numpy.typing import NDArray
from PIL import Image

from learner.engine.arrays.blas_threads import limit_blas_threads
from learner.engine.detections.average_precision import Truth, average_precisions
from learner.engine.estimators.detection.detector import BoxDetector
from learner.engine.estimators.detection.image_uncertainty import IMAGE_UNCERTAINTIES
from learner.engine.estimators.detection.neural.head_training import NeuralDetectorTrainer
from learner.engine.estimators.detection.window_training import train_window_detector

Pictures = list[NDArray[np.uint8]]
RANDOM = "random"


def read(path: Path, part: str) -> tuple[Pictures, list[list[tuple[str, list[float]]]]]:
    """Return the pictures of a part and the boxes of each, (label, x y w h); those without area are left out."""
    with zipfile.ZipFile(path) as archive:
        files = {PurePosixPath(name).stem + PurePosixPath(name).suffix: name for name in archive.namelist()}
        names = archive.read(files[f"{part}.txt"]).decode().split()
        pictures = [np.asarray(Image.open(io.BytesIO(archive.read(files[f"{n}.jpg"]))).convert("RGB")) for n in names]
        return pictures, [boxes_of_voc(archive.read(files[f"{name}.xml"])) for name in names]


def boxes_of_voc(xml: bytes) -> list[tuple[str, list[float]]]:
    """Return the (label, [x, y, w, h]) of a Pascal VOC file; boxes without area are left out."""
    found = []
    for thing in ElementTree.fromstring(xml).iter("object"):
        ends = [float(thing.findtext(f"bndbox/{end}", "nan")) for end in ("xmin", "ymin", "xmax", "ymax")]
        left, top, right, bottom = ends
        if right > left and bottom > top:
            found.append((thing.findtext("name", ""), [left, top, right - left, bottom - top]))
    return found


def as_truth(marked: list[list[tuple[str, list[float]]]], names: list[str]) -> list[Truth]:
    return [
        (np.array([box for _, box in one], np.float32).reshape(-1, 4), np.array([names.index(n) for n, _ in one], int))
        for one in marked
    ]


@dataclass(frozen=True)
class Study:
    """The pictures to learn from and those to judge by, and what is on them."""

    pictures: Pictures
    truth: list[Truth]
    others: Pictures
    judge: list[Truth]
    names: list[str]
    network: str = ""  # over which the detector is; empty: over none

    def fit(self, rows: NDArray[Any], seed: int) -> BoxDetector:
        boxes, labels = [self.truth[n][0] for n in rows], [self.truth[n][1] for n in rows]
        train = NeuralDetectorTrainer(self.network).fit if self.network else train_window_detector
        return train([self.pictures[n] for n in rows], boxes, labels, len(self.names), seed)

    def doubtful(self, detector: BoxDetector, rest: NDArray[Any], doubt: str) -> NDArray[Any]:
        """Return the rows of the rest, the most doubtful first."""
        unsure = [IMAGE_UNCERTAINTIES[doubt](found) for found in detector.detect([self.pictures[n] for n in rest])]
        return rest[np.argsort(-np.array(unsure), kind="stable")]


def curve(study: Study, doubt: str, counts: Sequence[int], seed: int, first: BoxDetector) -> list[float]:
    """Print and return mAP@50 after so many pictures; the first of them are random, and `first` is fitted to these."""
    rows, scores = np.random.default_rng(seed).permutation(len(study.pictures)), []
    for place, count in enumerate(counts):
        started = time.perf_counter()
        detector = study.fit(rows[:count], seed) if place else first
        fitted = time.perf_counter()
        found = detector.detect(study.others)
        seconds = (time.perf_counter() - fitted) / len(found)
        each = average_precisions(study.judge, found, len(study.names))
        scores.append(float(each.mean()))
        said = ", ".join(f"{name} {score:.3f}" for name, score in zip(study.names, each, strict=True))
        drawn = sum(len(study.truth[n][0]) for n in rows[:count])
        pace = f"fitted in {fitted - started:.1f} s, {seconds:.2f} s a picture"
        print(
            f"{doubt}, seed {seed}, {count} pictures, {drawn} boxes: mAP@50 {scores[-1]:.3f} ({said}); {pace}",
            flush=True,
        )
        if doubt != RANDOM and count != counts[-1]:
            rows = np.concatenate([rows[:count], study.doubtful(detector, rows[count:], doubt)])
    return scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--pictures", type=int, nargs="+", default=[20, 40, 60])
    parser.add_argument(
        "--doubt", choices=[RANDOM, *IMAGE_UNCERTAINTIES], nargs="+", default=[RANDOM, *IMAGE_UNCERTAINTIES]
    )
    parser.add_argument("--network", default="", metavar="MODEL", help="as MARGIN_IMAGE_ENCODER names one")
    options = parser.parse_args()
    pictures, marked = read(options.data, "train")
    others, known = read(options.data, "test")
    names = sorted({name for one in marked for name, _ in one})
    study = Study(pictures, as_truth(marked, names), others, as_truth(known, names), names, options.network)
    scores: dict[str, list[list[float]]] = {doubt: [] for doubt in options.doubt}
    for seed in options.seeds:
        rows = np.random.default_rng(seed).permutation(len(pictures))[: options.pictures[0]]
        first = study.fit(rows, seed)
        for doubt in options.doubt:
            scores[doubt].append(curve(study, doubt, options.pictures, seed, first))
    for doubt, found in scores.items():
        means = ", ".join(f"{score:.3f}" for score in np.mean(found, axis=0))
        print(f"{doubt}, mean of {len(found)} seeds: {means}")


if __name__ == "__main__":
    with limit_blas_threads(1):
        main()
