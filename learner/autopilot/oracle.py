"""What the uploaded column says about every item, read once into arrays."""

import json
from dataclasses import dataclass

import numpy as np
from django.db.models.fields.json import KeyTransform
from numpy.typing import NDArray

from annotation.errors import InvalidRequest, InvalidValue
from annotation.models import Item, Project
from annotation.tasktypes import AnswerContext

UNKNOWN = -1
ITEMS_PER_QUERY = 5000


@dataclass(frozen=True)
class Oracle:
    """Labels of a project's items; arrays are by item, in the order of `ids`."""

    ids: NDArray[np.int64]  # ascending
    positions: NDArray[np.int64]
    codes: NDArray[np.int64]  # into targets, or UNKNOWN
    targets: list[str]  # the answers that there are, as targets of the task type

    def label_of(self, item: int) -> str | None:
        """Return the target of an item by its id, or None where the upload said nothing usable."""
        spot = int(np.searchsorted(self.ids, item))
        if spot == len(self.ids) or self.ids[spot] != item or self.codes[spot] == UNKNOWN:
            return None
        return self.targets[int(self.codes[spot])]

    def positions_and_targets(self) -> tuple[NDArray[np.int64], NDArray[np.str_]]:
        """Return positions, ascending, and targets of all items about which something is known."""
        known = np.flatnonzero(self.codes != UNKNOWN)
        order = known[np.argsort(self.positions[known])]
        return self.positions[order], np.array(self.targets)[self.codes[order]]


def read_oracle(project: Project, column: str) -> Oracle:
    """Read a column that came with the upload, hidden or shown; values that are no label count as unknown.

    Raises InvalidRequest when no item has a label there.
    """
    rows = Item.objects.filter(project=project).annotate(
        hidden_cell=KeyTransform(column, "export_only"), shown_cell=KeyTransform(column, "meta")
    )
    cells = rows.order_by("pk").values_list("pk", "position", "hidden_cell", "shown_cell")
    names, reader = project.label_names(), _Reader(project)
    table = [
        (pk, position, reader.target_index(shown if hidden is None else hidden))
        for pk, position, hidden, shown in cells.iterator(chunk_size=ITEMS_PER_QUERY)
    ]
    array = np.array(table, dtype=np.int64).reshape(-1, 3)
    if not (array[:, 2] != UNKNOWN).any():
        raise InvalidRequest(
            f"No item has one of the labels ({', '.join(names)}) in a column “{column}”. "
            "Import it as a column that is kept but not shown."
        )
    return Oracle(array[:, 0], array[:, 1], array[:, 2], reader.targets)


class _Reader:
    """Turns cells into places among the targets; each distinct cell is read once."""

    def __init__(self, project: Project) -> None:
        self._task_type = project.kind
        self._context = AnswerContext(project.label_names(), None, project.settings)
        self._codes: dict[str, int] = {}
        self.targets: list[str] = []

    def target_index(self, cell: object) -> int:
        """Return the place of the cell's answer; UNKNOWN for what is none."""
        if cell is None:
            return UNKNOWN
        text = cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)
        if text not in self._codes:
            self._codes[text] = self._parse_target(text)
        return self._codes[text]

    def _parse_target(self, text: str) -> int:
        """Return the position of the answer that a cell means in `targets`, and add it where it is new."""
        try:
            target = self._task_type.answer.target(self._task_type.answer.from_cell(text, self._context))
        except InvalidValue:
            return UNKNOWN
        if target not in self.targets:
            self.targets.append(target)
        return self.targets.index(target)
