"""Which of a thousand contents or ids a project has already: one look-up for a chunk of an import."""

from collections.abc import Sequence
from typing import Literal

from django.db import connection

from annotation.database.plain_sql import fetch
from annotation.json_values import ENCODER
from annotation.models import Item, Project


def items_with(
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
    return dict(fetch(sql, [ENCODER.encode(values), project.pk]))
