"""Every list of the API comes in pages: `results`, and where to go from here: `next`, `previous`.

A cursor names the last row seen, not a page number: no count is made, the last page costs what the
first does, and rows that are added meanwhile shift nothing.
"""

from typing import Any

from rest_framework import pagination


class CursorPagination(pagination.CursorPagination):
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500
    ordering: Any = "pk"
