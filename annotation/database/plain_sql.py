"""Statements in plain SQL, and their rows as models: for what runs with every answer.

Most of what a small query costs the ORM is the writing of its SQL, which is the same each time. The statements stand
beside what they are for; a test holds each of them against the query set that it stands for, on both databases.
"""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, DateTimeField, Field, JSONField, Model, UUIDField

from annotation.database.bulk_insert import insert_sql

M = TypeVar("M", bound=Model)
ID_END = 2**63  # no database has ids from here on


def fetch_rows(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a query; none where a number is larger than any id that a database has."""
    if _has_impossible_id(parameters):
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def execute_update(sql: str, parameters: Sequence[Any]) -> int:
    """Change rows; return how many."""
    if _has_impossible_id(parameters):
        return 0
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)


def _has_impossible_id(parameters: Sequence[Any]) -> bool:
    return any(isinstance(value, int) and abs(value) >= ID_END for value in parameters)


def insert_row(row: Model) -> None:
    """Insert a new row and give it its primary key, as `save` does; sends no signals."""
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    sql = f'{insert_sql(type(row), tuple(field.name for field in fields))} RETURNING "{row._meta.pk.column}"'
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row.pk = cursor.fetchone()[0]


class Columns(Generic[M]):
    """All columns of a model, to select them and to make a row of them."""

    def __init__(self, model: type[M], table: str) -> None:
        """`table` is what the query calls the model's table."""
        self._model = model
        self._fields = [field for field in model._meta.concrete_fields if isinstance(field, Field)]
        self._names = [field.attname for field in self._fields]
        self.count = len(self._fields)
        self.sql = ", ".join(f'{table}."{field.column}"' for field in self._fields)

    @cached_property
    def _readers(self) -> list[tuple[int, Callable[[Any], Any]]]:
        """What the values of some columns have to go through: JSON is text, and SQLite has few types."""
        readers = ((place, _column_reader(field)) for place, field in enumerate(self._fields))
        return [(place, reader) for place, reader in readers if reader is not None]

    def make_row(self, values: Sequence[Any]) -> M:
        """Make a row of a model of the values of its columns."""
        converted = list(values)
        for place, read in self._readers:
            if converted[place] is not None:
                converted[place] = read(converted[place])
        return self._model.from_db(connection.alias, self._names, converted)


def _column_reader(field: "Field[Any, Any]") -> Callable[[Any], Any] | None:
    if isinstance(field, JSONField):
        return json.loads
    if connection.vendor == "sqlite":
        for kind, read in SQLITE_READERS:
            if isinstance(field, kind):
                return read
    return None


def _read_datetime(value: str | datetime) -> datetime:
    """SQLite keeps times in UTC and does not say so."""
    return (value if isinstance(value, datetime) else datetime.fromisoformat(value)).replace(tzinfo=UTC)


SQLITE_READERS: tuple[tuple[type[Any], Callable[[Any], Any]], ...] = (
    (DateTimeField, _read_datetime),
    (BooleanField, bool),
    (UUIDField, UUID),
)
