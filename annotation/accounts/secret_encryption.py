"""Secrets that have to be read again, encrypted under a key that the database does not hold.

What is checked only, such as passwords and tokens, is hashed instead.
"""

import base64
import logging
import secrets
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

FERNET_KEY_BYTES = 32
PURPOSE = b"margin: secrets of second factors"
UNKNOWN_SECRET_BYTES = 20

logger = logging.getLogger(__name__)


def encrypt(text: str) -> str:
    """Encrypt under SECRET_KEY (Fernet: AES-128 in CBC mode, and HMAC-SHA256)."""
    return _current_fernet().encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Return what was encrypted under SECRET_KEY, or under one of SECRET_KEY_FALLBACKS.

    Of another key nothing can be read: a secret that nobody knows is returned, in base 32, which no code fits.
    """
    try:
        return _current_fernet().decrypt(token.encode()).decode()
    except InvalidToken:
        logger.error("A second factor cannot be read: MARGIN_SECRET_KEY has changed. Its owner has to set it up again.")
        return base64.b32encode(secrets.token_bytes(UNKNOWN_SECRET_BYTES)).decode()


def _current_fernet() -> MultiFernet:
    return _fernet_of_keys((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@cache
def _fernet_of_keys(keys: tuple[str, ...]) -> MultiFernet:
    derived = (HKDF(SHA256(), FERNET_KEY_BYTES, None, PURPOSE).derive(key.encode()) for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])
