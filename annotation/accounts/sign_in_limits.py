"""How often somebody may guess a password: failures are counted, and after some each next try has to wait longer.

Two counts: of the account and of the client's network. A try is counted before the password is looked at, by one
atomic step of the cache, so that a hundred tries at once are counted too; the right password gives its own try back.
The wait of an account goes up to a minute, which leaves a stranger some 80 guesses an hour from all addresses together.

A browser in which the account's owner has signed in before carries a signed cookie and is counted by itself: nobody can
lock an owner out by guessing. The idea is that of OWASP's device cookies. Why not django-axes: decision 36.
"""

import contextlib
import logging
import math
import secrets
import time
import unicodedata
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from redis.exceptions import RedisError

from annotation.client_address import client_network
from annotation.errors import TooManyAttempts
from annotation.text.digest import digest_of

FREE_FAILURES = 5  # of an account, before it has to wait
FREE_MAILS = 3  # to one address
MAX_MAILS = 20  # for one network
WINDOW_SECONDS = 3600  # failures of an account are forgotten after this
MAX_WAIT_SECONDS = 60
DEVICE_COOKIE = "margin_device"
DEVICE_SECONDS = 365 * 24 * 3600

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Counter:
    """Failures of an account, a device or a network; the first are free in each window."""

    key: str
    free: int
    window_seconds: int

    def count_try(self) -> None:
        """Count a try; raises TooManyAttempts, and counts nothing, where it comes too soon."""
        failures = self._increment()
        if failures <= self.free:
            return
        delay = min(2 ** min(failures - self.free - 1, 10), MAX_WAIT_SECONDS)
        if not cache.add(self._wait_key, time.time() + delay, delay):
            self.uncount_try()
            until = cache.get(self._wait_key) or 0.0
            raise TooManyAttempts(max(1, math.ceil(until - time.time())))

    def uncount_try(self) -> None:
        with contextlib.suppress(ValueError):  # forgotten meanwhile
            cache.decr(self.key)

    @property
    def _wait_key(self) -> str:
        return f"{self.key}:wait"  # exists while the next try has to wait

    def _increment(self) -> int:
        cache.add(self.key, 0, self.window_seconds)
        try:
            failures = cache.incr(self.key)
        except ValueError:  # it ran out between these two lines
            failures = 1
            cache.set(self.key, failures, self.window_seconds)
        if failures == 1:
            cache.touch(self.key, self.window_seconds)  # in the same moment Redis may have made a key that never ends
        return failures


@dataclass(frozen=True)
class Attempt:
    """One try, counted as a failure until `succeed`."""

    counters: tuple[Counter, ...]

    def succeed(self) -> None:
        try:
            for counter in self.counters:
                counter.uncount_try()
        except RedisError:
            logger.warning("The cache cannot be reached: a successful sign-in stays counted.")


def begin_attempt(request: HttpRequest, username: str) -> Attempt:
    """Count a try; raises TooManyAttempts where it has to wait. Without its cache everybody is let in."""
    account = _account_key(username)
    reserved: list[Counter] = []
    try:
        for counter in _sign_in_counters(request, account):
            counter.count_try()
            reserved.append(counter)
    except TooManyAttempts:
        Attempt(tuple(reserved)).succeed()
        raise
    except RedisError:
        logger.warning("The cache cannot be reached: sign-in goes on without its limit.")
    return Attempt(tuple(reserved))


def count_mail_request(request: HttpRequest, address: str) -> None:
    """Count a request for a mail; raises TooManyAttempts, so that nobody's mailbox is filled."""
    counters = (
        Counter(f"mail:network:{digest_of(client_network(request))}", MAX_MAILS, WINDOW_SECONDS),
        Counter(f"mail:address:{_account_key(address)}", FREE_MAILS, WINDOW_SECONDS),
    )
    try:
        for counter in counters:
            counter.count_try()
    except RedisError:
        logger.warning("The cache cannot be reached: mail goes on without its limit.")


def remember_device(response: HttpResponse, username: str) -> None:
    """Give a browser that has signed in a count of its own, for this account."""
    value = signing.dumps([_account_key(username), secrets.token_urlsafe(12)], salt=DEVICE_COOKIE)
    response.set_cookie(
        DEVICE_COOKIE,
        value,
        max_age=DEVICE_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        path="/",
    )


def _sign_in_counters(request: HttpRequest, account: str) -> list[Counter]:
    if device := _known_device(request, account):
        return [Counter(f"sign-in:device:{device}", FREE_FAILURES, WINDOW_SECONDS)]
    failures, seconds = settings.SIGN_IN_RATE
    network = digest_of(client_network(request))
    return [
        Counter(
            f"sign-in:network:{network}", failures, seconds
        ),  # first: who has to wait there closes no account's gate
        Counter(f"sign-in:account:{account}", FREE_FAILURES, WINDOW_SECONDS),
    ]


def _account_key(username: str) -> str:
    """Return what stands for an account, however its name is written; a name of any length and alphabet is a key."""
    cleaned = unicodedata.normalize("NFKC", username).strip().casefold()
    return digest_of(cleaned)


def _known_device(request: HttpRequest, account: str) -> str:
    """Return the browser's device if the account's owner has signed in there; else ""."""
    try:
        owner, device = signing.loads(
            request.COOKIES.get(DEVICE_COOKIE, ""), salt=DEVICE_COOKIE, max_age=DEVICE_SECONDS
        )
    except (signing.BadSignature, ValueError):
        return ""
    return str(device) if owner == account else ""
