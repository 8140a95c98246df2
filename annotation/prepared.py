"""SELECTs that run for every answer: Django writes their SQL once, then only the values in it change.

Most of what a small query costs is the writing of its SQL, which is the same each time.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)
MARKS: dict[type, Callable[[int], int | str]] = {
    int: lambda place: 7_300_000_000_000_000 + place,  # no id is like it
    str: lambda place: f"\ue000{place}\ue000",  # nor any text: private characters
}


class Prepared(Generic[M]):
    """A query set that depends on whole numbers and short texts alone; call it with them for its rows.

    >>> by_name = Prepared((int, str), lambda project, name: Label.objects.filter(project=project, name=name))
    >>> by_name.first(7, "spam")  # doctest: +SKIP
    <Label: spam>
    """

    def __init__(self, kinds: tuple[type, ...], make: Callable[..., QuerySet[M]]) -> None:
        self._marks = [MARKS[kind](place) for place, kind in enumerate(kinds)]
        self._make = make
        self._written: dict[str, tuple[type[M], str, list[Any]]] = {}

    def __call__(self, *values: int | str) -> list[M]:
        if any(isinstance(value, int) and abs(value) >= 2**63 for value in values):
            return []  # no database has such an id
        model, sql, given = self._written.get(connection.vendor) or self._write()
        by_mark = dict(zip(self._marks, values, strict=True))
        return list(model._default_manager.raw(sql, [by_mark.get(value, value) for value in given]))

    def first(self, *values: int | str) -> M | None:
        """Return the first row, or None."""
        return next(iter(self(*values)), None)

    def _write(self) -> tuple[type[M], str, list[Any]]:
        rows = self._make(*self._marks)
        sql, given = rows.query.sql_with_params()
        if not set(self._marks) <= set(given):
            raise ValueError("Every value must stand in the query as it is.")
        self._written[connection.vendor] = rows.model, sql, list(given)
        return self._written[connection.vendor]
