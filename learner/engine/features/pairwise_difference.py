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
from learner.engine.features.table_rows import RecordFeatures, TableTransformer

Fields = Mapping[str, Any]  # {"left": product, "left.COLUMN": cell, "right": ..., COLUMN: cell of both}

RECORDS = RecordFeatures()


@dataclass(frozen=True)
class Sides:
    """The transformer."""

    each: TableTransformer  # of one side
    both: TableTransformer  # of what tells about neither side alone

    @property
    def dimensions(self) -> int:
        """How many columns `transform` gives."""
        return self.each.dimensions + self.both.dimensions * bool(self.both.columns)

    def transform(self, contents: Sequence[Fields]) -> NDArray[np.float32]:
        """Return (m, d) float32."""
        left, right = (self.each.transform([of_side(fields, side) for fields in contents]) for side in (LEFT, RIGHT))
        if not self.both.columns:
            return left - right
        return np.hstack([left - right, self.both.transform(contents)])

    def save(self, folder: Path) -> None:
        """Write each/ and both/."""
        self.each.save(folder / "each")
        self.both.save(folder / "both")


class SideFeatures:
    """The feature set."""

    name = "sides"
    needs_fit = True

    def fit(self, contents: Sequence[Fields], seed: int) -> Sides:
        """Find what each column is; a column of both sides is the same one."""
        each = chain.from_iterable((of_side(fields, LEFT), of_side(fields, RIGHT)) for fields in contents)
        both = RECORDS.fit([of_neither(fields) for fields in contents], seed)
        return Sides(RECORDS.fit(list(each), seed), both)

    def load(self, folder: Path) -> Sides:
        """Read what `save` wrote."""
        return Sides(RECORDS.load(folder / "each"), RECORDS.load(folder / "both"))


def of_side(fields: Fields, side: str) -> dict[str, Any]:
    """Return what is known of one side; the product itself has no name.

    >>> of_side({"left": "m31", "left.title": "Alien", "right": "m44", "user": "u7"}, "left")
    {'': 'm31', 'title': 'Alien'}
    """
    start = f"{side}."
    own = {name.removeprefix(start): cell for name, cell in fields.items() if name.startswith(start)}
    return {"": fields.get(side, ""), **own}


def of_neither(fields: Fields) -> dict[str, Any]:
    """Return what tells about neither side alone."""
    sides = (LEFT, RIGHT)
    return {name: cell for name, cell in fields.items() if name.split(".", 1)[0] not in sides}
