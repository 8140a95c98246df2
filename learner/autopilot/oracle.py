"""What the uploaded column says about every item, read once into arrays."""

from dataclasses import dataclass

import numpy as np
from django.db.models.fields.json import KeyTransform
from numpy.typing import NDArray

from annotation.errors import InvalidRequest, InvalidValue
from annotation.models import Item, Project

UNKNOWN = -1
CHUNK = 5000


@dataclass(frozen=True)
class Oracle:
    """Labels of a project's items; arrays are by item, in the order of `ids`."""

    ids: NDArray[np.int64]  # ascending
    positions: NDArray[np.int64]
    codes: NDArray[np.int64]  # into names, or UNKNOWN
    names: list[str]

    def label_of(self, item: int) -> str | None:
        """Return the label of an item by its id, or None where the upload said nothing usable."""
        spot = int(np.searchsorted(self.ids, item))
        if spot == len(self.ids) or self.ids[spot] != item or self.codes[spot] == UNKNOWN:
            return None
        return self.names[int(self.codes[spot])]

    def known(self) -> tuple[NDArray[np.int64], NDArray[np.str_]]:
        """Return positions, ascending, and labels of all items about which something is known."""
        known = np.flatnonzero(self.codes != UNKNOWN)
        order = known[np.argsort(self.positions[known])]
        return self.positions[order], np.array(self.names)[self.codes[order]]


def read_oracle(project: Project, column: str) -> Oracle:
    """Read a column that came with the upload, hidden or shown; values that are no label count as unknown.

    Raises InvalidRequest when no item has a label there.
    """
    rows = Item.objects.filter(project=project).annotate(
        hidden_cell=KeyTransform(column, "hidden"), shown_cell=KeyTransform(column, "meta")
    )
    cells = rows.order_by("pk").values_list("pk", "position", "hidden_cell", "shown_cell")
    names = project.label_names()
    code_of: dict[str, int] = {}
    table = [
        (pk, position, _code(project, shown if hidden is None else hidden, names, code_of))
        for pk, position, hidden, shown in cells.iterator(chunk_size=CHUNK)
    ]
    array = np.array(table, dtype=np.int64).reshape(-1, 3)
    if not (array[:, 2] != UNKNOWN).any():
        raise InvalidRequest(
            f"No item has one of the labels ({', '.join(names)}) in a column “{column}”. "
            "Import it as a column that is kept but not shown."
        )
    return Oracle(array[:, 0], array[:, 1], array[:, 2], names)


def _code(project: Project, cell: object, names: list[str], code_of: dict[str, int]) -> int:
    """Return the place of the cell's label among the names; each distinct cell is read once."""
    if cell is None:
        return UNKNOWN
    text = str(cell)
    if text not in code_of:
        try:
            code_of[text] = names.index(project.kind.target(project.kind.from_column(text, names)))
        except InvalidValue:
            code_of[text] = UNKNOWN
    return code_of[text]
