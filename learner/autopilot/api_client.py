"""One annotator at the API, as a browser is one: a deck of items ahead, a call per answer, patience with the network.

Standard library only, and lean, because what it costs is taken from the server it measures.
"""

import json
import random
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, TypeAlias
from urllib.parse import urlsplit

FIRST_DELAY, LONGEST_DELAY = 0.1, 5.0  # seconds between tries of one call
TIMEOUT = 60.0  # of one try
DECK, LOW = 10, 3  # items fetched ahead, and left when more are fetched: as in the browser


Json: TypeAlias = Any  # whatever a call answers


class CallFailed(Exception):
    """A call that will not succeed: refused by the server, or tried in vain for too long."""

    def __init__(self, call: str, status: int, body: object) -> None:
        super().__init__(f"{call} failed: {status or 'no answer'}: {body}")
        self.status = status
        self.body = body


@dataclass
class Traffic:
    """What one connection has seen."""

    calls: int = 0  # that were answered as they should be
    retries: int = 0
    server_errors: int = 0  # answers of 500 and above
    seconds: list[float] = field(default_factory=list)  # of each call, tries and waits included


class Connection:
    """One kept-alive connection that speaks JSON. Every call must be one that may be repeated. Not thread-safe."""

    def __init__(self, url: str, token: str = "", patience: float = 60.0) -> None:
        """`patience` is how many seconds one call is tried again before it counts as failed."""
        parts = urlsplit(url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._http = kind(parts.hostname or "127.0.0.1", parts.port, timeout=TIMEOUT)
        self._root = parts.path.rstrip("/") + "/api/v1/"
        self._headers = {"Content-Type": "application/json"}
        if token:
            self._headers["Authorization"] = f"Token {token}"
        self.patience = patience
        self.traffic = Traffic()

    def call(self, method: str, path: str, body: object = None) -> Json:
        """Return the answer's JSON; network errors, 5xx and 429 are tried again with growing pauses.

        Raises CallFailed when the server refuses, or when patience ends.
        """
        sent = None if body is None else json.dumps(body)
        started, delay = time.monotonic(), FIRST_DELAY
        while True:
            status, answer, pause = self._try_once(method, self._root + path, sent)
            if 200 <= status < 300:
                self.traffic.calls += 1
                self.traffic.seconds.append(time.monotonic() - started)
                return answer
            if 0 < status < 500 and status != 429:
                raise CallFailed(f"{method} {path}", status, answer)
            self.traffic.server_errors += status >= 500
            if time.monotonic() - started > max(self.patience, pause):
                raise CallFailed(f"{method} {path}", status, answer)
            self.traffic.retries += 1
            time.sleep(max(pause, delay * random.uniform(0.5, 1.0)))
            delay = min(2 * delay, LONGEST_DELAY)

    def _try_once(self, method: str, path: str, sent: str | None) -> tuple[int, Any, float]:
        """Return status (0: no answer), the answer and how many seconds the server asks to wait."""
        try:
            self._http.request(method, path, sent, self._headers)
            response = self._http.getresponse()
            data = response.read()
            return response.status, _json_or_text(data), float(response.getheader("Retry-After") or 0)
        except (OSError, HTTPException, ValueError) as error:
            self.close()
            return 0, f"{type(error).__name__}: {error}", 0.0

    def close(self) -> None:
        """Hang up; the next call opens the line again."""
        self._http.close()


def _json_or_text(data: bytes) -> Json:
    """Return the JSON, or the first characters of what is none: an error page, as a proxy makes them."""
    try:
        return json.loads(data) if data else None
    except ValueError:
        return data[:300].decode(errors="replace")


def sign_in(url: str, username: str, password: str, patience: float = 120.0) -> Connection:
    """Exchange name and password for a token; return a connection that carries it."""
    door = Connection(url, patience=patience)
    token = door.call("POST", "token/", {"username": username, "password": password})["token"]
    door.close()
    return Connection(url, token)


class Annotator:
    """Answers a project's items one after the other; `answer_for` gives an item's value, or None to skip it."""

    def __init__(
        self,
        connection: Connection,
        project: int,
        answer_for: Callable[[int], dict[str, Any] | None],
        *,
        pace: float = 0.0,
        deck: int = DECK,
    ) -> None:
        """`pace` is how many seconds the person looks at each item; `deck` how many items are fetched ahead."""
        self.connection = connection
        self.project = project
        self.answer_for = answer_for
        self.pace = pace
        self.size = deck
        self.deck: deque[int] = deque()
        self.proofs: dict[int, str] = {}  # that the items of the deck were assigned to this person
        self.answered: dict[str, int] = {}  # uuid of each answer that the server confirmed, and its item
        self.skipped: set[int] = set()
        self.seen: set[int] = set()  # items that were ever in this person's hands

    def answer_next(self) -> bool:
        """Answer the next item; return False when there is none for this person."""
        if len(self.deck) <= min(LOW, self.size // 2):
            self._fill_deck()
        if not self.deck:
            return False
        item = self.deck.popleft()
        if self.pace:
            time.sleep(self.pace * random.uniform(0.5, 1.5))
        value = self.answer_for(item)
        answer = {
            "uuid": str(uuid.uuid4()),
            "item": item,
            "outcome": "skip" if value is None else "label",
            "value": value,
            "duration_seconds": self.pace,
            "assignment": self.proofs[item],
        }
        self.connection.call("POST", f"projects/{self.project}/annotations/", answer)
        self.answered[str(answer["uuid"])] = item
        if value is None:
            self.skipped.add(item)
        return True

    def _fill_deck(self) -> None:
        """Fill the deck; the server lists what the person holds already first."""
        rows = self.connection.call("POST", f"projects/{self.project}/next/", {"limit": self.size})
        self.proofs = {row["item"]["id"]: row["assignment"] for row in rows}
        self.deck = deque(self.proofs)
        self.seen.update(self.deck)
