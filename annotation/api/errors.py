"""Every error of the API in one form: {"error": {"code", "message", "details"}} with the right status.

What a view raises passes by `exception_handler`; what fails before or after a view, by `annotation.views.errors`.
"""

from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, UnreadablePostError
from django.utils.translation import gettext
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler as default_handler
from rest_framework.views import set_rollback

from annotation.api.response_objects import Json, as_plain_data
from annotation.api.schema import ErrorBody, ErrorOut
from annotation.database.outages import is_outage
from annotation.errors import DiskFull, Forbidden, InvalidRequest, MarginError, NotFound, TooLarge, Unavailable
from annotation.file_storage import is_disk_full
from annotation.i18n import translate


def as_margin_error(exception: BaseException | None) -> MarginError | None:
    """Return what an exception that is nobody's mistake in the code means to a caller; None for any other."""
    if isinstance(exception, MarginError):
        return exception
    if isinstance(exception, Http404):
        return NotFound()
    if isinstance(exception, PermissionDenied):
        return Forbidden()
    if isinstance(exception, RequestDataTooBig):
        return TooLarge()
    if isinstance(exception, SuspiciousOperation | UnreadablePostError):
        return InvalidRequest()
    if is_disk_full(exception):
        return DiskFull()
    return Unavailable() if is_outage(exception) else None


def error_body(error: MarginError) -> Json:
    return as_plain_data(
        ErrorOut(error=ErrorBody(code=error.code, message=translate(error.message), details=error.details))
    )


def error_headers(error: MarginError) -> dict[str, str]:
    return {"Retry-After": str(error.retry_after_seconds)} if error.retry_after_seconds else {}


def exception_handler(exception: Exception, context: dict[str, Any]) -> Response | None:
    if error := as_margin_error(exception):
        set_rollback()
        return Response(error_body(error), status=error.status, headers=error_headers(error))
    response = default_handler(exception, context)
    if response is not None and isinstance(exception, exceptions.APIException):
        response.data = as_plain_data(ErrorOut(error=_exception_body(exception)))
    return response


def _exception_body(exception: exceptions.APIException) -> ErrorBody:
    if isinstance(exception, exceptions.ValidationError):
        message = gettext("Some fields are missing or wrong: see details.")
        details: Any = exception.get_full_details()
        named = details if isinstance(details, dict) else {api_settings.NON_FIELD_ERRORS_KEY: details}
        return ErrorBody(code="invalid_request", message=message, details=named)
    code = exception.get_codes()
    known = code if isinstance(code, str) else exception.default_code
    return ErrorBody(code=known, message=str(exception.detail), details={})
