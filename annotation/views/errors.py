"""What Django answers when no view did: JSON for the API, a page for everybody else. Named in alproject/urls.py."""

import logging
import sys

from django.http import HttpRequest, HttpResponse, HttpResponseServerError, JsonResponse
from django.template import loader
from django.views import defaults

from annotation.api.errors import as_margin_error, error_body, error_headers
from annotation.errors import Forbidden, InternalError, InvalidRequest, MarginError, NotFound, Unavailable

logger = logging.getLogger(__name__)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api_request(request):
        return _json_error_response(as_margin_error(exception) or InvalidRequest())
    return defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return (
        _json_error_response(Forbidden()) if is_api_request(request) else defaults.permission_denied(request, exception)
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _json_error_response(NotFound()) if is_api_request(request) else defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer what nobody caught, 503 while the database is away; Django calls it in the `except` block."""
    error = as_margin_error(sys.exc_info()[1])
    if isinstance(error, Unavailable):
        logger.error("The database cannot be used: %s", sys.exc_info()[1])
    if is_api_request(request):
        return _json_error_response(error or InternalError())
    if not isinstance(error, Unavailable):
        return defaults.server_error(request)
    # without a request's context: that would ask the database who the visitor is
    page = HttpResponseServerError(loader.get_template("503.html").render(), status=error.status)
    return _with_headers(page, error)


def is_api_request(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def _json_error_response(error: MarginError) -> HttpResponse:
    return _with_headers(JsonResponse(error_body(error), status=error.status), error)


def _with_headers(response: HttpResponse, error: MarginError) -> HttpResponse:
    for name, value in error_headers(error).items():
        response[name] = value
    return response
