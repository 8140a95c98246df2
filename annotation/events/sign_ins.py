"""Sign-ins, failures and sign-outs, as Django announces them; imported when the app is ready."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from annotation.events.recording import record_event
from annotation.models import EventKind, User


@receiver(user_logged_in)
def record_sign_in(sender: object, user: User, **_signal: object) -> None:
    record_event(EventKind.SIGN_IN, by=user)


@receiver(user_logged_out)
def record_sign_out(sender: object, user: User | None, **_signal: object) -> None:
    if user is not None:
        record_event(EventKind.SIGN_OUT, by=user)


@receiver(user_login_failed)
def record_failed_sign_in(sender: object, credentials: dict[str, Any], **_signal: object) -> None:
    """With the name that was tried: whether there is such a person, it does not say."""
    record_event(EventKind.SIGN_IN_FAILED, subject=str(credentials.get("username", "")))
