"""What every feature set provides."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from learner.engine.arrays.sparse import Matrix, stack_rows

CHUNK_ITEMS = 2000


class Transformer(Protocol):
    """Contents (texts, rows of a table) to numbers, the same content always to the same numbers."""

    @property
    def dimensions(self) -> int:
        """How many columns `transform` gives."""
        ...

    def transform(self, contents: Sequence[Any], /) -> Matrix:
        """Return (m, dimensions) float32; one transformer makes only arrays, or only scipy.sparse.csr_matrix."""
        ...

    def save(self, folder: Path) -> None:
        """Write all it needs into the folder, as .npz and JSON; may make the folder."""
        ...


class FeatureSet(Protocol):
    """A kind of features: fitted on a sample of the pool once, then applied to every item.

    A content is what the task type's `material` takes of an item (task_profiles.py).
    """

    needs_fit: bool  # False: `fit` does not look at the contents

    @property
    def name(self) -> str:
        """What versions of it are called."""
        ...

    def fit(self, contents: Sequence[Any], seed: int, /) -> Transformer:
        """Return a transformer fitted on these contents; any number of them, none included."""
        ...

    def load(self, folder: Path, /) -> Transformer:
        """Return the transformer that was saved there."""
        ...


def transform_in_chunks(transformer: Transformer, contents: Sequence[Any]) -> Matrix:
    """Return the (m, dimensions) features of many contents, one at least, made a chunk at a time."""
    starts = range(0, len(contents), CHUNK_ITEMS)
    return stack_rows([transformer.transform(contents[low : low + CHUNK_ITEMS]) for low in starts])
