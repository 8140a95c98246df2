"""What every feature set provides."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from learner.engine.arrays.sparse import Matrix, stack

CHUNK = 2000  # items at a time


class Transformer(Protocol):
    """Contents (texts, rows of a table) to numbers, the same content always to the same numbers."""

    dimensions: int

    def transform(self, contents: Sequence[Any], /) -> Matrix:
        """Return (m, dimensions) float32; one transformer makes only arrays, or only scipy.sparse.csr_matrix."""
        ...

    def save(self, folder: Path) -> None:
        """Write all it needs into the folder, as .npz and JSON; may make the folder."""
        ...


class FeatureSet(Protocol):
    """A kind of features: fitted on a sample of the pool once, then applied to every item.

    A content is what the task type's `material` takes of an item (tasklearners.py).
    """

    needs_fit: bool  # False: `fit` does not look at the contents

    @property
    def name(self) -> str:
        """What versions of it are called."""
        ...

    def fit(self, contents: Sequence[Any], seed: int, /) -> Any:
        """Return a Transformer fitted on these contents; any number of them, none included."""
        ...

    def load(self, folder: Path) -> Any:
        """Return the Transformer that was saved there."""
        ...


def rows_of(transformer: Transformer, contents: Sequence[Any]) -> Matrix:
    """Return the (m, dimensions) features of many contents, one at least, made a chunk at a time."""
    return stack([transformer.transform(contents[low : low + CHUNK]) for low in range(0, len(contents), CHUNK)])
