"""Sessions of a person, and their end when nobody uses them."""

import time
from collections.abc import Callable
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from annotation.models import User

SEEN_KEY = "seen"  # in a session: when it was last used, in seconds of Unix time
NOTE_SECONDS = 600  # how often that is written


class IdleSessionMiddleware:
    """Ends a session that was not used for `MARGIN_SESSION_IDLE_HOURS`. Runs after the one that knows the user."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and settings.SESSION_IDLE_SECONDS:
            self._end_if_idle(request)
        return self.get_response(request)

    def _end_if_idle(self, request: HttpRequest) -> None:
        now, seen = int(time.time()), request.session.get(SEEN_KEY)
        if seen is not None and now - seen > settings.SESSION_IDLE_SECONDS:
            logout(request)
        elif request.user.is_authenticated and (seen is None or now - seen > NOTE_SECONDS):
            request.session[SEEN_KEY] = now


@receiver(user_logged_in)
def start_idle_time(sender: object, request: HttpRequest, **_more: object) -> None:
    request.session[SEEN_KEY] = int(time.time())


def sessions_of(user: User) -> list[Any]:
    """Return the sessions that can still be used, newest first; those of before this was kept are not among them."""
    return sorted(UserSession.objects.purge_and_list(user), key=lambda session: session.created_at, reverse=True)


def end_session(user: User, pk: int) -> None:
    """End one of a person's sessions; a second time, or somebody else's, changes nothing."""
    for session in UserSession.objects.filter(user=user, pk=pk):
        session.end()
