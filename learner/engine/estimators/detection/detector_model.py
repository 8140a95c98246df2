"""What a detector says about pictures: boxes, how sure it is of them, and how unsure of the picture."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from annotation.formats.image_reading import ORIENTATION, SIDEWAYS_ORIENTATIONS, TYPES, copy_of
from annotation.json_values import CANONICAL
from learner.engine.arrays.batched_scoring import Floats, Rows, Unranked, read, write
from learner.engine.arrays.blas_threads import few_threads
from learner.engine.estimators.detection.channel_features import Pixels
from learner.engine.estimators.detection.detections import pack
from learner.engine.estimators.detection.detector import AnyDetector, Detection, Detector
from learner.engine.estimators.detection.image_loading import LEAST, Opener
from learner.engine.estimators.detection.neural.detector import NeuralDetector
from learner.engine.estimators.detection.uncertainty import DOUBTS

DOUBT = "total"
DETECTORS: dict[str, type[Detector | NeuralDetector]] = {kind.kind: kind for kind in (Detector, NeuralDetector)}
SCORED = 300  # pictures looked at to rank a pool: at a fifth of a second each a minute


@dataclass(frozen=True)
class BoxesModel(Unranked):
    """Pictures to boxes: what is called features are files of original pictures, (n,) strings."""

    kind: ClassVar[str] = "boxes"

    detector: AnyDetector
    likely: NDArray[np.float64]  # (k,) scores from which on boxes of each label are said
    classes: tuple[str, ...]  # labels of boxes that it knows, sorted
    seed: int = 0
    features: str = ""  # version of what it was fitted on
    doubt: str = DOUBT  # a key of DOUBTS: how a picture's uncertainty becomes one number
    known: dict[str, Detection | None] = field(default_factory=dict, compare=False, repr=False)  # what it saw already

    def predict_proba(self, features: NDArray[Any], rows: Rows | None = None) -> Floats:
        """Return (n, 2) float32 [1 - u/2, u/2], u from 0 to 1 how unsure it is of a picture: one minus the margin is u.

        Of more than SCORED pictures it looks at so many, chosen by the seed; all others are as doubtful as the
        median of these, so that what it has looked at and doubts comes first.
        """
        files = features if rows is None else features[rows]
        looked = np.sort(np.random.default_rng(self.seed).permutation(len(files))[:SCORED])
        measure = DOUBTS[self.doubt]
        doubts = [measure(found) if found else 0.0 for found in self._found(files[looked])]
        half = np.full(len(files), np.median(doubts) / 2 if doubts else 0, np.float32)
        half[looked] = np.array(doubts, np.float32) / 2
        return np.stack([1 - half, half], axis=1)

    def said(self, features: NDArray[Any], rows: Rows | None, proba: Floats) -> tuple[NDArray[Any], Floats]:
        """Return the probable boxes of each picture as a target, and how probable they are in the mean."""
        targets, scores = [], []
        for found in self._found(features if rows is None else features[rows]):
            sure = found and found.take(found.scores >= self.likely[found.labels])
            targets.append(self._target(sure))
            scores.append(float(sure.scores.mean()) if sure and len(sure.scores) else 0.0)
        return np.array(targets, dtype=object), np.array(scores, np.float32)

    def predict(self, features: NDArray[Any], rows: Rows | None = None) -> NDArray[Any]:
        """Return the probable boxes of each picture as a target."""
        return self.said(features, rows, np.empty((0, 2), np.float32))[0]

    def finds(self, features: NDArray[Any], rows: Rows) -> dict[str, Any]:
        """Return all boxes found in the rows' pictures, probable or not, in the form of `detection.found`."""
        return pack(rows, self._found(features[rows]), self.classes)

    def _target(self, found: Detection | None) -> str:
        """Return boxes as the task type writes them: of two decimals, from top to bottom."""
        if found is None:
            return CANONICAL.encode([])
        named = [
            (*(round(float(side), 2) for side in box), self.classes[label])
            for box, label in zip(found.boxes, found.labels, strict=True)
        ]
        named.sort(key=lambda one: (one[1], one[0], *one[2:]))
        return CANONICAL.encode([dict(zip(("x", "y", "w", "h", "label"), one, strict=True)) for one in named])

    def _found(self, files: Iterable[str]) -> list[Detection | None]:
        """Return what is found in pictures, each looked at once; None for those that cannot be read any more."""
        asked = [str(file) for file in files]
        fresh = [file for file in dict.fromkeys(asked) if file not in self.known]
        opened = dict(zip(fresh, openers(fresh), strict=True))
        readable = {file: opener for file, opener in opened.items() if opener is not None}
        with few_threads(1):
            found = dict(zip(readable, self.detector.detect(list(readable.values())), strict=True))
        self.known.update({file: found.get(file) for file in fresh})
        return [self.known[file] for file in asked]

    def with_features(self, version: str) -> Self:
        """Return the same model, said to be fitted on that version."""
        return replace(self, features=version)

    def save(self, folder: Path) -> None:
        """Write model.npz and model.json into the folder."""
        own, arrays = self.detector.parts()
        facts = {"classes": list(self.classes), "seed": self.seed, "features": self.features, "doubt": self.doubt}
        write(folder, self.kind, facts | own | {"detector": self.detector.kind}, arrays | {"likely": self.likely})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        facts, arrays = read(folder)
        detector = DETECTORS[facts.get("detector", Detector.kind)].of_parts(facts, arrays)
        classes = tuple(facts["classes"])
        return cls(detector, arrays["likely"], classes, facts["seed"], facts["features"], facts["doubt"])


def openers(files: Sequence[str] | NDArray[Any]) -> list[Opener | None]:
    """Return what opens each picture; None where there is none that can be read any more: that must stop no round."""
    return [_opener(str(file)) for file in files]


def _opener(file: str) -> Opener | None:
    """Return what opens a picture: the pixels of its copy for the screen, and the size of the original, upright."""
    try:
        with Image.open(file, formats=tuple(TYPES)) as image:
            width, height = (
                image.size[::-1] if image.getexif().get(ORIENTATION) in SIDEWAYS_ORIENTATIONS else image.size
            )
    except Exception:  # whatever a decoder makes of a broken file
        return None
    copy = copy_of(file, "screen")
    return Opener(partial(_upright, copy if Path(copy).exists() else file), width, height)


def _upright(file: str) -> Pixels:
    """Return the pixels; grey where they are damaged."""
    try:
        with Image.open(file, formats=tuple(TYPES)) as image:
            return np.asarray((ImageOps.exif_transpose(image) or image).convert("RGB"))
    except Exception:  # the same
        return np.full((LEAST, LEAST, 3), 128, np.uint8)
