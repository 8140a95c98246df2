"""Statements that run for every answer: Django writes their SQL once, then only the values in it change.

Most of what a small query costs is the writing of its SQL, which is the same each time.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar, cast

from django.db import connection
from django.db.models import Field, Model, QuerySet
from django.db.models.query import get_related_populators
from django.db.models.sql import UpdateQuery
from django.db.models.sql.compiler import SQLCompiler

from annotation.database.bulk_insert import statement

M = TypeVar("M", bound=Model)
MARKS: dict[type, Callable[[int], Any]] = {
    int: lambda place: 7_300_000_000_000_000 + place,  # no id is like it
    str: lambda place: f"\ue000{place}\ue000",  # nor any text: private characters
    datetime: lambda place: datetime(7300, 1, 1, microsecond=place, tzinfo=UTC),  # nor any time
}
Value = int | str | datetime


class _Statement:
    """SQL with places for whole numbers, short texts and times; a form of it for each kind of database."""

    def __init__(self, kinds: tuple[type, ...]) -> None:
        self._marks = [MARKS[kind](place) for place, kind in enumerate(kinds)]
        self._written: dict[str, tuple[str, list[Any]]] = {}

    def _sql(self) -> tuple[str, list[Any]]:
        """Return the SQL and what stands in its places, written with the marks as values."""
        raise NotImplementedError

    def _filled(self, values: Sequence[Value]) -> tuple[str, list[Any]]:
        """Return the SQL with these values."""
        sql, given = self._written.get(connection.vendor) or self._write()
        by_mark = dict(zip(map(_stored, self._marks), map(_stored, values), strict=True))
        return sql, [by_mark.get(value, value) for value in given]

    def _write(self) -> tuple[str, list[Any]]:
        sql, given = self._sql()
        if not set(map(_stored, self._marks)) <= set(given):
            raise ValueError("Every value must stand in the query as it is.")
        self._written[connection.vendor] = sql, list(given)
        return self._written[connection.vendor]


def _stored(value: Any) -> Any:
    """Return the value in the form that the database is given it."""
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


def _no_id(values: Sequence[Value]) -> bool:
    """Whether one of the values is larger than any id that a database has."""
    return any(isinstance(value, int) and abs(value) >= 2**63 for value in values)


class _Reader(Generic[M]):
    """Makes rows of a model of what the database returns, as a query set does, but looks up how only once."""

    def __init__(self, compiler: SQLCompiler) -> None:
        info: dict[str, Any] = compiler.klass_info
        columns = [column for column, _, _ in compiler.select]
        self.first, self.end = info["select_fields"][0], info["select_fields"][-1] + 1
        self.model: type[M] = info["model"]
        self.names = [column.target.attname for column in columns[self.first : self.end]]
        # the stubs are of a newer Django
        self.related = get_related_populators(info, compiler.select, connection.alias)  # type: ignore[call-arg]
        self.annotations = list(compiler.annotation_col_map.items())
        self.converters = [(place, *found) for place, found in compiler.get_converters(columns).items()]

    def __call__(self, row: Sequence[Any]) -> M:
        values = list(row)
        for place, converters, column in self.converters:
            for convert in converters:
                values[place] = convert(values[place], column, connection)
        made = self.model.from_db(connection.alias, self.names, values[self.first : self.end])
        for populator in self.related:
            populator.populate(values, made)
        for name, place in self.annotations:
            setattr(made, name, values[place])
        return made


class Prepared(_Statement, Generic[M]):
    """A query set that depends on a few values alone; call it with them for its rows.

    >>> by_name = Prepared((int, str), lambda project, name: Label.objects.filter(project=project, name=name))
    >>> by_name.first(7, "spam")  # doctest: +SKIP
    <Label: spam>
    """

    def __init__(self, kinds: tuple[type, ...], make: Callable[..., QuerySet[M]]) -> None:
        super().__init__(kinds)
        self._make = make

    def __call__(self, *values: Value) -> list[M]:
        if _no_id(values):
            return []
        sql, given = self._filled(values)
        with connection.cursor() as cursor:
            cursor.execute(sql, given)
            return [self._read(row) for row in cursor.fetchall()]

    def first(self, *values: Value) -> M | None:
        """Return the first row, or None."""
        return next(iter(self(*values)), None)

    def _sql(self) -> tuple[str, list[Any]]:
        compiler = self._make(*self._marks).query.get_compiler(connection=connection)
        sql, given = compiler.as_sql()
        self._read: _Reader[M] = _Reader(compiler)
        return sql, list(given)


class PreparedUpdate(_Statement):
    """An update of the rows of such a query set; call it with the values for how many rows it changed."""

    def __init__(self, kinds: tuple[type, ...], make: Callable[..., QuerySet[Any]], **changes: Any) -> None:
        super().__init__(kinds)
        self._make, self._changes = make, changes

    def __call__(self, *values: Value) -> int:
        if _no_id(values):
            return 0
        with connection.cursor() as cursor:
            cursor.execute(*self._filled(values))
            return int(cursor.rowcount)

    def _sql(self) -> tuple[str, list[Any]]:
        query = cast(UpdateQuery, self._make(*self._marks).query.chain(UpdateQuery))
        query.add_update_values(self._changes)
        sql, given = query.get_compiler(connection=connection).as_sql()
        return sql, list(given)


class PreparedInsert(Generic[M]):
    """Insert of one new row of a model; gives the row its primary key, as `save` does, but sends no signals."""

    def __init__(self, model: type[M]) -> None:
        self._model = model
        self._sql = ""  # the same for every database that Margin knows

    def __call__(self, row: M) -> None:
        fields = self._fields()
        given = [field.get_db_prep_save(getattr(row, str(field.attname)), connection) for field in fields]
        with connection.cursor() as cursor:
            cursor.execute(self._sql or self._write(), given)
            row.pk = cursor.fetchone()[0]
        row._state.adding, row._state.db = False, connection.alias

    def _fields(self) -> "list[Field[Any, Any]]":
        return [field for field in self._model._meta.local_concrete_fields if not field.primary_key]

    def _write(self) -> str:
        key = connection.ops.quote_name(str(self._model._meta.pk.column))
        self._sql = f"{statement(self._model, tuple(field.name for field in self._fields()))} RETURNING {key}"
        return self._sql
