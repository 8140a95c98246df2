"""The default for text: static embeddings beside LSA, each of length one.

Measured with few labels, either beats plain TF-IDF and the two together beat either; see docs/benchmarks.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from learner.features.lsa import Lsa, LsaFeatures
from learner.features.static import StaticEmbedding, StaticFeatures


@dataclass(frozen=True)
class Text:
    """The transformer."""

    static: StaticEmbedding
    lsa: Lsa

    @property
    def dimensions(self) -> int:
        """How many columns `transform` gives."""
        return self.static.dimensions + self.lsa.dimensions

    def transform(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (m, d) float32."""
        return np.hstack([self.static.transform(texts), self.lsa.transform(texts)])

    def save(self, folder: Path) -> None:
        """Write what either part needs."""
        self.static.save(folder)
        self.lsa.save(folder)


class TextFeatures:
    """The feature set."""

    name = "text"
    needs_fit = True

    def fit(self, texts: Sequence[str], seed: int) -> Text:
        """Fit the part that is fitted."""
        return Text(StaticFeatures().fit(texts, seed), LsaFeatures().fit(texts, seed))

    def load(self, folder: Path) -> Text:
        """Read what `save` wrote."""
        return Text(StaticFeatures().load(folder), LsaFeatures().load(folder))
