"""The real settings, but for passwords: dozens of people sign in at once, and hashing slowly is their only delay."""

from alproject.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
