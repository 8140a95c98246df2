"""The rows of a table as numbers: each column by its kind, side by side. What the fields of an item are called, and
how many there are, is found from the pool.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.engine.features.table_columns import KINDS, Column, clean, column_of

Fields = Mapping[str, Any]  # a row: column -> cell

COLUMNS = 200  # looked at, the first ones
SAMPLE = 20_000  # rows that a column's kind is found from


@dataclass(frozen=True)
class Table:
    """The transformer."""

    columns: tuple[Column, ...]

    @property
    def dimensions(self) -> int:
        """How many columns `transform` gives; one, of zeros, where no column of the table says anything."""
        return sum(column.width for column in self.columns) or 1

    def transform(self, contents: Sequence[Fields]) -> NDArray[np.float32]:
        """Return (m, d) float32."""
        blocks = [column.transform(_cells(contents, column.name)) for column in self.columns]
        return np.hstack(blocks) if blocks else np.zeros((len(contents), 1), np.float32)

    def save(self, folder: Path) -> None:
        """Write records.json."""
        folder.mkdir(parents=True, exist_ok=True)
        facts = [{"kind": column.kind, **asdict(column)} for column in self.columns]
        (folder / "records.json").write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")


class RecordFeatures:
    """The feature set."""

    name = "records"
    needs_fit = True

    def fit(self, contents: Sequence[Fields], seed: int) -> Table:
        """Find what each column is from a sample of the rows."""
        if len(contents) > SAMPLE:
            chosen = np.sort(np.random.default_rng(seed).choice(len(contents), SAMPLE, replace=False))
            contents = [contents[row] for row in chosen]
        names = list(dict.fromkeys(name for fields in contents for name in fields))[:COLUMNS]
        found = (column_of(name, _cells(contents, name)) for name in names)
        return Table(tuple(column for column in found if column is not None))

    def load(self, folder: Path) -> Table:
        """Read what `save` wrote."""
        return Table(tuple(_column(facts) for facts in json.loads((folder / "records.json").read_text("utf-8"))))


def _column(facts: dict[str, Any]) -> Column:
    known = {name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()}
    return KINDS[str(known.pop("kind"))](**known)


def _cells(contents: Sequence[Fields], name: str) -> list[str]:
    return [clean(fields.get(name)) for fields in contents]
