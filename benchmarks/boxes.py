"""How well and how fast boxes are found after so many labelled pictures, chosen by lot or by the doubt of the detector.

python -m benchmarks.boxes bccd_voc.zip [--seeds 3] [--pictures 20 40 60]

The archive holds Pascal VOC files, with train and test in ImageSets/Main. The test pictures judge; average precision at
half overlap is pycocotools' (a test holds that ours is the same).
"""

import argparse
import io
import time
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from defusedxml import ElementTree
from numpy.typing import NDArray
from PIL import Image

from learner.detection.average_precision import Truth, average_precisions
from learner.detection.detector import Detection, Detector
from learner.detection.doubt import DOUBTS
from learner.detection.training import fit
from learner.estimators.scoring import few_threads

Pictures = list[NDArray[np.uint8]]


def read(path: Path, part: str) -> tuple[Pictures, list[list[tuple[str, list[float]]]]]:
    """Return the pictures of a part and the boxes of each, (label, x y w h); those without area are left out."""
    with zipfile.ZipFile(path) as archive:
        files = {PurePosixPath(name).stem + PurePosixPath(name).suffix: name for name in archive.namelist()}
        names = archive.read(files[f"{part}.txt"]).decode().split()
        pictures = [np.asarray(Image.open(io.BytesIO(archive.read(files[f"{n}.jpg"]))).convert("RGB")) for n in names]
        return pictures, [_marked(archive.read(files[f"{name}.xml"])) for name in names]


def _marked(xml: bytes) -> list[tuple[str, list[float]]]:
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


def timed_fit(pictures: Pictures, truth: list[Truth], rows: NDArray[Any], count: int, seed: int) -> Detector:
    started = time.perf_counter()
    boxes, labels = [truth[n][0] for n in rows], [truth[n][1] for n in rows]
    found = fit([pictures[n] for n in rows], boxes, labels, count, seed)
    print(f"  {len(rows)} pictures, fitted in {time.perf_counter() - started:.1f} s", end="", flush=True)
    return found


def timed_detect(detector: Detector, pictures: Pictures) -> list[Detection]:
    started = time.perf_counter()
    found = detector.detect(pictures)
    print(f", {(time.perf_counter() - started) / len(pictures):.2f} s a picture", end="", flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--pictures", type=int, nargs="+", default=[20, 40, 60])
    parser.add_argument("--doubt", choices=["random", *DOUBTS], nargs="+", default=["random", "total"])
    options = parser.parse_args()
    pictures, marked = read(options.data, "train")
    others, known = read(options.data, "test")
    names = sorted({name for one in marked for name, _ in one})
    truth, judge = as_truth(marked, names), as_truth(known, names)
    for doubt in options.doubt:
        for seed in range(options.seeds):
            print(f"{doubt}, seed {seed}")
            rows = np.random.default_rng(seed).permutation(len(pictures))
            for count in options.pictures:
                detector = timed_fit(pictures, truth, rows[:count], len(names), seed)
                scores = average_precisions(judge, timed_detect(detector, others), len(names))
                each = ", ".join(f"{name} {score:.3f}" for name, score in zip(names, scores, strict=True))
                print(f": mAP@50 {scores.mean():.3f} ({each})", flush=True)
                if doubt != "random":
                    rest = rows[count:]
                    unsure = [DOUBTS[doubt](one.leads) for one in detector.detect([pictures[n] for n in rest])]
                    rows = np.concatenate([rows[:count], rest[np.argsort(-np.array(unsure), kind="stable")]])


if __name__ == "__main__":
    with few_threads(1):
        main()
