"""Pictures to boxes by a network and a head over it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from learner.engine.estimators.detection.detections import NOTHING
from learner.engine.estimators.detection.detector import Detection, settled
from learner.engine.estimators.detection.image_loading import Picture, opened, resized
from learner.engine.estimators.detection.iou import inside
from learner.engine.estimators.detection.neural import grid_targets
from learner.engine.estimators.detection.neural.torch_network import Head, network

OF_HEAD = "head."  # before the names of its arrays


@dataclass(frozen=True)
class NeuralDetector:
    """A head, and the name of the network that it is over."""

    kind: ClassVar[str] = "neural"

    model: str
    head: Head  # empty: it knows nothing, and finds nothing
    longest: int  # pixels of the longer side that pictures are looked at with

    def detect(self, pictures: Sequence[Picture]) -> list[Detection]:
        """Return what is found in each picture, of any size. Raises EncoderMissing."""
        return [self._detect(picture) if self.head else NOTHING for picture in pictures]

    def _detect(self, picture: Picture) -> Detection:
        pixels, (width, height) = opened(picture)
        seen, looks = resized(pixels, self.longest), network(self.model)
        hills, sides = looks.say(self.head, looks.look(seen))
        boxes, proba = grid_targets.candidates(hills, sides, grid_targets.middles(hills.shape, looks.stride))
        found = settled(inside(boxes, seen.shape[1], seen.shape[0]), proba)
        back = np.array([width / seen.shape[1], height / seen.shape[0]] * 2, np.float32)
        return Detection(inside(found.boxes * back, width, height), found.labels, found.scores, found.leads)

    def parts(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Return all that it is but for the network: what JSON can hold, and arrays."""
        arrays: dict[str, NDArray[Any]] = {OF_HEAD + name: part for name, part in self.head.items()}
        return {"model": self.model, "longest": self.longest}, arrays

    @classmethod
    def of_parts(cls, facts: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Return what `parts` told of."""
        head = {name.removeprefix(OF_HEAD): part for name, part in arrays.items() if name.startswith(OF_HEAD)}
        return cls(facts["model"], head, facts["longest"])
