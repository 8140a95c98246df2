"""Which items of a queue a person is handed for grids: alike ones together, the others in between. Pure."""

from collections.abc import Sequence
from math import ceil

GRID_ITEMS = 20  # items looked at together
SINGLE_ITEMS = 10  # to be asked one by one that a person holds while there is nothing for a grid
ITEMS_AHEAD = 60  # in one person's hands: a grid, the next one, and what comes between


def choose_items(labels: Sequence[str | None], n: int, max_singles: int = SINGLE_ITEMS) -> list[int]:
    """Return which items to hand out, n at most, as places in `labels`.

    `labels` has what the model says of each free item of the queue, best first; None for one to be asked alone. A grid
    has the label of the best item that is left, and the best of those with that label. With it come as many to be asked
    alone as the queue has for each of the others, so that nobody who works by grids leaves random samples behind.
    Without anything for a grid it is the first `alone`.

    >>> choose_items(["rose", None, "tulip", "rose"], 3)
    [0, 3, 1]
    """
    singles = [position for position, label in enumerate(labels) if label is None]
    grids = _positions_by_grid(labels)
    if not grids:
        return singles[: max(0, min(n, max_singles))]
    share = len(singles) / (len(labels) - len(singles))
    chosen: list[int] = []
    for grid in grids:
        tiles = grid[: int((n - len(chosen)) / (1 + share))]
        between = min(ceil(len(tiles) * share), n - len(chosen) - len(tiles))
        chosen += tiles + singles[:between]
        singles = singles[between:]
    return chosen


def _positions_by_grid(labels: Sequence[str | None]) -> list[list[int]]:
    """Return the places of each grid, in the order in which they come."""
    by_label: dict[str, list[int]] = {}
    for position, label in enumerate(labels):
        if label is not None:
            by_label.setdefault(label, []).append(position)
    grids = [
        positions[low : low + GRID_ITEMS]
        for positions in by_label.values()
        for low in range(0, len(positions), GRID_ITEMS)
    ]
    return sorted(grids)
