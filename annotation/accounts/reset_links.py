"""Links by which a person sets a new password: by mail where mail is set up, else passed on by an admin."""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from annotation.models import User

MAX_MAILED_ACCOUNTS = 5  # that share an address

logger = logging.getLogger(__name__)


def mail_is_configured() -> bool:
    return bool(settings.EMAIL_HOST)


def reset_path(user: User) -> str:
    """Return the path of a link that works once, for three days, until the person signs in or changes the password."""
    uid, token = urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)
    return reverse("password-reset-confirm", args=[uid, token])


def mail_reset_links(email: str, site: str) -> None:
    """Send a link to each account of an address that may have one; `site` is where the pages are, such as https://host.

    Those who sign in by single sign-on only, and those who are deactivated, get none.
    """
    users = User.objects.filter(email__iexact=email, is_active=True, is_machine=False).exclude(email="")
    for user in users[:MAX_MAILED_ACCOUNTS]:
        if user.has_usable_password():
            context = {"user": user, "url": f"{site}{reset_path(user)}", "site": site}
            text = render_to_string("annotation/passwords/mail.txt", context)
            try:
                send_mail(_("Set a new password"), text, None, [user.email])
            except (OSError, SMTPException):
                logger.exception("The mail with a reset link cannot be sent.")


def reset_url(request: HttpRequest, user: User) -> str:
    return request.build_absolute_uri(reset_path(user))
