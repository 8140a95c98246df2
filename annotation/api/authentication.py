"""Who calls: a token when one is sent, else the browser's session (then with CSRF check).

One class so that an anonymous call gets 401 with a challenge rather than 403.

A page says whose it is in every call, because the session of a browser may have become somebody else's since it was
opened: then nothing may happen in the other person's name.
"""

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import SessionAuthentication, TokenAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from annotation.accounts import api_tokens
from annotation.database.plain_sql import Columns, fetch_rows
from annotation.models import ApiToken, User
from annotation.text.digest import digest_of

if TYPE_CHECKING:  # it reads the settings, which name this module
    from drf_spectacular.openapi import AutoSchema

# runs for every call with a token
_USER = Columns(User, "person")
_TOKEN = Columns(ApiToken, "token")
_USER_OF_TOKEN_SQL = f"""
    SELECT {_USER.sql}, {_TOKEN.sql}
    FROM annotation_apitoken AS token
    JOIN annotation_user AS person ON person.id = token.user_id
    WHERE token.digest = %s AND person.is_active
"""  # noqa: S608


USER_HEADER = "X-Margin-User"  # the id of the user for whom a page was made


class OtherUser(AuthenticationFailed):
    """The call is from a page that was made for another user than the one who is signed in."""

    default_detail = _("Another user has signed in in this browser. Sign in again, or load the page again.")
    default_code = "other_user"


class TokenOrSession(TokenAuthentication):
    """`Authorization: Token KEY`, or the session cookie of a signed-in browser."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """Return user and token, or None; raises OtherUser where the page is not the user's."""
        if get_authorization_header(request):
            caller = super().authenticate(request)
        else:
            caller = SessionAuthentication().authenticate(request)
        page_user = request.headers.get(USER_HEADER)
        if caller and page_user is not None and page_user != str(caller[0].pk):
            raise OtherUser
        return caller

    def authenticate_credentials(self, key: str) -> tuple[Any, Any]:
        rows = fetch_rows(_USER_OF_TOKEN_SQL, [digest_of(key)])
        if not rows:
            raise AuthenticationFailed(gettext("This token is not valid: it was revoked, or its user is not active."))
        user, token = _USER.make_row(rows[0][: _USER.count]), _TOKEN.make_row(rows[0][_USER.count :])
        now = timezone.now()
        if token.is_expired(now):
            raise AuthenticationFailed(gettext("This token has expired: make a new one."))
        api_tokens.note_token_use(token, now)
        return user, token


class TokenOrSessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "annotation.api.authentication.TokenOrSession"
    name = ["token", "session"]

    def get_security_requirement(self, auto_schema: "AutoSchema") -> list[dict[str, list[Any]]]:
        return [{name: []} for name in self.name]  # one of them, not both

    def get_security_definition(self, auto_schema: "AutoSchema") -> list[dict[str, str]]:
        return [
            {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Token KEY"},
            {"type": "apiKey", "in": "cookie", "name": "sessionid"},
        ]
