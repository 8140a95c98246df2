"""The rows of a table as numbers: each column by its kind, side by side. The columns, and how many
there are, are those of the pool.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.engine.features.table_columns import COLUMN_KINDS, Column, clean_cell, fit_column

Fields = Mapping[str, Any]  # a row: column -> cell

MAX_COLUMNS = 200  # the first ones
MAX_FITTED_ROWS = 20_000
# what fields of columns are called in records.json
STORED_NAMES = {"median": "middle", "mode": "usual", "has_missing": "gaps"}


@dataclass(frozen=True)
class TableTransformer:
    """The transformer."""

    columns: tuple[Column, ...]

    @property
    def dimensions(self) -> int:
        """How many columns `transform` gives; one, of zeros, where no column of the table says anything."""
        return sum(column.width for column in self.columns) or 1

    def transform(self, contents: Sequence[Fields]) -> NDArray[np.float32]:
        """Return (m, d) float32."""
        blocks = [column.transform(_cells_of_column(contents, column.name)) for column in self.columns]
        return np.hstack(blocks) if blocks else np.zeros((len(contents), 1), np.float32)

    def save(self, folder: Path) -> None:
        """Write records.json."""
        folder.mkdir(parents=True, exist_ok=True)
        stored = [{"kind": column.kind, **_stored_fields(column)} for column in self.columns]
        (folder / "records.json").write_text(json.dumps(stored, ensure_ascii=False), encoding="utf-8")


class TableRowFeatures:
    """The feature set."""

    name = "records"
    needs_fit = True

    def fit(self, contents: Sequence[Fields], seed: int) -> TableTransformer:
        """Find the kind of each column from a sample of the rows."""
        if len(contents) > MAX_FITTED_ROWS:
            rows = np.sort(np.random.default_rng(seed).choice(len(contents), MAX_FITTED_ROWS, replace=False))
            contents = [contents[row] for row in rows]
        names = list(dict.fromkeys(name for fields in contents for name in fields))[:MAX_COLUMNS]
        columns = (fit_column(name, _cells_of_column(contents, name)) for name in names)
        return TableTransformer(tuple(column for column in columns if column is not None))

    def load(self, folder: Path) -> TableTransformer:
        """Read what `save` wrote."""
        return TableTransformer(
            tuple(_column_from_json(stored) for stored in json.loads((folder / "records.json").read_text("utf-8")))
        )


def _stored_fields(column: Column) -> dict[str, Any]:
    fields = {STORED_NAMES.get(name, name): value for name, value in asdict(column).items()}
    if not fields.get("decimal_comma"):
        fields.pop("decimal_comma", None)  # as files of 0.2 are
    return fields


def _column_from_json(stored: dict[str, Any]) -> Column:
    name_of_stored = {old: name for name, old in STORED_NAMES.items()}
    fields: dict[str, Any] = {
        name_of_stored.get(name, name): tuple(value) if isinstance(value, list) else value
        for name, value in stored.items()
    }
    return COLUMN_KINDS[fields.pop("kind")](**fields)


def _cells_of_column(contents: Sequence[Fields], name: str) -> list[str]:
    return [clean_cell(fields.get(name)) for fields in contents]
