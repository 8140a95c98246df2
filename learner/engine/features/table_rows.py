"""The rows of a table as numbers: each column by its kind, side by side. The columns, and how many
there are, are those of the pool.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.engine.features.table_cells import clean_cell
from learner.engine.features.table_columns import (
    COLUMN_KINDS,
    CodeColumn,
    Column,
    NumberColumn,
    fit_column,
)

Fields = Mapping[str, Any]  # a row: column -> cell

NAME = "records"
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

    @property
    def says_nothing(self) -> bool:
        """Whether no column makes any number."""
        return not any(column.width for column in self.columns)

    def transform(self, contents: Sequence[Fields]) -> NDArray[np.float32]:
        """Return (m, d) float32."""
        blocks = [column.transform(_cells_of_column(contents, column.name)) for column in self.columns if column.width]
        return np.hstack(blocks) if blocks else np.zeros((len(contents), 1), np.float32)

    def save(self, folder: Path) -> None:
        """Write records.json."""
        folder.mkdir(parents=True, exist_ok=True)
        stored = [{"kind": column.kind, **_stored_fields(column)} for column in self.columns]
        (folder / "records.json").write_text(json.dumps(stored, ensure_ascii=False), encoding="utf-8")


@dataclass(frozen=True)
class TableRowFeatures:
    """The feature set; `kinds` says of some columns what they are, the others are known by their cells."""

    kinds: Mapping[str, str] = field(default_factory=dict)  # column -> one of `column_kinds.SETTABLE_KINDS`

    name = NAME
    needs_fit = True

    def fit(self, contents: Sequence[Fields], seed: int) -> TableTransformer:
        """Find the kind of each column from a sample of the rows."""
        if len(contents) > MAX_FITTED_ROWS:
            rows = np.sort(np.random.default_rng(seed).choice(len(contents), MAX_FITTED_ROWS, replace=False))
            contents = [contents[row] for row in rows]
        names = list(dict.fromkeys(name for fields in contents for name in fields))[:MAX_COLUMNS]
        columns = (fit_column(name, _cells_of_column(contents, name), self.kinds.get(name)) for name in names)
        return TableTransformer(tuple(columns))

    def load(self, folder: Path) -> TableTransformer:
        """Read what `save` wrote."""
        return TableTransformer(
            tuple(_column_from_json(stored) for stored in json.loads((folder / "records.json").read_text("utf-8")))
        )


def table_features(name: str) -> TableRowFeatures | None:
    """Return the feature set of a name that `column_kinds.feature_set_name` made; None for other names."""
    if not name.startswith(f"{NAME}{{"):
        return None
    return TableRowFeatures(json.loads(name.removeprefix(NAME)))


def _stored_fields(column: Column) -> dict[str, Any]:
    fields = {STORED_NAMES.get(name, name): value for name, value in asdict(column).items()}
    if not fields.get("decimal_comma"):
        fields.pop("decimal_comma", None)  # as files of 0.2 are
    if isinstance(column, CodeColumn):
        fields["number"] = _stored_fields(column.number)
    return fields


def _column_from_json(stored: dict[str, Any]) -> Column:
    name_of_stored = {old: name for name, old in STORED_NAMES.items()}
    fields: dict[str, Any] = {
        name_of_stored.get(name, name): tuple(value) if isinstance(value, list) else value
        for name, value in stored.items()
    }
    kind = fields.pop("kind")
    if isinstance(number := fields.get("number"), dict):
        fields["number"] = _column_from_json({"kind": NumberColumn.kind, **number})
    return COLUMN_KINDS[kind](**fields)


def _cells_of_column(contents: Sequence[Fields], name: str) -> list[str]:
    return [clean_cell(fields.get(name)) for fields in contents]
