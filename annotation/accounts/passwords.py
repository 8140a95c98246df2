"""The one way from a user name and a password to a user: counted, so that nobody guesses on."""

from django.contrib.auth import authenticate
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_noop

from annotation.accounts import api_tokens, sign_in_limits
from annotation.errors import MarginError
from annotation.events.recording import record_event
from annotation.models import EventKind, User


class WrongCredentials(MarginError):
    message = gettext_noop("That user name and password do not go together.")
    code = "wrong_credentials"


def user_by_password(request: HttpRequest, username: str, password: str) -> User:
    """Return the active user; raises WrongCredentials, or TooManyAttempts before the password is looked at."""
    attempt = sign_in_limits.begin_attempt(request, username)
    user = authenticate(request, username=username, password=password)
    if not isinstance(user, User):
        raise WrongCredentials
    attempt.succeed()
    return user


def is_password_of(request: HttpRequest, user: User, password: str) -> bool:
    """Whether it is the password of a user who is signed in; raises TooManyAttempts."""
    attempt = sign_in_limits.begin_attempt(request, user.username)
    if not user.check_password(password):
        record_event(EventKind.SIGN_IN_FAILED, subject=user.username)
        return False
    attempt.succeed()
    return True


@transaction.atomic
def change_password(user: User, password: str) -> None:
    """Give a person another password: their sessions and their API tokens end, as whoever had the old one made some."""
    user.set_password(password)
    user.save(update_fields=["password"])
    api_tokens.revoke_all_tokens(user)
    record_event(EventKind.PASSWORD_CHANGED, user=user)
