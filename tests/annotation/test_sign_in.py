"""Signing in: a clear error, a limit on guesses, no way out to other sites."""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache.backends import locmem
from django.test import Client, RequestFactory

from annotation.accounts import sign_in_limits
from annotation.accounts.sign_in_limits import DEVICE_COOKIE, FREE_FAILURES, MAX_WAIT_SECONDS
from annotation.client_address import client_address
from annotation.errors import TooManyAttempts
from annotation.models import User
from tests.conftest import PASSWORD

URL = "/sign-in/"


class Clock:
    """Moves the time of the limits and of their cache."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 0.0
        monkeypatch.setattr(sign_in_limits, "time", self)
        monkeypatch.setattr(locmem, "time", self)
        monkeypatch.setattr("django.core.cache.backends.base.time", self)

    def time(self) -> float:
        return 1_800_000_000 + self.seconds


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time stands still, however slow the machine."""
    return Clock(monkeypatch)


def attempt(client: Client, name: str, password: str, **extra: Any) -> Any:
    return client.post(URL, {"username": name, "password": password}, **extra)


def test_the_right_password_goes_on_to_where_one_wanted_to_be(client, annotator) -> None:
    response = client.post(URL + "?next=/projects/1/annotate/", {"username": "annotator", "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, "/projects/1/annotate/")


def test_a_foreign_address_is_not_gone_to(client, annotator) -> None:
    response = client.post(URL, {"username": "annotator", "password": PASSWORD, "next": "https://example.org/"})
    assert response["Location"] == "/"


def test_the_wrong_password_gets_a_clear_error_that_does_not_say_which_part_was_wrong(client, annotator) -> None:
    wrong = attempt(client, "annotator", "wrong")
    unknown = attempt(client, "nobody", "wrong")
    assert wrong.status_code == unknown.status_code == 200
    assert b"do not go together" in wrong.content
    assert b"do not go together" in unknown.content


def fail(client: Client, count: int, name: str = "annotator", **extra: Any) -> list[int]:
    return [attempt(client, name, "wrong", **extra).status_code for _ in range(count)]


def test_after_too_many_failures_even_the_right_password_has_to_wait(client, annotator) -> None:
    assert fail(client, FREE_FAILURES + 1) == [200] * (FREE_FAILURES + 1)
    response = attempt(client, "annotator", PASSWORD)
    assert response.status_code == 429
    assert 1 <= int(response["Retry-After"]) <= MAX_WAIT_SECONDS
    assert b"Too many attempts" in response.content


@pytest.mark.parametrize("write", [str, str.upper, " {} ".format, "\t{}".format, "\u3000{}".format, "ａ{}".format])
def test_one_account_is_not_guessed_under_many_spellings(client, annotator, write) -> None:
    name = "nnotator" if write("x").startswith("ａ") else "annotator"
    codes = [fail(client, 1, write(name) if n % 2 else "annotator", REMOTE_ADDR=f"10.0.0.{n}")[0] for n in range(80)]
    assert codes.count(200) == FREE_FAILURES + 1


def test_an_account_is_guessed_at_most_a_hundred_times_an_hour(clock) -> None:
    passed = []
    for second in range(3 * 3600):
        clock.seconds = second
        if _begins(RequestFactory().post(URL, REMOTE_ADDR=f"10.0.{second // 250}.{second % 250}")):
            passed.append(second)
    assert 60 < max(sum(start <= moment < start + 3600 for moment in passed) for start in passed) <= 100


def test_the_wait_grows_with_each_failure(client, annotator, clock) -> None:
    fail(client, FREE_FAILURES)
    waits = []
    for _ in range(8):
        assert fail(client, 1) == [200]
        waits.append(int(attempt(client, "annotator", "wrong")["Retry-After"]))
        clock.seconds += waits[-1]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


def test_guesses_at_once_are_counted_each(annotator) -> None:
    request = RequestFactory().post(URL)
    with ThreadPoolExecutor(20) as pool:
        done = list(pool.map(lambda _n: _begins(request), range(100)))
    assert done.count(True) <= FREE_FAILURES + 1


def _begins(request: Any) -> bool:
    try:
        sign_in_limits.begin_attempt(request, "annotator")
    except TooManyAttempts:
        return False
    return True


def test_many_names_are_not_guessed_from_one_network(client, annotator, settings) -> None:
    settings.SIGN_IN_RATE = (3, 60)
    codes = [fail(client, 1, f"name{n}", REMOTE_ADDR=f"2001:db8::{n}")[0] for n in range(5)]
    assert codes == [200] * 4 + [429]
    assert attempt(client, "annotator", PASSWORD, REMOTE_ADDR="2001:db8::9").status_code == 429
    assert attempt(client, "annotator", PASSWORD, REMOTE_ADDR="2001:db8:0:1::9").status_code == 302


def test_many_people_sign_in_from_one_address_at_once(db) -> None:
    people = [User.objects.create_user(f"person {n}", password=PASSWORD) for n in range(100)]
    for person in people:
        client = Client()
        assert attempt(client, person.username, "a slip").status_code == 200 if person.pk % 5 == 0 else True
        assert attempt(client, person.username, PASSWORD).status_code == 302


@pytest.mark.parametrize(
    ("hops", "forwarded", "counted"),
    [
        (0, "198.51.100.1", "10.0.0.1"),  # nobody is trusted
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "1.2.3.4, 198.51.100.1", "198.51.100.1"),  # the client made the first one up
        (2, "198.51.100.1, 192.0.2.7", "198.51.100.1"),
        (2, "1.2.3.4, 198.51.100.1, 192.0.2.7", "198.51.100.1"),
        (2, "198.51.100.1", "10.0.0.1"),  # it did not come through both
        (1, "", "10.0.0.1"),
        (1, "nonsense", "10.0.0.1"),
        (1, "198.51.100.1:4711", "198.51.100.1"),
        (1, "[2001:db8::1]:4711", "2001:db8::1"),
    ],
)
def test_the_address_is_the_one_that_a_trusted_proxy_saw(settings, hops: int, forwarded: str, counted: str) -> None:
    settings.TRUSTED_PROXIES = hops
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == counted


def test_behind_a_proxy_a_stranger_locks_nobody_else_out(client, annotator, settings) -> None:
    settings.TRUSTED_PROXIES, settings.SIGN_IN_RATE = 1, (3, 60)
    assert fail(client, 5, "nobody", HTTP_X_FORWARDED_FOR="198.51.100.1")[-1] == 429
    assert attempt(client, "annotator", PASSWORD, HTTP_X_FORWARDED_FOR="198.51.100.2").status_code == 302


def test_nobody_is_locked_out_of_the_browser_in_which_they_signed_in(client, annotator, settings) -> None:
    settings.SIGN_IN_RATE = (3, 60)
    attempt(client, "annotator", PASSWORD)
    client.post("/sign-out/")
    stranger = Client()
    assert fail(stranger, 10)[-1] == 429
    assert attempt(stranger, "annotator", PASSWORD).status_code == 429
    assert attempt(client, "annotator", PASSWORD).status_code == 302
    # the cookie is good for its owner's account alone, and only as it was made
    client.post("/sign-out/")
    assert attempt(client, "reviewer", "wrong").status_code == 429
    client.cookies[DEVICE_COOKIE] = client.cookies[DEVICE_COOKIE].value + "x"
    assert attempt(client, "annotator", PASSWORD).status_code == 429
    client.cookies[DEVICE_COOKIE] = client.cookies[DEVICE_COOKIE].value[:-1]
    assert fail(client, FREE_FAILURES + 2)[-1] == 429  # it is counted too


def test_what_is_no_attempt_is_not_counted(client, annotator) -> None:
    for _ in range(FREE_FAILURES + 5):
        assert client.get(URL).status_code == 200
        assert client.delete(URL).status_code == 405
        assert client.get("/api/v1/token/").status_code == 405
        assert attempt(client, "annotator", "").status_code == 200
    assert fail(client, FREE_FAILURES) == [200] * FREE_FAILURES


def test_the_page_of_the_account_is_no_way_around(client_of, annotator: User) -> None:
    client = client_of(annotator)
    for _ in range(FREE_FAILURES + 1):
        assert b"not your password" in client.post("/account/", {"old": "wrong", "new": "a-good-long-one"}).content
    assert b"Too many attempts" in client.post("/account/", {"old": PASSWORD, "new": "a-good-long-one"}).content
    annotator.refresh_from_db()
    assert annotator.check_password(PASSWORD)
    assert attempt(Client(), "annotator", PASSWORD).status_code == 429


def test_the_api_and_the_page_count_together(client, annotator) -> None:
    fail(client, FREE_FAILURES + 1)
    body = {"username": "annotator", "password": PASSWORD}
    answer = client.post("/api/v1/token/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "throttled")
    assert int(answer["Retry-After"]) == answer.json()["error"]["details"]["retry_after_seconds"]


def test_a_cache_that_is_down_does_not_lock_everybody_out(client, annotator, settings) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    assert attempt(client, "annotator", PASSWORD).status_code == 302


def test_redis_counts_as_the_cache_of_the_tests_does(annotator, settings) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": os.environ["REDIS_URL"],
            "KEY_PREFIX": f"limits-{uuid4()}",
        }
    }
    request = RequestFactory().post(URL)
    with ThreadPoolExecutor(20) as pool:
        done = list(pool.map(lambda _n: _begins(request), range(100)))
    assert FREE_FAILURES <= done.count(True) <= FREE_FAILURES + 1


def test_who_is_signed_in_is_not_asked_again(client_of, annotator: User) -> None:
    assert client_of(annotator).get(URL).status_code == 302


def test_sign_out_needs_a_post(client_of, annotator: User) -> None:
    client = client_of(annotator)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/")["Location"] == URL
