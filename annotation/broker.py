"""Calls of the broker (Redis) that never wait long.

It holds nothing that cannot be lost: messages wake workers, and the cache saves work. So no call may take longer than a
second, and once one has failed the next ones fail at once, until a single call has found the broker well again.
"""

import logging
import threading
import time
from functools import cache
from types import TracebackType
from typing import Any

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError
from redis import ConnectionPool, Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 3.0  # after a failure, before the broker is tried again
BROKER_ERRORS = (OperationalError, RedisError, OSError)  # what a call may raise
AWAY = (OperationalError, RedisConnectionError, RedisTimeoutError, OSError)  # those that mean that it does not answer


class BrokerAway(RedisConnectionError):
    """The broker did not answer a moment ago, so it was not asked."""


class Breaker:
    """A context for each call: raises BrokerAway where the last one failed less than `PAUSE_SECONDS` ago.

    After that one call finds out whether the broker is back; the others are refused until it has.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._refuse_until = 0.0  # 0: it is well

    def __enter__(self) -> None:
        with self._lock:
            now = time.monotonic()
            if now < self._refuse_until:
                raise BrokerAway("The broker does not answer.")
            if self._refuse_until:
                self._refuse_until = now + PAUSE_SECONDS

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            was_well = not self._refuse_until
            self._refuse_until = time.monotonic() + PAUSE_SECONDS if isinstance(error, AWAY) else 0.0
            is_well = not self._refuse_until
        if was_well and not is_well:
            logger.warning("The broker does not answer; work waits for the sweep: %s", error)
        if is_well and not was_well:
            logger.warning("The broker answers again.")


BREAKER = Breaker()


class GuardedRedis(Redis):
    """A client whose commands pass the breaker."""

    def execute_command(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401  (as the client has it)
        with BREAKER:
            return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]


def broker_client() -> GuardedRedis:
    """Return this process's client."""
    return _client_of_url(settings.REDIS_URL)


@cache
def _client_of_url(url: str) -> GuardedRedis:
    return GuardedRedis(connection_pool=ConnectionPool.from_url(url, **settings.REDIS_TIMEOUTS))


def broker_key(*parts: object) -> str:
    """Return the name of a key; two installations may share a Redis."""
    prefix: str = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
    return prefix + ":".join(map(str, parts))


def send_message(task: str, *args: object, expires: float | None = None, **named: object) -> None:
    """Send a Celery message for a task without a result, to the queue of its route. Raises one of BROKER_ERRORS."""
    with BREAKER:
        current_app.send_task(task, args, named, expires=expires, ignore_result=True)
