"""What every call of the API has in common: what it does not know it refuses, and it answers with JSON.

A view states what its query strings may have, by method; from the same statement come the check and the parameters in
the OpenAPI document:

    class Items(Endpoint):
        queries = {"GET": ItemsIn}

        def get(self, request: Request, pk: int) -> Response:
            self.query  # the checked values
"""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request, is_form_media_type
from rest_framework.views import APIView

from annotation.api.parsers import MAX_BODY_BYTES
from annotation.api.requests import RequestSerializer
from annotation.errors import InvalidRequest


class JsonAnswers(DefaultContentNegotiation):
    """The body's media type chooses its parser; the answer is JSON, whatever `Accept` and `?format=` say."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type


class NoQuery(RequestSerializer):
    """A query string with nothing in it."""


class Endpoint(APIView):
    """The base of all views of the API."""

    content_negotiation_class = JsonAnswers
    queries: ClassVar[Mapping[str, type[RequestSerializer]]] = {}  # {method: what its query string may have}
    max_body_bytes: ClassVar[int] = MAX_BODY_BYTES  # of JSON
    without_body: ClassVar[frozenset[str]] = frozenset()  # methods that take no body, beside GET and DELETE

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the query string, and that there is no body where none is taken, once the caller is known."""
        super().initial(request, *args, **kwargs)
        method = "GET" if request.method == "HEAD" else str(request.method)
        self.query = self.queries.get(method, NoQuery)().run_validation(request.query_params)
        if (method == "DELETE" or method in self.without_body) and _has_body(request):
            raise InvalidRequest(_("This call takes no body."))


def _has_body(request: Request) -> bool:
    """Tell whether a body has something in it: {} and an empty form have not."""
    media_type = request.content_type or ""
    if not int(request.META.get("CONTENT_LENGTH") or 0):
        return False
    if is_form_media_type(media_type):
        return bool(request._request.POST or request._request.FILES)  # noqa: SLF001  (no parser of the view reads it)
    return not media_type.startswith("application/json") or request.data != {}
