"""Show a MarginError that a page's view raised as a page of its own."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from annotation.errors import MarginError
from annotation.i18n import translated


class ErrorPageMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, MarginError):
            return None
        context = {"error": exception, "message": translated(exception.message)}
        return render(request, "error.html", context, status=exception.status)
