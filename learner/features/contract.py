"""What every feature set provides."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from learner.matrices import Matrix, stack

CHUNK = 2000  # texts at a time


class Transformer(Protocol):
    """Texts to numbers, the same text always to the same numbers."""

    dimensions: int

    def transform(self, texts: Sequence[str]) -> Matrix:
        """Return (m, dimensions) float32; one transformer makes only arrays, or only scipy.sparse.csr_matrix."""
        ...

    def save(self, folder: Path) -> None:
        """Write all it needs into the folder, as .npz and JSON; may make the folder."""
        ...


class FeatureSet(Protocol):
    """A kind of features: fitted on a sample of the pool once, then applied to every text."""

    name: str
    needs_fit: bool  # False: `fit` does not look at the texts

    def fit(self, texts: Sequence[str], seed: int) -> Any:
        """Return a Transformer fitted on these texts; any number of them, none included."""
        ...

    def load(self, folder: Path) -> Any:
        """Return the Transformer that was saved there."""
        ...


def rows_of(transformer: Transformer, texts: Sequence[str]) -> Matrix:
    """Return the (m, dimensions) features of many texts, one at least, made a chunk at a time."""
    return stack([transformer.transform(texts[low : low + CHUNK]) for low in range(0, len(texts), CHUNK)])
