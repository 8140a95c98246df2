"""Second factors of accounts: authenticator apps, security keys and passkeys, which django-allauth keeps."""

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.utils.translation import gettext_noop

from annotation.errors import Forbidden
from annotation.models import User


class SecondFactorRequired(Forbidden):
    message = gettext_noop("This account has a second factor: make a token on its account page.")
    code = "second_factor_required"


def has_second_factor(user: User) -> bool:
    return bool(is_mfa_enabled(user))


def remove_second_factors(user: User) -> int:
    """Take away all second factors, for somebody who lost them; return how many there were."""
    count, _by_model = Authenticator.objects.filter(user=user).delete()
    return int(count)
