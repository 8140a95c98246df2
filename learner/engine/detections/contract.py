"""What a detector finds in an image."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]  # float32


@dataclass(frozen=True)
class Detections:
    """The detections in an image: boxes (n, 4) of x, y, w, h in its pixels, labels (n,) from 0; best first.

    `scores` (n,) are the probabilities of the labels, `leads` (n,) how far the most probable class of a box,
    background included, is before the second.
    """

    boxes: Floats
    labels: NDArray[np.intp]
    scores: Floats
    leads: Floats

    def take(self, chosen: NDArray[np.generic]) -> "Detections":
        """Return the boxes at these positions, or where the mask is true."""
        return Detections(self.boxes[chosen], self.labels[chosen], self.scores[chosen], self.leads[chosen])
