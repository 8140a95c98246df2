"""Make, use and end the keys with which programs call the API. A key is shown once, when it is made."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation.errors import Conflict
from annotation.events.recording import record_event
from annotation.models import ApiToken, EventKind, Scope, User
from annotation.text.digest import digest_of

KEY_PREFIX = "mgn_"  # by which secret scanners recognise a key in a file
KEY_BYTES = 32
SHOWN_CHARACTERS = 10
MAX_TOKENS = 50  # of a person
MAX_PASSWORD_TOKENS = 20  # of these, made by programs that signed in by password: the oldest make room
SIGN_IN_DAYS = 30  # how long a token is good that a program got by password
USE_MINUTES = 5  # how often the last use is written


@transaction.atomic
def create_token(
    user: User, name: str, scope: Scope, expires_at: datetime | None, *, by_password: bool = False
) -> tuple[ApiToken, str]:
    """Return a new token and its key, which nobody can read again; raises Conflict where there are too many."""
    User.objects.select_for_update().get(pk=user.pk)  # two calls at once: one after the other
    tokens = ApiToken.objects.filter(user=user)
    tokens.expired().delete()
    if by_password:
        kept = tokens.filter(by_password=True).values_list("pk", flat=True)[: MAX_PASSWORD_TOKENS - 1]
        tokens.filter(by_password=True).exclude(pk__in=list(kept)).delete()
    elif tokens.filter(by_password=False).count() >= MAX_TOKENS:
        raise Conflict(_("You have too many tokens: revoke some that you do not use."))
    key = KEY_PREFIX + secrets.token_urlsafe(KEY_BYTES)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        digest=digest_of(key),
        prefix=key[:SHOWN_CHARACTERS],
        scope=scope,
        expires_at=expires_at,
        by_password=by_password,
    )
    record_event(EventKind.TOKEN_CREATED, by=user, subject=name, details={"scope": str(scope)})
    return token, key


def create_token_by_password(user: User, name: str, scope: Scope) -> tuple[ApiToken, str]:
    """Return a token for a program that has a name and a password; it ends by itself."""
    return create_token(user, name, scope, timezone.now() + timedelta(days=SIGN_IN_DAYS), by_password=True)


def note_token_use(token: ApiToken, now: datetime) -> None:
    """Write down that a token is used, once in some minutes."""
    if token.last_used_at is None or token.last_used_at < now - timedelta(minutes=USE_MINUTES):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


@transaction.atomic
def revoke_all_tokens(user: User) -> int:
    """End all tokens of a person; return how many."""
    count, _by_model = ApiToken.objects.filter(user=user).delete()
    if count:
        record_event(EventKind.TOKEN_REVOKED, user=user, details={"count": count})
    return count
