"""A digest that stands for a text: of a secret that nobody may read again, or of a name of any length as a key."""

import hashlib


def digest_of(text: str) -> str:
    """Return the SHA-256 of a text in 64 hex digits; halves of surrogate pairs, which somebody may send, count too."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
