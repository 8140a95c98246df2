"""What a detector predicts of images: boxes, their confidence, and how uncertain it is of an image."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from annotation.formats.image_reading import ORIENTATION, SIDEWAYS_ORIENTATIONS, TYPES, copy_name
from annotation.json_values import CANONICAL
from learner.engine.arrays.batched_scoring import Floats, Rows
from learner.engine.arrays.blas_threads import limit_blas_threads
from learner.engine.contracts.estimator import PredictedValue
from learner.engine.detections.contract import Detections
from learner.engine.detections.packed_detections import pack_detections
from learner.engine.estimators.detection.channel_features import Pixels
from learner.engine.estimators.detection.detector import BoxDetector, WindowDetector
from learner.engine.estimators.detection.image_sources import MIN_SIDE_PIXELS, ImageLoader
from learner.engine.estimators.detection.image_uncertainty import IMAGE_UNCERTAINTIES
from learner.engine.estimators.detection.neural.neural_detector import NeuralDetector
from learner.engine.estimators.model_files import read_model, write_model

DEFAULT_MEASURE = "total"
DETECTORS: dict[str, type[WindowDetector | NeuralDetector]] = {
    kind.kind: kind for kind in (WindowDetector, NeuralDetector)
}
MAX_SCORED_IMAGES = 300  # to rank a pool: at a fifth of a second each a minute


@dataclass(frozen=True)
class BoxesModel:
    """Images to boxes: what is called features are files of original images, (n,) strings."""

    kind: ClassVar[str] = "boxes"

    detector: BoxDetector
    thresholds: NDArray[np.float64]  # (k,) scores from which on boxes of each label are in the answer
    classes: tuple[str, ...]  # labels of boxes that it knows, sorted
    seed: int = 0
    features: str = ""  # version of what it was fitted on
    measure: str = DEFAULT_MEASURE  # a key of IMAGE_UNCERTAINTIES
    cache: dict[str, Detections | None] = field(default_factory=dict, compare=False, repr=False)  # by file

    def uncertainty(self, features: NDArray[Any], rows: Rows | None = None) -> Floats:
        """Return (n,) float32 in [0, 1] of the images, by the model's measure.

        Of more than MAX_SCORED_IMAGES it runs on so many, chosen by the seed; all others are as uncertain as the
        median of these, so that what it has run on and is uncertain of comes first.
        """
        files = features if rows is None else features[rows]
        scored = np.sort(np.random.default_rng(self.seed).permutation(len(files))[:MAX_SCORED_IMAGES])
        measure = IMAGE_UNCERTAINTIES[self.measure]
        values = [measure(detections) if detections else 0.0 for detections in self._detect_in_files(files[scored])]
        result = np.full(len(files), np.median(values) if values else 0, np.float32)
        result[scored] = np.array(values, np.float32)
        return result

    def predict(self, features: NDArray[Any], rows: Rows | None = None) -> NDArray[Any]:
        """Return the boxes of each image as a target."""
        return self.predict_with_confidence(features, rows).value

    def predict_with_confidence(self, features: NDArray[Any], rows: Rows | None = None) -> PredictedValue:
        """Return the boxes of each image as a target, and their mean score; 0 without boxes."""
        targets, confidences = [], []
        for detections in self._detect_in_files(features if rows is None else features[rows]):
            answer = detections and detections.take(detections.scores >= self.thresholds[detections.labels])
            targets.append(self._answer_target(answer))
            confidences.append(float(answer.scores.mean()) if answer and len(answer.scores) else 0.0)
        return PredictedValue(np.array(targets, dtype=object), np.array(confidences, np.float32))

    def detect_all(self, features: NDArray[Any], rows: Rows) -> dict[str, Any]:
        """Return all detections in the rows' images, whatever their scores, as `pack_detections` writes them."""
        return pack_detections(rows, self._detect_in_files(features[rows]), self.classes)

    def _answer_target(self, answer: Detections | None) -> str:
        """Return boxes as the task type writes them: of two decimals, from top to bottom."""
        if answer is None:
            return CANONICAL.encode([])
        named = [
            (*(round(float(side), 2) for side in box), self.classes[label])
            for box, label in zip(answer.boxes, answer.labels, strict=True)
        ]
        named.sort(key=lambda box: (box[1], box[0], *box[2:]))
        return CANONICAL.encode([dict(zip(("x", "y", "w", "h", "label"), box, strict=True)) for box in named])

    def _detect_in_files(self, files: Iterable[str]) -> list[Detections | None]:
        """Return the detections in images, each opened once; None for those that cannot be read any more."""
        paths = [str(file) for file in files]
        new_paths = [file for file in dict.fromkeys(paths) if file not in self.cache]
        loaders = dict(zip(new_paths, image_loaders(new_paths), strict=True))
        readable = {file: loader for file, loader in loaders.items() if loader is not None}
        with limit_blas_threads(1):
            detections = dict(zip(readable, self.detector.detect(list(readable.values())), strict=True))
        self.cache.update({file: detections.get(file) for file in new_paths})
        return [self.cache[file] for file in paths]

    def tag_features(self, version: str) -> Self:
        """Return the same model, marked as fitted on that version."""
        return replace(self, features=version)

    def save(self, folder: Path) -> None:
        """Write model.npz and model.json into the folder; the keys are those of models stored before."""
        detector_metadata, arrays = self.detector.metadata_and_arrays()
        metadata = {"classes": list(self.classes), "seed": self.seed, "features": self.features, "doubt": self.measure}
        metadata |= detector_metadata | {"detector": self.detector.kind}
        write_model(folder, self.kind, metadata, arrays | {"likely": self.thresholds})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        metadata, arrays = read_model(folder)
        detector = DETECTORS[metadata.get("detector", WindowDetector.kind)].from_metadata(metadata, arrays)
        fields = (metadata["seed"], metadata["features"], metadata["doubt"])
        return cls(detector, arrays["likely"], tuple(metadata["classes"]), *fields)


def image_loaders(files: Sequence[str] | NDArray[Any]) -> list[ImageLoader | None]:
    """Return a loader for each image; None where there is none that can be read any more: that must stop no round."""
    return [_image_loader(str(file)) for file in files]


def _image_loader(file: str) -> ImageLoader | None:
    """Return what loads an image: the pixels of its copy for the screen, and the size of the original, upright."""
    try:
        with Image.open(file, formats=tuple(TYPES)) as image:
            width, height = (
                image.size[::-1] if image.getexif().get(ORIENTATION) in SIDEWAYS_ORIENTATIONS else image.size
            )
    except Exception:  # whatever a decoder makes of a broken file
        return None
    copy = copy_name(file, "screen")
    return ImageLoader(partial(_upright_pixels, copy if Path(copy).exists() else file), width, height)


def _upright_pixels(file: str) -> Pixels:
    """Return the pixels; grey where they are damaged."""
    try:
        with Image.open(file, formats=tuple(TYPES)) as image:
            return np.asarray((ImageOps.exif_transpose(image) or image).convert("RGB"))
    except Exception:  # the same
        return np.full((MIN_SIDE_PIXELS, MIN_SIDE_PIXELS, 3), 128, np.uint8)
