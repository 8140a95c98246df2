"""Make a neural detector from labelled pictures."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from learner.engine.estimators.detection.dataset import Labelled, labelled, longest_for
from learner.engine.estimators.detection.image_loading import Picture
from learner.engine.estimators.detection.neural.detector import NeuralDetector
from learner.engine.estimators.detection.neural.grid_targets import Wanted, middles, wanted
from learner.engine.estimators.detection.neural.torch_network import Maps, network

MOST_PICTURES = 200  # that are learnt from: a seeded choice where there are more; some two megabytes of each are kept
SMALL = 32.0  # pixels that the usual box of the smallest label shall have across
LONGEST = (256, 512)  # pixels of the longer side that pictures are looked at with, from and to


@dataclass(frozen=True)
class Trainer:
    """Trains detectors over the network of that name, several over the same pictures: each is looked at once."""

    model: str
    seen: dict[tuple[int, int], tuple[Maps, Maps]] = field(default_factory=dict, repr=False)

    def fit(
        self,
        pictures: Sequence[Picture],
        boxes: Sequence[NDArray[np.floating]],
        labels: Sequence[NDArray[np.intp]],
        count: int,
        seed: int,
    ) -> NeuralDetector:
        """Learn as `learner.detection.training.fit` does; the caller holds the pictures. Raises EncoderMissing.

        The same arguments give the same detector on the same processors.
        """
        looks = network(self.model)
        chosen = np.sort(np.random.default_rng(seed).permutation(len(pictures))[:MOST_PICTURES])
        given = [labelled(pictures[place], boxes[place], labels[place], LONGEST[1]) for place in chosen]
        if not any(len(one.boxes) for one in given):
            return NeuralDetector(self.model, {}, LONGEST[0])
        longest = longest_for(given, SMALL, LONGEST)
        given = [one.at(longest) for one in given]
        examples: list[tuple[Maps, Wanted]] = []
        for place, one in zip(chosen, given, strict=True):
            seen = self._seen(pictures[place], one, longest)
            places = middles(seen[0][0].shape, looks.stride)
            ways = zip(seen, (one.boxes, _turned(one)), strict=True)
            examples += [(maps, wanted(found, one.labels, count, places)) for maps, found in ways]
        sides = np.sqrt(np.concatenate([one.boxes[:, 2] * one.boxes[:, 3] for one in given]))
        return NeuralDetector(self.model, looks.teach(examples, count, float(np.median(sides)) / 2, seed), longest)

    def _seen(self, picture: Picture, given: Labelled, longest: int) -> tuple[Maps, Maps]:
        """Return what the network sees in a picture, and in its mirror."""
        key = (id(picture), longest)
        if key not in self.seen:
            look = network(self.model).look
            self.seen[key] = look(given.pixels), look(given.pixels[:, ::-1])
        return self.seen[key]


def _turned(given: Labelled) -> NDArray[np.float32]:
    """Return the boxes (n, 4) in the mirror."""
    left = given.pixels.shape[1] - given.boxes[:, :1] - given.boxes[:, 2:3]
    return np.concatenate([left, given.boxes[:, 1:]], axis=1)
