"""New accounts: a name that no other looks like, and a password that is not guessed."""

from django.contrib.auth.models import Permission
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from annotation.errors import InvalidRequest
from annotation.events.recording import record_event
from annotation.models import EventKind, User


def make_user(username: str, password: str | None, email: str = "") -> User:
    """Make an account; without a password its owner sets one by a link.

    Raises InvalidRequest that names the field and says what is wrong with it.
    """
    user = User(username=User.normalize_username(username.strip()), email=User.objects.normalize_email(email))
    try:
        User._meta.get_field("username").clean(user.username, user)
    except ValidationError as error:
        raise InvalidRequest(" ".join(error.messages), {"field": "username"}) from None
    if password is None:
        user.set_unusable_password()
    else:
        check_password_rules(password, user, "password")
        user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
            record_event(EventKind.ACCOUNT_CREATED, user=user)
    except ValidationError as error:
        raise InvalidRequest(" ".join(error.messages), {"field": "username"}) from None
    except IntegrityError:
        raise InvalidRequest(_("That user name is taken: choose another."), {"field": "username"}) from None
    return user


def check_password_rules(password: str, user: User, field: str) -> None:
    """Raise InvalidRequest, which names the field, where a new password is too weak."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidRequest(" ".join(error.messages), {"field": field}) from None


def set_may_create_projects(user: User, *, allowed: bool) -> None:
    """Say whether a person may create projects."""
    permission = Permission.objects.get(content_type__app_label="annotation", codename="add_project")
    with transaction.atomic():
        if allowed:
            user.user_permissions.add(permission)
        else:
            user.user_permissions.remove(permission)
        record_event(EventKind.ACCOUNT_CHANGED, user=user, details={"may_create_projects": allowed})
