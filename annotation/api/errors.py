"""Every error of the API in one form: {"error": {"code", "message", "details"}} with the right status."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler as default_handler
from rest_framework.views import set_rollback

from annotation.api.response_objects import plain
from annotation.api.schema import ErrorBody, ErrorOut
from annotation.errors import Forbidden, MarginError, NotFound
from annotation.i18n import translated


def error_response(error: MarginError) -> Response:
    body = ErrorBody(code=error.code, message=translated(error.message), details=error.details)
    headers = {"Retry-After": str(error.retry_after_seconds)} if error.retry_after_seconds else None
    return Response(plain(ErrorOut(error=body)), status=error.status, headers=headers)


def exception_handler(exception: Exception, context: dict[str, Any]) -> Response | None:
    if isinstance(exception, Http404):
        exception = NotFound()
    elif isinstance(exception, PermissionDenied):
        exception = Forbidden()
    if isinstance(exception, MarginError):
        set_rollback()
        return error_response(exception)
    response = default_handler(exception, context)
    if response is not None and isinstance(exception, exceptions.APIException):
        response.data = plain(ErrorOut(error=_body(exception)))
    return response


def _body(exception: exceptions.APIException) -> ErrorBody:
    if isinstance(exception, exceptions.ValidationError):
        message = gettext("Some fields are missing or wrong: see details.")
        details: Any = exception.get_full_details()
        named = details if isinstance(details, dict) else {api_settings.NON_FIELD_ERRORS_KEY: details}
        return ErrorBody(code="invalid_request", message=message, details=named)
    code = exception.get_codes()
    known = code if isinstance(code, str) else exception.default_code
    return ErrorBody(code=known, message=str(exception.detail), details={})
