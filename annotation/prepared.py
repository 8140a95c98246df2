"""SELECTs that run for every answer: Django writes their SQL once, then only the numbers in it change.

Most of what a small query costs is the writing of its SQL, which is the same each time.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)
FIRST_MARK = 7_300_000_000_000_000  # no id is like it


class Prepared(Generic[M]):
    """A query set that depends on whole numbers alone; call it with them for the list of its rows.

    >>> held = Prepared(2, lambda user, item: Assignment.objects.filter(user=user, item=item))  # doctest: +SKIP
    """

    def __init__(self, count: int, make: Callable[..., QuerySet[M]]) -> None:
        self._marks = [FIRST_MARK + number for number in range(count)]
        self._make = make
        self._written: dict[str, tuple[type[M], str, list[Any]]] = {}

    def __call__(self, *numbers: int) -> list[M]:
        if any(abs(number) >= 2**63 for number in numbers):
            return []  # no database has such an id
        model, sql, given = self._written.get(connection.vendor) or self._write()
        values = dict(zip(self._marks, numbers, strict=True))
        return list(model._default_manager.raw(sql, [values.get(value, value) for value in given]))

    def _write(self) -> tuple[type[M], str, list[Any]]:
        rows = self._make(*self._marks)
        sql, given = rows.query.sql_with_params()
        if not set(self._marks) <= set(given):
            raise ValueError("Every number must stand in the query as it is.")
        self._written[connection.vendor] = rows.model, sql, list(given)
        return self._written[connection.vendor]
