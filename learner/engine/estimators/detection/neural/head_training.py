"""Make a neural detector from labelled images."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from learner.engine.estimators.detection.image_sources import ImageSource
from learner.engine.estimators.detection.labelled_images import LabelledImage, label_image, longest_side_for
from learner.engine.estimators.detection.neural.grid_targets import GridTargets, cell_centres, grid_targets
from learner.engine.estimators.detection.neural.neural_detector import NeuralDetector
from learner.engine.estimators.detection.neural.torch_network import Maps, load_backbone

MAX_TRAINING_IMAGES = 200  # a seeded choice where there are more; some two megabytes of each are kept
SMALL_BOX_PIXELS = 32.0  # that the median box of the smallest label shall have across
LONGEST_PIXELS = (256, 512)  # of the longer side of resized images, from and to


@dataclass(frozen=True)
class NeuralDetectorTrainer:
    """Trains detectors over the network of that name, several over the same images: the network runs once on each."""

    model: str
    cache: dict[tuple[int, int], tuple[Maps, Maps]] = field(default_factory=dict, repr=False)

    def fit(
        self,
        images: Sequence[ImageSource],
        boxes: Sequence[NDArray[np.floating]],
        labels: Sequence[NDArray[np.intp]],
        label_count: int,
        seed: int,
    ) -> NeuralDetector:
        """Train as `window_training.train_window_detector` does; the caller holds the images. Raises EncoderMissing.

        The same arguments give the same detector on the same processors.
        """
        network = load_backbone(self.model)
        chosen = np.sort(np.random.default_rng(seed).permutation(len(images))[:MAX_TRAINING_IMAGES])
        labelled = [label_image(images[n], boxes[n], labels[n], LONGEST_PIXELS[1]) for n in chosen]
        if not any(len(image.boxes) for image in labelled):
            return NeuralDetector(self.model, {}, LONGEST_PIXELS[0])
        longest = longest_side_for(labelled, SMALL_BOX_PIXELS, LONGEST_PIXELS)
        labelled = [image.resized(longest) for image in labelled]
        examples: list[tuple[Maps, GridTargets]] = []
        for n, image in zip(chosen, labelled, strict=True):
            maps = self._feature_maps(images[n], image, longest)
            centres = cell_centres(maps[0][0].shape, network.stride)
            for own_maps, own_boxes in zip(maps, (image.boxes, _flipped_boxes(image)), strict=True):
                examples.append((own_maps, grid_targets(own_boxes, image.labels, label_count, centres)))
        lengths = np.sqrt(np.concatenate([image.boxes[:, 2] * image.boxes[:, 3] for image in labelled]))
        head = network.train_head(examples, label_count, float(np.median(lengths)) / 2, seed)
        return NeuralDetector(self.model, head, longest)

    def _feature_maps(self, image: ImageSource, labelled: LabelledImage, longest: int) -> tuple[Maps, Maps]:
        """Return the feature maps of an image, and of the flipped one."""
        key = (id(image), longest)
        if key not in self.cache:
            extract = load_backbone(self.model).extract_features
            self.cache[key] = extract(labelled.pixels), extract(labelled.pixels[:, ::-1])
        return self.cache[key]


def _flipped_boxes(labelled: LabelledImage) -> NDArray[np.float32]:
    """Return the boxes (n, 4) in the flipped image."""
    left = labelled.pixels.shape[1] - labelled.boxes[:, :1] - labelled.boxes[:, 2:3]
    return np.concatenate([left, labelled.boxes[:, 1:]], axis=1)
