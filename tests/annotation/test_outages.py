"""While the database is away, the API and the pages say so with 503 and when to try again."""

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.db import InterfaceError, OperationalError, ProgrammingError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from django.urls import reverse

from annotation.database.outages import is_outage
from annotation.models import Project, User


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


def of_sqlite(code: int) -> Exception:
    cause = sqlite3.OperationalError("made up")
    cause.sqlite_errorcode = code
    return caused(OperationalError("made up"), cause)


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (caused(OperationalError("refused"), psycopg.OperationalError("refused")), True),
        (InterfaceError("connection already closed"), True),
        (of_sqlite(sqlite3.SQLITE_BUSY), True),
        (of_sqlite(sqlite3.SQLITE_BUSY | 2 << 8), True),
        (of_sqlite(sqlite3.SQLITE_FULL), True),
        (of_sqlite(sqlite3.SQLITE_CANTOPEN), True),
        (of_sqlite(sqlite3.SQLITE_ERROR), False),  # no such table
        (ProgrammingError("no such column"), False),
        (ValueError(), False),
        (None, False),
    ],
)
def test_what_is_an_outage(error: Exception | None, away: bool) -> None:
    assert is_outage(error) == away


@pytest.fixture
def away(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuse(*args: object) -> Any:
        raise caused(OperationalError("connection refused"), psycopg.OperationalError("connection refused"))

    with monkeypatch.context() as patch:
        patch.setattr(BaseDatabaseWrapper, "cursor", refuse)
        yield


@pytest.fixture
def client(lead: User, client_of: Callable[..., Client]) -> Client:
    client = client_of(lead)
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("signed_in_by", ["session", "token", "nothing"])
def test_the_api(client: Client, project: Project, away: None, signed_in_by: str) -> None:
    headers = {"authorization": "Token abc"} if signed_in_by == "token" else {}
    if signed_in_by == "nothing":
        client.cookies.clear()
    calls = [
        ("post", "api-token", [], {"username": "lead", "password": "x"}),
        *([("get", "api-me", [], {}), ("post", "api-next", [project.pk], {})] if signed_in_by != "nothing" else []),
    ]
    for method, route, args, body in calls:
        where = reverse(route, args=args)
        call = getattr(client, method)
        data = [body, "application/json"] if method == "post" else []
        response = call(where, *data, headers=headers)
        assert response.status_code == 503
        assert response.json()["error"]["code"] == "unavailable"
        assert int(response["Retry-After"]) > 0


def test_a_page(client: Client, project: Project, away: None) -> None:
    for route, args in (("projects-index", []), ("annotate-index", [project.pk])):
        response = client.get(reverse(route, args=args))
        assert response.status_code == 503
        assert int(response["Retry-After"]) > 0
        assert "Not available at the moment" in response.content.decode()


def test_a_fault_of_ours_is_none_of_the_database(
    client: Client, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **kwargs: object) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr("annotation.api.projects.project_out", fail)
    response = client.get(reverse("api-project", args=[project.pk]))
    assert response.status_code == 500
    assert response.json()["error"]["code"] == "internal_error"
