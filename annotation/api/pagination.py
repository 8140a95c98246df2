"""Every list of the API comes in pages: `results`, and where to go from here: `next`, `previous`.

A cursor names the last row seen, not a page number: no count is made, the last page costs what the
first does, and rows that are added meanwhile shift nothing.
"""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from rest_framework import pagination, serializers
from rest_framework.request import Request

from annotation.api.requests import RequestSerializer
from annotation.errors import InvalidRequest

M = TypeVar("M", bound=Model)

PAGE_ROWS = 50  # where a call does not say how many
MAX_PAGE_ROWS = 500
# what `encode_cursor` writes: lists are ordered by unique whole numbers, so that no cursor has an offset
CURSOR_TEXT = re.compile(r"(?:r=(?P<reverse>1)&)?p=(?P<position>[0-9]{1,18})")


class CursorField(serializers.CharField):
    """A place in a list, as `next` and `previous` of a page have it."""

    def to_internal_value(self, data: object) -> str:
        text = super().to_internal_value(cast(str, data))
        try:
            read_cursor(text)
        except InvalidRequest as error:
            raise serializers.ValidationError(error.message, "invalid") from None
        return text


class PageIn(RequestSerializer):
    """The query string of a list."""

    cursor = CursorField(required=False, help_text="From `next` or `previous` of another page.")
    page_size = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_PAGE_ROWS, help_text=f"Rows of the page; {PAGE_ROWS} by default."
    )


def filters_in_query(query: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a list's query string says besides the page."""
    return {name: value for name, value in query.items() if name not in ("cursor", "page_size")}


class CursorPagination(pagination.CursorPagination):
    page_size = PAGE_ROWS
    page_size_query_param = "page_size"
    max_page_size = MAX_PAGE_ROWS

    def __init__(self, ordering: str = "pk") -> None:
        self.ordering: Any = ordering  # a unique column of whole numbers

    def page_of(self, rows: QuerySet[M], request: Request) -> list[M]:
        """Return the rows of the page that the request asks for; one query, and those of its prefetches."""
        return list(self.paginate_queryset(rows, request) or [])

    def decode_cursor(self, request: Request) -> pagination.Cursor | None:
        """Return where a page begins; raises InvalidRequest for what no list has given out."""
        encoded = request.query_params.get(self.cursor_query_param)
        return None if encoded is None else read_cursor(encoded)


def read_cursor(encoded: str) -> pagination.Cursor:
    """Return what a cursor says, or raise InvalidRequest.

    >>> read_cursor("cj0xJnA9MTI=")  # r=1&p=12
    Cursor(offset=0, reverse=True, position=12)
    """
    try:
        text = b64decode(encoded.encode("ascii"), validate=True).decode("ascii")
    except (UnicodeError, Base64Error):
        text = ""
    found = CURSOR_TEXT.fullmatch(text)
    if found is None:
        message = _("This cursor is not one that a list has given: take it from `next` or `previous`.")
        raise InvalidRequest(message, {"cursor": [{"message": message, "code": "invalid"}]})
    return pagination.Cursor(offset=0, reverse=bool(found["reverse"]), position=int(found["position"]))
