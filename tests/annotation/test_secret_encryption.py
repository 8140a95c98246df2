"""What second factors rest on cannot be read in the database; keys can be changed where the earlier one is named."""

import logging

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import LazySettings

from annotation.accounts.secret_encryption import decrypt, encrypt
from annotation.models import User

SECRET = "JBSWY3DPEHPK3PXP"


def test_what_is_encrypted_comes_back_and_looks_like_nothing() -> None:
    first, second = encrypt(SECRET), encrypt(SECRET)
    assert first != second
    assert SECRET not in first
    assert decrypt(first) == decrypt(second) == SECRET


def test_an_earlier_key_still_reads(settings: LazySettings) -> None:
    token, earlier = encrypt(SECRET), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key of many characters", [earlier]
    assert decrypt(token) == SECRET
    settings.SECRET_KEY_FALLBACKS = []
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = earlier, ["another key of many characters"]
    assert decrypt(token) == SECRET


@pytest.mark.parametrize("token", ["", SECRET, "gAAAA"])
def test_what_cannot_be_read_fits_no_code(token: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        assert decrypt(token) != decrypt(token)
    assert "has to set it up again" in caplog.text


@pytest.mark.django_db
def test_the_database_holds_no_secret_and_the_code_fits(annotator: User, settings: LazySettings) -> None:
    totp, earlier = TOTP.activate(annotator, SECRET), settings.SECRET_KEY
    assert SECRET not in str(Authenticator.objects.get().data)
    [counter, *_] = yield_hotp_counters_from_time()
    code = format_hotp_value(hotp_value(SECRET, counter))
    settings.SECRET_KEY = "another key of many characters"
    assert not totp.validate_code(code)
    settings.SECRET_KEY_FALLBACKS = [earlier]
    assert totp.validate_code(code)
