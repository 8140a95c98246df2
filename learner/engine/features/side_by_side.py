"""Two sets of columns of the same contents in one matrix: what is made here, then what an encoder makes.

Which of them a model reads is decided elsewhere (see fitting/column_choice), from round to round. The encoder's rows
are as long as those of the usual columns of a text, sqrt(2): of 75 intents with 100 labels that the default strategy
chose, .788 were right with these and .757 with rows of length one (encoder alone .774, without it .610; two seeds).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.engine.contracts.feature_set import FeatureSet, Transformer
from learner.engine.features.encoders import Encoder

FIRST_FOLDER, SECOND_FOLDER = "first", "second"
MAX_UNKNOWN_SHARE = 0.25  # of what contents are made of: an English encoder does not know .66 of Chinese reviews
SAMPLED_CONTENTS = 200  # that are looked at for it
SECOND_LENGTH = np.float32(np.sqrt(2))  # of the encoder's rows, which come with length one


@dataclass(frozen=True)
class SideBySide:
    """The transformer."""

    first: Transformer
    second: Transformer
    is_second_readable: bool = True  # whether the encoder knows what most of the contents are made of

    @property
    def dimensions(self) -> int:
        """How many columns `transform` gives."""
        return self.first.dimensions + self.second.dimensions

    def transform(self, contents: Sequence[Any]) -> NDArray[np.float32]:
        """Return (m, d) float32."""
        return self.transform_beside(contents, SECOND_LENGTH * np.asarray(self.second.transform(contents)))

    def transform_beside(self, contents: Sequence[Any], second: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the same, where its second set of columns (m, d) has been made before."""
        return np.hstack([np.asarray(self.first.transform(contents)), second])

    def save(self, folder: Path) -> None:
        """Write what either needs into a folder of its own."""
        for name, transformer in ((FIRST_FOLDER, self.first), (SECOND_FOLDER, self.second)):
            (folder / name).mkdir(parents=True, exist_ok=True)
            transformer.save(folder / name)


class SideBySideFeatures:
    """The feature set; both sets are dense."""

    def __init__(self, first: FeatureSet, second: FeatureSet) -> None:
        """Put the columns of `second`, an encoder's, behind those of `first`."""
        self.first, self.second = first, second
        self.needs_fit = first.needs_fit or second.needs_fit

    @property
    def name(self) -> str:
        """What versions of it are called."""
        return f"{self.first.name}+{self.second.name}"

    def fit(self, contents: Sequence[Any], seed: int) -> SideBySide:
        """Fit both. Raises EncoderMissing."""
        first, second = self.first.fit(contents, seed), self.second.fit(contents, seed)
        return SideBySide(first, second, _unknown_share(second, contents, seed) <= MAX_UNKNOWN_SHARE)

    def load(self, folder: Path) -> SideBySide:
        """Read what `save` wrote."""
        return SideBySide(self.first.load(folder / FIRST_FOLDER), self.second.load(folder / SECOND_FOLDER))


def _unknown_share(encoder: Transformer, contents: Sequence[Any], seed: int) -> float:
    """Return how much of a sample of the contents an encoder cannot read."""
    some = np.random.default_rng(seed).permutation(len(contents))[:SAMPLED_CONTENTS]
    return encoder.unknown_share([contents[index] for index in some]) if isinstance(encoder, Encoder) else 0.0
