"""Images to boxes by a network and a head over it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from learner.engine.detections.contract import Detections
from learner.engine.detections.packed_detections import NO_DETECTIONS
from learner.engine.estimators.detection.detector import merge_candidates
from learner.engine.estimators.detection.image_sources import ImageSource, load_pixels, resize_to_longest_side
from learner.engine.estimators.detection.iou import clip_to_image
from learner.engine.estimators.detection.neural import grid_targets
from learner.engine.estimators.detection.neural.torch_network import Head, load_backbone

HEAD_PREFIX = "head."  # of the names of its arrays


@dataclass(frozen=True)
class NeuralDetector:
    """A head, and the name of the network that it is over."""

    kind: ClassVar[str] = "neural"

    model: str
    head: Head  # empty: it detects nothing
    longest: int  # pixels of the longer side of resized images

    def detect(self, images: Sequence[ImageSource]) -> list[Detections]:
        """Return the detections in each image, of any size. Raises EncoderMissing."""
        return [self._detect_in_image(image) if self.head else NO_DETECTIONS for image in images]

    def _detect_in_image(self, image: ImageSource) -> Detections:
        pixels, (width, height) = load_pixels(image)
        resized, network = resize_to_longest_side(pixels, self.longest), load_backbone(self.model)
        heatmaps, edge_distances = network.predict_heatmaps(self.head, network.extract_features(resized))
        centres = grid_targets.cell_centres(heatmaps.shape, network.stride)
        boxes, proba = grid_targets.decode_candidates(heatmaps, edge_distances, centres)
        merged = merge_candidates(clip_to_image(boxes, resized.shape[1], resized.shape[0]), proba)
        scale_back = np.array([width / resized.shape[1], height / resized.shape[0]] * 2, np.float32)
        return replace(merged, boxes=clip_to_image(merged.boxes * scale_back, width, height))

    def metadata_and_arrays(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Return its metadata, which JSON can hold, and its arrays; the network is not among them."""
        arrays: dict[str, NDArray[Any]] = {HEAD_PREFIX + name: part for name, part in self.head.items()}
        return {"model": self.model, "longest": self.longest}, arrays

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Return the detector of these parts."""
        head = {name.removeprefix(HEAD_PREFIX): part for name, part in arrays.items() if name.startswith(HEAD_PREFIX)}
        return cls(metadata["model"], head, metadata["longest"])
