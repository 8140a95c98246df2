"""The request at hand, for whoever records or logs: its id, from where it came, and who makes it."""

import re
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import uuid4

from django.http import HttpRequest

from annotation.client_address import client_address
from annotation.models import User

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True)
class RequestContext:
    id: str
    request: HttpRequest

    @property
    def address(self) -> str | None:
        """The client's address, as the outermost trusted proxy saw it."""
        return client_address(self.request) or None

    @property
    def user(self) -> User | None:
        """Who makes it, once that is known: the API's authentication sets it, too."""
        user = getattr(self.request, "user", None)
        return user if isinstance(user, User) else None

    @property
    def known_user(self) -> User | None:
        """Who makes it, if that has been found out already: the database is not asked."""
        for user in (self.request.__dict__.get("user"), getattr(self.request, "_cached_user", None)):
            if type(user) is User:  # isinstance would ask the database for a lazy one
                return user
        return None


CURRENT: ContextVar[RequestContext | None] = ContextVar("request", default=None)


def current_context() -> RequestContext | None:
    """Return the context of the request at hand; None in a worker or a command."""
    return CURRENT.get()


def request_id_of(request: HttpRequest) -> str:
    """Return the id that a proxy gave the request, where it is one; else a new one."""
    sent = request.headers.get("X-Request-ID", "")
    return sent if REQUEST_ID.fullmatch(sent) else uuid4().hex
