"""What a token may call, for all endpoints in one place. Sessions are not limited: roles alone decide.

Reading is for every scope. What changes something needs `manage`, but for what stands here.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from annotation.errors import Forbidden
from annotation.models import ApiToken, Scope

if TYPE_CHECKING:  # it reads the settings, which name this module
    from rest_framework.views import APIView

# {name of a route: scope that its other methods need}
CHANGING_SCOPES: Mapping[str, Scope] = {
    "api-next": Scope.ANNOTATE,
    "api-annotations": Scope.ANNOTATE,
    "api-undo": Scope.ANNOTATE,
    "api-guidelines-preview": Scope.READ,  # answers a text and stores nothing
}


class ScopeTooSmall(Forbidden):
    message = gettext_noop("This token may not do that: use one with a larger scope.")
    code = "insufficient_scope"


class SessionRequired(Forbidden):
    message = gettext_noop("A token cannot make tokens: sign in on the site, or call token/ with the password.")
    code = "session_required"


def needed_scope(method: str, route: str) -> Scope:
    """Return the smallest scope that may call a method of a route."""
    return Scope.READ if method in SAFE_METHODS else CHANGING_SCOPES.get(route, Scope.MANAGE)


def require_session(request: Request) -> None:
    """For what a stolen token must not do; raises SessionRequired."""
    if isinstance(request.auth, ApiToken):
        raise SessionRequired


class HasTokenScope(BasePermission):
    """Of every view of the API; raises ScopeTooSmall, which says what is needed."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if isinstance(request.auth, ApiToken):
            scope = needed_scope(request.method or "", _route_of(request))
            if not request.auth.allows(scope):
                raise ScopeTooSmall(details={"scope": scope})
        return True


def _route_of(request: Request) -> str:
    match = request.resolver_match
    return str(match.url_name) if match else ""
