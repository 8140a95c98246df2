"""Find objects in pictures, on any processor.

Windows of the sizes that the labelled boxes have slide over channels of the picture; a small network says what is in
each and moves it to where the object is; it looks again at what is there; what is about one object becomes one box.
Channels and windows are those of Dollár et al. (PAMI 2014), moving and looking again is Fast and Cascade R-CNN
(Girshick, ICCV 2015; Cai and Vasconcelos, CVPR 2018). `training.fit` makes one.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from learner.engine.estimators.detection import sliding_windows
from learner.engine.estimators.detection.channel_features import Sums, sums
from learner.engine.estimators.detection.image_loading import Picture, opened, resized
from learner.engine.estimators.detection.iou import inside
from learner.engine.estimators.detection.mlp import Network
from learner.engine.estimators.detection.nms import fuse, suppress

Floats = NDArray[Any]  # float32

THREADS = 2  # pictures at once; the caller bounds those of the linear algebra to one, which is faster here
CANDIDATES = 250  # windows of a picture that are looked at again
MOST_OVERLAP = 0.4  # of two boxes of a label
FAINT = 0.02  # score below which nothing is said
MOST_FOUND = 300  # boxes of a picture


@dataclass(frozen=True)
class Detection:
    """What was found in a picture: boxes (n, 4) of x, y, w, h in its pixels, labels (n,) from 0; best first.

    `scores` (n,) say how probable the label is, `leads` (n,) how far the best answer about the box, background
    included, is before the second.
    """

    boxes: Floats
    labels: NDArray[np.intp]
    scores: Floats
    leads: Floats

    def take(self, chosen: NDArray[np.generic]) -> "Detection":
        """Return the boxes at these places, or where it says yes."""
        return Detection(self.boxes[chosen], self.labels[chosen], self.scores[chosen], self.leads[chosen])


class AnyDetector(Protocol):
    """Pictures to boxes, however."""

    kind: ClassVar[str]  # who can read its parts

    def detect(self, pictures: Sequence[Picture]) -> list[Detection]:
        """Return what is found in each picture, of any size."""
        ...

    def parts(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Return all that it is: what JSON can hold, and arrays."""
        ...


@dataclass(frozen=True)
class Detector:
    """Pictures to boxes. Numbers alone."""

    kind: ClassVar[str] = "windows"

    net: Network
    sizes: Floats  # (k, 2) widths and heights of windows, in pixels of the pictures as they are looked at
    longest: int  # pixels of the longer side then

    def detect(self, pictures: Sequence[Picture]) -> list[Detection]:
        """Return what is found in each picture, of any size."""
        with ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(self._detect, pictures))

    def _detect(self, picture: Picture) -> Detection:
        pixels, (width, height) = opened(picture)
        seen = sums(resized(pixels, self.longest))
        boxes = self.candidates(seen)[1]
        proba, moves = self.net(sliding_windows.look(seen, boxes))
        found = settled(inside(sliding_windows.moved(boxes, moves), seen.width, seen.height), proba)
        back = np.array([width / seen.width, height / seen.height] * 2, np.float32)
        return Detection(inside(found.boxes * back, width, height), found.labels, found.scores, found.leads)

    def parts(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Return all that it is: what JSON can hold, and arrays."""
        net = self.net
        layers = {f"weights{n}": part for n, part in enumerate(net.weights)}
        layers |= {f"biases{n}": part for n, part in enumerate(net.biases)}
        arrays = {"mean": net.mean, "scale": net.scale, "sizes": self.sizes}
        return {"longest": self.longest, "layers": len(net.weights)}, arrays | layers

    @classmethod
    def of_parts(cls, facts: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Return what `parts` told of."""
        layers = range(facts["layers"])
        weights, biases = (tuple(arrays[f"{name}{n}"] for n in layers) for name in ("weights", "biases"))
        return cls(Network(arrays["mean"], arrays["scale"], weights, biases), arrays["sizes"], facts["longest"])

    def candidates(self, seen: Sums) -> tuple[Floats, Floats]:
        """Return the windows (n, 4) that are most probably of objects, and the same moved to these."""
        places = sliding_windows.grid(seen.width, seen.height, self.sizes)
        proba, moves = self.net(sliding_windows.look(seen, places))
        best = np.argsort(proba[:, 0], kind="stable")[:CANDIDATES]
        return places[best], sliding_windows.moved(places[best], moves[best])


def settled(boxes: Floats, proba: Floats) -> Detection:
    """Return one box for all candidates (n, 4) about one object, label by label, by their probabilities (n, 1 + k)."""
    best = np.sort(np.pad(proba, ((0, 0), (0, 1))), axis=1)
    lead = best[:, -1] - best[:, -2]
    parts = []
    for label in range(proba.shape[1] - 1):
        rows = np.flatnonzero(proba[:, 1 + label] >= FAINT)
        scores = proba[rows, 1 + label]
        kept, stands = suppress(boxes[rows], scores, MOST_OVERLAP)
        fused = fuse(boxes[rows], scores**2, stands, len(kept)).astype(np.float32)
        parts.append(Detection(fused, np.full(len(kept), label), scores[kept], lead[rows][kept]))
    return _best(parts)


def _best(parts: list[Detection]) -> Detection:
    empty = np.empty(0, np.float32)
    parts = [Detection(empty.reshape(0, 4), np.empty(0, np.intp), empty, empty), *parts]
    joined = Detection(
        np.concatenate([part.boxes for part in parts]),
        np.concatenate([part.labels for part in parts]),
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.leads for part in parts]),
    )
    return joined.take(np.argsort(-joined.scores, kind="stable")[:MOST_FOUND])
