"""Every list of the API comes in pages: `results`, and where to go from here: `next`, `previous`.

A cursor names the last row seen, not a page number: no count is made, the last page costs what the
first does, and rows that are added meanwhile shift nothing.
"""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from rest_framework import pagination
from rest_framework.request import Request

M = TypeVar("M", bound=Model)


class CursorPagination(pagination.CursorPagination):
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500

    def __init__(self, ordering: str = "pk") -> None:
        self.ordering: Any = ordering  # a unique column

    def page_of(self, rows: QuerySet[M], request: Request) -> list[M]:
        """Return the rows of the page that the request asks for; one query, and those of its prefetches."""
        return list(self.paginate_queryset(rows, request) or [])
