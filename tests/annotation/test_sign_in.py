"""Signing in: a clear error, a limit on guesses, no way out to other sites."""

from typing import Any

import pytest
from django.test import Client
from rest_framework.throttling import SimpleRateThrottle

from annotation.models import User
from tests.conftest import PASSWORD

URL = "/sign-in/"


@pytest.fixture
def three_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"sign-in": "3/min"})


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


def test_after_too_many_attempts_even_the_right_password_has_to_wait(client, annotator, three_a_minute) -> None:
    for _ in range(3):
        attempt(client, "annotator", "wrong")
    response = attempt(client, "annotator", PASSWORD)
    assert response.status_code == 429
    assert response["Retry-After"] == "60"
    assert b"Too many attempts" in response.content


def test_one_name_is_not_guessed_from_many_addresses(client, annotator, three_a_minute) -> None:
    for n in range(3):
        attempt(client, "Annotator", "wrong", REMOTE_ADDR=f"10.0.0.{n}")
    assert attempt(client, "annotator", "wrong", REMOTE_ADDR="10.0.0.9").status_code == 429


def test_many_names_are_not_guessed_from_one_address(client, annotator, three_a_minute) -> None:
    for n in range(3):
        attempt(client, f"name{n}", "wrong")
    assert attempt(client, "annotator", PASSWORD).status_code == 429


def test_a_cache_that_is_down_does_not_lock_everybody_out(client, annotator, settings) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    assert attempt(client, "annotator", PASSWORD).status_code == 302


def test_who_is_signed_in_is_not_asked_again(client_of, annotator: User) -> None:
    assert client_of(annotator).get(URL).status_code == 302


def test_sign_out_needs_a_post(client_of, annotator: User) -> None:
    client = client_of(annotator)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/")["Location"] == URL
