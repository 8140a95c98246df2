"""Typed readers of environment variables, and the folder that they name. Nonsense fails loudly at start-up."""

import contextlib
import os
import re
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

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


def env_choice(name: str, choices: Sequence[str]) -> str:
    """Return one of some words; the first where none is given."""
    value = os.environ.get(name, "").strip() or choices[0]
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    return value


def make_private_dir(path: Path) -> None:
    """Make a folder that only its owner may enter; one that others may enter is mended, if it is ours to mend."""
    path.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)
    if stat.S_IMODE(path.stat().st_mode) != stat.S_IRWXU:
        with contextlib.suppress(PermissionError):
            path.chmod(stat.S_IRWXU)
