"""What concerns every answer: who may keep it, and MarginErrors of pages shown as a page of their own."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from annotation.errors import MarginError
from annotation.i18n import translate

NOTHING_OF_THE_DEVICE = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "serial",
        "usb",
    )
)


class PrivateResponsesMiddleware:
    """Nothing is kept by browsers and proxies unless a view says so, and at sign-out what was kept goes.

    Answers that wait in the browser's storage for the server stay there: they wait for their owner.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Cache-Control", "no-store")
        response.setdefault("Permissions-Policy", NOTHING_OF_THE_DEVICE)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if getattr(request, "signed_out", False):
            response["Clear-Site-Data"] = '"cache"'
        return response


@receiver(user_logged_out)
def mark_signed_out(sender: object, request: Any, **_signal: object) -> None:  # noqa: ANN401
    if request is not None:
        request.signed_out = True


class ErrorPageMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, MarginError):
            return None
        context = {"error": exception, "message": translate(exception.message)}
        return render(request, "error.html", context, status=exception.status)
