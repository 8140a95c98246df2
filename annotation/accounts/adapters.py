"""How django-allauth, which does second factors, passkeys and single sign-on, keeps to Margin's rules for accounts."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from annotation.accounts import secret_encryption
from annotation.accounts.passwords import is_password_of
from annotation.client_address import client_address
from annotation.events.recording import record_event
from annotation.models import EventKind, User
from annotation.text.look_alikes import skeleton

UNKNOWN_ADDRESS = "0.0.0.0"  # noqa: S104  (of a web server on a socket, without a trusted proxy; nothing listens there)
QUIET_MESSAGES = frozenset({"account/messages/logged_in.txt", "account/messages/logged_out.txt"})
MAX_ACCOUNT_NAME_CHARACTERS = 140


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by admins, by invitation, and for people of the single sign-on."""
        return False

    def clean_username(self, username: str, *args: Any, **more: Any) -> str:
        """Whatever the single sign-on says: `save_user` makes a free name of it."""
        return username

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request) or UNKNOWN_ADDRESS

    def reauthenticate(self, user: User, password: str) -> bool:
        """Whether it is the person's password, counted as at sign-in; raises TooManyAttempts."""
        return is_password_of(context.request, user, password)

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **more: Any
    ) -> None:
        if message_template not in QUIET_MESSAGES:
            super().add_message(request, level, message_template, *args, **more)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """What apps and recovery codes rest on is no use to whoever reads the database alone."""

    def encrypt(self, text: str) -> str:
        return secret_encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return secret_encryption.decrypt(encrypted_text)


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return bool(settings.OIDC_SIGN_UP)

    def is_auto_signup_allowed(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return True

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: object = None) -> User:
        """Make the account of somebody who comes for the first time, under a name that no other looks like.

        Nobody is taken for an account that is there because the address is the same: its owner links the two.
        """
        user: User = sociallogin.user
        user.username = free_name(user.username or user.email.partition("@")[0] or "person")
        user.set_unusable_password()
        sociallogin.save(request)
        record_event(EventKind.ACCOUNT_CREATED, user=user)
        return user

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: SocialAccount) -> str:
        return reverse("account-index")


def free_name(wanted: str) -> str:
    """Return the name, cleaned, or the first of name-2, name-3 ... that no account's name looks like."""
    characters = (character if character.isalnum() or character in "@.+-_" else "-" for character in wanted.strip())
    base = User.normalize_username("".join(characters))[:MAX_ACCOUNT_NAME_CHARACTERS] or "person"
    taken = set(User.objects.filter(name_skeleton__startswith=skeleton(base)).values_list("name_skeleton", flat=True))
    names = (base, *(f"{base}-{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if skeleton(name) not in taken)
