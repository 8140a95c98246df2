"""The cells of a row: what becomes of each, and why a row is refused."""

from collections.abc import Mapping, Sequence
from typing import Any

from annotation.json_values import cell_text

MAX_TEXT_CHARACTERS = 1_000_000  # characters
MAX_EXTERNAL_ID_CHARACTERS = 200


class RowRefused(Exception):
    """A row is not taken: `rejected` (must be mended) or `duplicate` (is there already); or `unanswered`, and why."""

    def __init__(self, reason: str, kind: str = "rejected") -> None:
        super().__init__(reason)
        self.kind = kind


def text_cell(fields: Mapping[str, Any], column: str) -> str:
    """Return the text in a column that has to have one."""
    value = fields.get(column)
    if value is None:
        raise RowRefused(f"The row has no {column!r}.")
    if isinstance(value, list | dict):
        raise RowRefused(f"{column!r} is not a text.")
    text = cell_text(value)
    if not text or text.isspace():
        raise RowRefused(f"{column!r} is empty.")
    if len(text) > MAX_TEXT_CHARACTERS:
        raise RowRefused(f"{column!r} is longer than {MAX_TEXT_CHARACTERS:,} characters: cut it into parts.")
    return text


def titled_text_cell(fields: Mapping[str, Any], title: str, column: str) -> str:
    """Return the text in a column behind the title in another, an empty line between; one of the two is enough."""
    cells = [cell_text(fields.get(name)) for name in (title, column) if not isinstance(fields.get(name), list | dict)]
    parts = [cell.strip() for cell in cells if not cell.isspace() and cell]
    return text_cell({column: "\n\n".join(parts)}, column)


def field_cells(fields: Mapping[str, Any], columns: Sequence[str], *, alone: bool) -> dict[str, Any]:
    """Return the cells of these columns that the row has: texts, numbers, truth values, lists and the like as JSON.

    Where they are `alone` the whole content, one of them at least says something.
    """
    found = {name: fields[name] for name in columns if name in fields}
    found = {name: cell_text(value) if isinstance(value, list | dict) else value for name, value in found.items()}
    size = sum(len(value) for value in found.values() if isinstance(value, str))
    if alone and all(cell_text(value).strip() == "" for value in found.values()):
        raise RowRefused("All cells of the row are empty.")
    if size > MAX_TEXT_CHARACTERS:
        raise RowRefused(f"The row is longer than {MAX_TEXT_CHARACTERS:,} characters.")
    return found


def external_id_cell(value: object) -> str:
    """Return the id of an item, short enough to be stored."""
    text = cell_text(value).strip()
    if len(text) > MAX_EXTERNAL_ID_CHARACTERS:
        raise RowRefused(f"The id is longer than {MAX_EXTERNAL_ID_CHARACTERS} characters.")
    return text
