"""Insert many rows at the speed of the database: COPY on PostgreSQL, one prepared statement elsewhere.

A bulk_create of models costs 50 to 100 microseconds a row, most of it spent on preparing each field of each
row; an import of a million rows feels that.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Field, JSONField, Model

from annotation.json_values import ENCODER


def insert_rows(model: type[Model], fields: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows of values in the form of `to_database_value`, in the order of `fields`.

    Django's field defaults are not applied to fields that are left out.

    Raises django.db.IntegrityError like any insert.
    """
    with connection.cursor() as cursor, connection.wrap_database_errors:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {_table_and_columns(model, fields)} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            cursor.executemany(insert_sql(model, tuple(fields)), rows)


def insert_unless_taken(model: type[Model], fields: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
    """Insert the rows whose unique keys nobody has yet; return how many these are. Meant for a few rows."""
    with connection.cursor() as cursor:
        cursor.executemany(insert_sql(model, tuple(fields)) + " ON CONFLICT DO NOTHING", rows)
        return int(cursor.rowcount)


@cache
def insert_sql(model: type[Model], fields: tuple[str, ...]) -> str:
    """Return the INSERT of one row, with a placeholder for each field."""
    placeholders = ", ".join(["%s"] * len(fields))
    return f"INSERT INTO {_table_and_columns(model, fields)} VALUES ({placeholders})"  # noqa: S608


def _table_and_columns(model: type[Model], fields: Sequence[str]) -> str:
    columns = ", ".join(f'"{_model_field(model, name).column}"' for name in fields)
    return f'"{model._meta.db_table}" ({columns})'


def to_database_value(model: type[Model], name: str, value: object) -> object:
    """Return a value as the database keeps it in a field; JSON as text, which both ways of inserting take."""
    field = _model_field(model, name)
    if isinstance(field, JSONField):
        return None if value is None else ENCODER.encode(value)
    return field.get_db_prep_save(value, connection)


def _model_field(model: type[Model], name: str) -> "Field[Any, Any]":
    field = model._meta.get_field(name)
    assert isinstance(field, Field)
    return field
