"""Insert many rows at the speed of the database: COPY on PostgreSQL, one prepared statement elsewhere.

A bulk_create of models costs 50 to 100 microseconds a row, most of it spent on preparing each field of each
row; an import of a million rows feels that.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Field, Model

from annotation.json_values import ENCODER


def insert(model: type[Model], fields: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows of values in the form of `stored`, in the order of `fields`; nothing else gets a default.

    Raises django.db.IntegrityError like any insert.
    """
    with connection.cursor() as cursor, connection.wrap_database_errors:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {_into(model, fields)} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            cursor.executemany(statement(model, tuple(fields)), rows)


def insert_possible(model: type[Model], fields: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
    """Insert the rows whose unique keys nobody has yet; return how many these are. Meant for a few rows."""
    with connection.cursor() as cursor:
        cursor.executemany(statement(model, tuple(fields)) + " ON CONFLICT DO NOTHING", rows)
        return int(cursor.rowcount)


@cache
def statement(model: type[Model], fields: tuple[str, ...]) -> str:
    """Return the INSERT of one row, with a place for each field."""
    places = ", ".join(["%s"] * len(fields))
    return f"INSERT INTO {_into(model, fields)} VALUES ({places})"  # noqa: S608


def _into(model: type[Model], fields: Sequence[str]) -> str:
    quote = connection.ops.quote_name
    columns = ", ".join(quote(_column(model, name)) for name in fields)
    return f"{quote(model._meta.db_table)} ({columns})"


def stored(model: type[Model], name: str, value: Any) -> Any:
    """Return a value as the database keeps it in a field; JSON as text, which both ways of inserting take."""
    field = _field(model, name)
    if field.get_internal_type() == "JSONField":
        return None if value is None else ENCODER.encode(value)
    return field.get_db_prep_save(value, connection)


def _field(model: type[Model], name: str) -> "Field[Any, Any]":
    field = model._meta.get_field(name)
    assert isinstance(field, Field)
    return field


def known(model: type[Model], project: int, name: str, values: Sequence[str]) -> dict[str, int]:
    """Return {value: pk} of the project's rows that have one of the values in a field unique in the project."""
    if connection.vendor != "sqlite":
        rows = model._default_manager.filter(**{"project": project, f"{name}__in": values})
        return dict(rows.exclude(**{name: ""}).values_list(name, "pk"))
    # SQLite's planner would rather read the whole project than look up a thousand values; a cross join
    # leaves it no choice.
    quote = connection.ops.quote_name
    table, column = quote(model._meta.db_table), quote(_column(model, name))
    sql = (
        f"SELECT item.{column}, item.id FROM json_each(%s) AS wanted CROSS JOIN {table} AS item "  # noqa: S608
        f"WHERE item.project_id = %s AND item.{column} = wanted.value AND NOT (item.{column} = '')"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [ENCODER.encode(values), project])
        return dict(cursor.fetchall())


def _column(model: type[Model], name: str) -> str:
    column = _field(model, name).column
    assert column is not None
    return column
