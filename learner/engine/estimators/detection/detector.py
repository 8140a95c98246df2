"""Find objects in images, on any processor.

Windows of the sizes that the labelled boxes have slide over channels of the image; a small network tells what is in
each and moves it to where the object is; it runs again on what is there; boxes about one object become one.
Channels and windows are those of Dollár et al. (PAMI 2014), moving and running again is Fast and Cascade R-CNN
(Girshick, ICCV 2015; Cai and Vasconcelos, CVPR 2018). `window_training.train_window_detector` makes one.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from learner.engine.detections.contract import Detections, Floats
from learner.engine.estimators.detection import sliding_windows
from learner.engine.estimators.detection.channel_features import IntegralImage, integral_image
from learner.engine.estimators.detection.image_sources import ImageSource, load_pixels, resize_to_longest_side
from learner.engine.estimators.detection.iou import clip_to_image
from learner.engine.estimators.detection.mlp import MLP
from learner.engine.estimators.detection.nms import fuse_overlapping_boxes, suppress_overlaps

IMAGE_THREADS = 2  # images at once; the caller bounds those of the linear algebra to one, which is faster here
MAX_REFINED_WINDOWS = 250  # windows of an image that the network runs on again
MAX_OVERLAP = 0.4  # of two boxes of a label
MIN_SCORE = 0.02  # of a detection
MAX_BOXES = 300  # of an image


class BoxDetector(Protocol):
    """Images to boxes, by whatever means."""

    kind: ClassVar[str]  # a key of DETECTORS: who can read its parts

    def detect(self, images: Sequence[ImageSource]) -> list[Detections]:
        """Return the detections in each image, of any size."""
        ...

    def metadata_and_arrays(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Return its metadata, which JSON can hold, and its arrays."""
        ...


@dataclass(frozen=True)
class WindowDetector:
    """Images to boxes by sliding windows. Numbers alone."""

    kind: ClassVar[str] = "windows"

    net: MLP
    sizes: Floats  # (k, 2) widths and heights of windows, in pixels of the resized images
    longest: int  # pixels of the longer side of a resized image

    def detect(self, images: Sequence[ImageSource]) -> list[Detections]:
        """Return the detections in each image, of any size."""
        with ThreadPoolExecutor(IMAGE_THREADS) as pool:
            return list(pool.map(self._detect_in_image, images))

    def _detect_in_image(self, source: ImageSource) -> Detections:
        pixels, (width, height) = load_pixels(source)
        image = integral_image(resize_to_longest_side(pixels, self.longest))
        boxes = self.refined_windows(image)[1]
        proba, deltas = self.net(sliding_windows.extract_features(image, boxes))
        merged = merge_candidates(
            clip_to_image(sliding_windows.apply_deltas(boxes, deltas), image.width, image.height), proba
        )
        scale_back = np.array([width / image.width, height / image.height] * 2, np.float32)
        return replace(merged, boxes=clip_to_image(merged.boxes * scale_back, width, height))

    def metadata_and_arrays(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Return its metadata, which JSON can hold, and its arrays."""
        net = self.net
        layers = {f"weights{n}": part for n, part in enumerate(net.weights)}
        layers |= {f"biases{n}": part for n, part in enumerate(net.biases)}
        arrays = {"mean": net.mean, "scale": net.scale, "sizes": self.sizes}
        return {"longest": self.longest, "layers": len(net.weights)}, arrays | layers

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Return the detector of these parts."""
        layers = range(metadata["layers"])
        weights, biases = (tuple(arrays[f"{name}{n}"] for n in layers) for name in ("weights", "biases"))
        net = MLP(arrays["mean"], arrays["scale"], weights, biases)
        return cls(net, arrays["sizes"], metadata["longest"])

    def refined_windows(self, image: IntegralImage) -> tuple[Floats, Floats]:
        """Return the windows (n, 4) that are most probably of objects, and the same moved to these."""
        windows = sliding_windows.window_grid(image.width, image.height, self.sizes)
        proba, deltas = self.net(sliding_windows.extract_features(image, windows))
        best = np.argsort(proba[:, 0], kind="stable")[:MAX_REFINED_WINDOWS]
        return windows[best], sliding_windows.apply_deltas(windows[best], deltas[best])


def merge_candidates(boxes: Floats, proba: Floats) -> Detections:
    """Return one box for all candidates (n, 4) about one object, label by label, by their probabilities (n, 1 + k)."""
    ordered = np.sort(np.pad(proba, ((0, 0), (0, 1))), axis=1)
    leads = ordered[:, -1] - ordered[:, -2]
    empty = np.empty(0, np.float32)
    detections_by_label = [Detections(empty.reshape(0, 4), np.empty(0, np.intp), empty, empty)]
    for label in range(proba.shape[1] - 1):
        rows = np.flatnonzero(proba[:, 1 + label] >= MIN_SCORE)
        scores = proba[rows, 1 + label]
        kept, representative = suppress_overlaps(boxes[rows], scores, MAX_OVERLAP)
        fused = fuse_overlapping_boxes(boxes[rows], scores**2, representative, len(kept)).astype(np.float32)
        detections_by_label.append(Detections(fused, np.full(len(kept), label), scores[kept], leads[rows][kept]))
    joined = Detections(
        np.concatenate([part.boxes for part in detections_by_label]),
        np.concatenate([part.labels for part in detections_by_label]),
        np.concatenate([part.scores for part in detections_by_label]),
        np.concatenate([part.leads for part in detections_by_label]),
    )
    return joined.take(np.argsort(-joined.scores, kind="stable")[:MAX_BOXES])
