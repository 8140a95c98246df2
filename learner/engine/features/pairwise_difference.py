"""Two products as what they differ in: the columns of each side as numbers, those of the left minus those of the right.

Sides that change places change every sign, so what is learnt of the one order holds for the other. A logistic
regression of these is the model of Bradley and Terry (Rank Analysis of Incomplete Block Designs, Biometrika 1952) for
products that are known by their attributes (Springall, Applied Statistics 1973); with `same` as a third answer that of
Davidson (On Extending the Bradley-Terry Model to Accommodate Ties, JASA 1970).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.tasktypes.preference import LEFT, RIGHT
from learner.engine.features.table_rows import TableRowFeatures, TableTransformer

Fields = Mapping[str, Any]  # {"left": product, "left.COLUMN": cell, "right": ..., COLUMN: cell of both}

TABLE_ROWS = TableRowFeatures()


@dataclass(frozen=True)
class PairTransformer:
    """The transformer."""

    each_side: TableTransformer  # of the columns of one side
    shared: TableTransformer  # of the columns that tell about neither side alone

    @property
    def dimensions(self) -> int:
        """How many columns `transform` gives."""
        return self.each_side.dimensions + self.shared.dimensions * (not self.shared.says_nothing)

    def transform(self, contents: Sequence[Fields]) -> NDArray[np.float32]:
        """Return (m, d) float32."""
        left, right = (
            self.each_side.transform([side_fields(fields, side) for fields in contents]) for side in (LEFT, RIGHT)
        )
        if self.shared.says_nothing:
            return left - right
        return np.hstack([left - right, self.shared.transform(contents)])

    def save(self, folder: Path) -> None:
        """Write each/ and both/."""
        self.each_side.save(folder / "each")
        self.shared.save(folder / "both")


class PairwiseDifferenceFeatures:
    """The feature set."""

    name = "sides"
    needs_fit = True

    def fit(self, contents: Sequence[Fields], seed: int) -> PairTransformer:
        """Find what each column is; a column of both sides is the same one."""
        side_contents = chain.from_iterable(
            (side_fields(fields, LEFT), side_fields(fields, RIGHT)) for fields in contents
        )
        shared = TABLE_ROWS.fit([shared_fields(fields) for fields in contents], seed)
        return PairTransformer(TABLE_ROWS.fit(list(side_contents), seed), shared)

    def load(self, folder: Path) -> PairTransformer:
        """Read what `save` wrote."""
        return PairTransformer(TABLE_ROWS.load(folder / "each"), TABLE_ROWS.load(folder / "both"))


def side_fields(fields: Fields, side: str) -> dict[str, Any]:
    """Return what is known of one side; the product itself has no name.

    >>> side_fields({"left": "m31", "left.title": "Alien", "right": "m44", "user": "u7"}, "left")
    {'': 'm31', 'title': 'Alien'}
    """
    start = f"{side}."
    side_columns = {name.removeprefix(start): cell for name, cell in fields.items() if name.startswith(start)}
    return {"": fields.get(side, ""), **side_columns}


def shared_fields(fields: Fields) -> dict[str, Any]:
    """Return what tells about neither side alone."""
    sides = (LEFT, RIGHT)
    return {name: cell for name, cell in fields.items() if name.split(".", 1)[0] not in sides}
