"""The id of each request, answered as a header, and the access log."""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from annotation.events.request_context import CURRENT, RequestContext, request_id_of

logger = logging.getLogger("margin.access")


class RequestLogMiddleware:
    """The outermost: what is recorded and logged further in knows the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        context = RequestContext(request_id_of(request), request)
        token, started = CURRENT.set(context), time.perf_counter()
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = context.id
            if settings.ACCESS_LOG:
                _log_request(context, response, time.perf_counter() - started)
            return response
        finally:
            CURRENT.reset(token)


def _log_request(context: RequestContext, response: HttpResponse, seconds: float) -> None:
    """One line a request; without its query string, which may hold what people look for."""
    request = context.request
    user = context.known_user
    fields = {
        "method": request.method,
        "path": request.path,
        "status": response.status_code,
        "milliseconds": round(seconds * 1000, 1),
        "address": context.address,
        "user": user.pk if user else None,
    }
    logger.info("%(method)s %(path)s %(status)s %(milliseconds)s ms", fields, extra={"fields": fields})
