"""Typed readers of environment variables. Nonsense fails loudly at start-up."""

import os
import re
from collections.abc import Iterable

from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on"}
RATE = re.compile(r"([1-9][0-9]*)/(sec|second|min|minute|hour|day)")
PERIOD_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_FALSE = {"0", "false", "no", "off"}


def env_str(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def env_bool(name: str, *, default: bool) -> bool:
    raw = os.environ.get(name, "").strip().lower()
    if not raw:
        return default
    if raw in _TRUE | _FALSE:
        return raw in _TRUE
    raise ImproperlyConfigured(f"{name} must be yes or no, not {raw!r}.")


def env_int(name: str, default: int) -> int:
    raw = os.environ.get(name, "").strip()
    if not raw:
        return default
    try:
        return int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {raw!r}.") from None


def env_rate(name: str, default: str) -> tuple[int, int]:
    """Return how many, and in how many seconds: `20/min` is (20, 60)."""
    raw = os.environ.get(name, "").strip().lower() or default
    match = RATE.fullmatch(raw)
    if match is None:
        raise ImproperlyConfigured(f"{name} must be a number and sec, min, hour or day, as in 20/min, not {raw!r}.")
    return int(match[1]), PERIOD_SECONDS[match[2][0]]


def env_list(name: str, default: Iterable[str] = ()) -> list[str]:
    raw = os.environ.get(name, "")
    return [part.strip() for part in raw.split(",") if part.strip()] or list(default)
