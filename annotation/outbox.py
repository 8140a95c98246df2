"""What a process tells the broker, told by a thread beside it: whoever labels never waits for the broker.

Nothing that is posted may matter: it wakes workers, and the sweep finds what a message that was lost should have
started. What waits when the broker is away is dropped.
"""

import atexit
import logging
import os
import threading
import time
from collections.abc import Callable, Hashable

from annotation.broker import BROKER_ERRORS

logger = logging.getLogger(__name__)

MAX_WAITING = 10_000  # entries; more are dropped
EXIT_SECONDS = 1.5  # that a process which ends waits for its last messages


class Outbox:
    """Entries wait under a key: posting one that waits already changes nothing."""

    def __init__(self) -> None:
        self._reset()

    def _reset(self) -> None:
        self._changed = threading.Condition()
        self._waiting: dict[Hashable, tuple[float, Callable[[], object]]] = {}
        self._busy = False
        self._thread: threading.Thread | None = None

    def post(self, key: Hashable, send: Callable[[], object], delay_seconds: float = 0.0) -> None:
        """Have `send` called after the delay, in another thread; it may raise one of BROKER_ERRORS."""
        with self._changed:
            if key in self._waiting or len(self._waiting) >= MAX_WAITING:
                return
            self._waiting[key] = (time.monotonic() + delay_seconds, send)
            if self._thread is None:
                self._thread = threading.Thread(target=self._send_forever, name="outbox", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def flush(self, seconds: float) -> bool:
        """Wait until nothing waits; return whether that was so in time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and not self._busy, seconds)

    def forget(self) -> None:
        """Drop the parent's entries after a fork: its thread is not in the child."""
        self._reset()

    def _send_forever(self) -> None:
        while True:
            send = self._next_due()
            try:
                send()
            except BROKER_ERRORS as error:
                logger.debug("not sent: %s", error)  # the breaker has said it once
            except Exception:
                logger.exception("A message could not be sent.")

    def _next_due(self) -> Callable[[], object]:
        """Wait for the entry that is due first, take it off those that wait and return what sends it."""
        with self._changed:
            self._busy = False
            self._changed.notify_all()
            while True:
                if not self._waiting:
                    self._changed.wait()
                    continue
                key, (due, send) = min(self._waiting.items(), key=lambda entry: entry[1][0])
                if (wait := due - time.monotonic()) > 0:
                    self._changed.wait(wait)
                    continue
                del self._waiting[key]
                self._busy = True
                return send


OUTBOX = Outbox()
os.register_at_fork(after_in_child=OUTBOX.forget)
atexit.register(OUTBOX.flush, EXIT_SECONDS)
