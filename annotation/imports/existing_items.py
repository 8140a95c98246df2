"""Which of a thousand contents or ids a project has already: a few look-ups for a chunk of an import."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db import connection

from annotation.database.plain_sql import fetch_rows
from annotation.imports.row_cells import RowRefused
from annotation.json_values import ENCODER
from annotation.models import Annotation, Item, Project


def item_ids_by_value(
    project: Project, column: Literal["content_hash", "external_id"], values: Sequence[str]
) -> dict[str, int]:
    """Return {value: pk} of the project's items that have one of the values in a column unique in the project."""
    if connection.vendor != "sqlite":
        rows = Item.objects.filter(project=project, **{f"{column}__in": values})
        return dict(rows.exclude(**{column: ""}).values_list(column, "pk"))
    # SQLite's planner would rather read the whole project than look up a thousand values; a cross join
    # leaves it no choice.
    sql = (
        f"SELECT item.{column}, item.id FROM json_each(%s) AS wanted CROSS JOIN annotation_item AS item "  # noqa: S608
        f"WHERE item.project_id = %s AND item.{column} = wanted.value AND NOT (item.{column} = '')"
    )
    return dict(fetch_rows(sql, [ENCODER.encode(values), project.pk]))


@dataclass
class Twin:
    """An item with the content of a row: one of the project, or one that an earlier row of the chunk makes."""

    name: str  # for the report
    pk: int | None = None  # None: not there yet
    index: int = -1  # among the rows of the chunk that become items
    values: list[dict[str, Any]] = field(default_factory=list)  # of its answers


class ExistingItems:
    """What is there already of the contents and ids of a chunk: in the project, or earlier in the chunk."""

    def __init__(self, project: Project, hashes: Sequence[str], ids: Sequence[str], *, with_answers: bool) -> None:
        same = item_ids_by_value(project, "content_hash", hashes)
        named = item_ids_by_value(project, "external_id", ids) if ids else {}
        self._twins = {key: Twin(f"item {pk}", pk) for key, pk in same.items()}
        self._ids = {key: f"item {pk}" for key, pk in named.items()}
        if with_answers and same:
            by_pk = {twin.pk: twin for twin in self._twins.values()}
            answers = Annotation.objects.answers().filter(item__in=same.values())
            for item, value in answers.values_list("item", "value"):
                by_pk[item].values.append(value or {})

    def twin_of(self, content_hash: str, external_id: str) -> Twin | None:
        """Return the item of equal content; raises RowRefused where the id belongs to another content."""
        twin = self._twins.get(content_hash)
        if twin is None and (where := self._ids.get(external_id)):
            raise RowRefused(f"The id {external_id!r} belongs to {where}, whose content is another.")
        return twin

    def add(self, content_hash: str, external_id: str, twin: Twin) -> None:
        """Note a row that becomes an item."""
        self._twins[content_hash] = twin
        if external_id:
            self._ids[external_id] = twin.name
