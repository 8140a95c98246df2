"""What an installation answers, in a form that can be kept and compared with what another version answers."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from django.test import Client

PAGES = ("text/html", "application/vnd.oai.openapi")  # of which only the status is kept
# what people read, in words that may change; `*_reason`, too
SENTENCES = frozenset({"title", "text", "reason", "note", "error", "words", "help", "paused_reason"})

# words of which an answer has one at a time, by the field: they changed in 0.2.0 (docs/api.md)
RENAMED_VALUES = frozenset({("answers", "gold", "final"), ("metric", "explained", "r2")})

GONE_KEYS = frozenset({"url"})  # of invitations: their secrets are hashed since 0.2.0


def answer_of(client: Client, address: str) -> dict[str, Any]:
    """Return the status of an address, and what it says: JSON as it is, images and files by their digest, no page."""
    response = client.get(address)
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    if kind == "application/json":
        return {"status": response.status_code, "json": response.json()}
    raw = b"".join(response.streaming_content) if response.streaming else response.content
    told = {} if kind in PAGES else {"digest": hashlib.sha256(raw).hexdigest()}
    return {"status": response.status_code, "kind": kind, **told}


def differences(before: Any, now: Any, path: str = "") -> list[str]:
    """Return where `now` does not say what `before` says: what it says beside that is its own affair.

    Sentences are not compared where they are read by people alone.

    >>> differences({"n": 1, "rows": [{"f1": 0.5}]}, {"n": 1, "count": 1, "rows": [{"f1": 0.6}]})
    ['.rows[0].f1: 0.5 before, 0.6 now']
    """
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        return [
            difference
            for key, value in before.items()
            if not _is_sentence(key, value) and not (key in GONE_KEYS and now.get(key) is None)
            for difference in (
                differences(value, now[key], f"{path}.{key}") if key in now else [f"{path}.{key}: not there"]
            )
        ]
    if _is_list(before) and _is_list(now) and len(before) == len(now):
        pairs = enumerate(zip(before, now, strict=True))
        return [found for place, pair in pairs for found in differences(*pair, f"{path}[{place}]")]
    if isinstance(before, float) and isinstance(now, int | float):
        return [] if abs(before - now) <= 1e-9 * max(1.0, abs(before)) else [_said(path, before, now)]
    same = before == now or (path.rpartition(".")[2], before, now) in RENAMED_VALUES
    return [] if same else [_said(path, before, now)]


def _said(path: str, before: Any, now: Any) -> str:
    return f"{path}: {before!r:.200} before, {now!r:.200} now"


def _is_sentence(key: str, value: Any) -> bool:
    return isinstance(value, str) and " " in value and (key in SENTENCES or key.endswith("_reason"))


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)
