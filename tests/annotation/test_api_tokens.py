"""API tokens: several a person, hashed, with a scope and an end; made in a session or by password, revoked."""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from annotation.accounts import api_tokens
from annotation.models import ApiToken, Scope, User
from tests.annotation.test_permissions import ROWS, Row, World, send, world
from tests.conftest import PASSWORD

__all__ = ["world"]  # a fixture of the matrix

Api = Callable[[User | None], APIClient]
SIGN_IN, MINE = "/api/v1/token/", "/api/v1/me/tokens/"


def bearer(key: str) -> Client:
    return Client(headers={"Authorization": f"Token {key}"})


def token(user: User, scope: str = "manage", **changes: Any) -> tuple[ApiToken, str]:
    made, key = api_tokens.create_token(user, "script", Scope(scope), None)
    ApiToken.objects.filter(pk=made.pk).update(**changes)
    return made, key


def sign_in(**body: Any) -> Any:
    return Client().post(SIGN_IN, {"username": "lead", "password": PASSWORD, **body}, content_type="application/json")


# Making them


def test_each_sign_in_gives_a_token_of_its_own_that_ends(lead: User) -> None:
    first, second = sign_in(), sign_in(name="nightly export", scope="read")
    assert first.status_code == second.status_code == 200
    assert first.json()["token"] != second.json()["token"]
    assert (second.json()["name"], second.json()["scope"]) == ("nightly export", "read")
    for made in ApiToken.objects.all():
        assert timedelta(days=29) < made.expires_at - timezone.now() <= timedelta(days=30)
        assert bearer(first.json()["token"]).get("/api/v1/me/").json()["username"] == "lead"


def test_sign_ins_make_room_for_themselves_and_for_nobody_else(lead: User) -> None:
    kept, _key = token(lead)
    keys = [sign_in().json()["token"] for _ in range(api_tokens.MAX_PASSWORD_TOKENS + 3)]
    assert ApiToken.objects.filter(by_password=True).count() == api_tokens.MAX_PASSWORD_TOKENS
    assert ApiToken.objects.filter(pk=kept.pk).exists()
    assert bearer(keys[0]).get("/api/v1/me/").status_code == 401
    assert bearer(keys[-1]).get("/api/v1/me/").status_code == 200


def test_a_signed_in_browser_makes_lists_and_revokes_tokens(lead: User, stranger: User, api_of: Api) -> None:
    api = api_of(lead)
    made = api.post(MINE, {"name": "script", "scope": "annotate", "expires_in_days": 7}, format="json")
    assert made.status_code == 201
    key = made.json()["token"]
    [row] = api.get(MINE).json()["results"]
    assert (row["name"], row["scope"], row["is_legacy"], row["last_used_at"]) == ("script", "annotate", False, None)
    assert key.startswith(row["prefix"])
    assert key not in api.get(MINE).content.decode()
    assert api_of(stranger).delete(f"{MINE}{row['id']}/").status_code == 404
    assert bearer(key).get("/api/v1/me/").status_code == 200
    assert api.delete(f"{MINE}{row['id']}/").status_code == 204
    assert bearer(key).get("/api/v1/me/").status_code == 401
    assert api.delete(f"{MINE}{row['id']}/").status_code == 404


def test_a_token_may_be_without_an_end(lead: User, api_of: Api) -> None:
    made = api_of(lead).post(MINE, {"name": "script", "expires_in_days": None}, format="json").json()
    assert (made["expires_at"], made["scope"]) == (None, "read")


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "a", "scope": "all"}, {"name": "a", "expires_in_days": 0}])
def test_nonsense_makes_no_token(lead: User, api_of: Api, body: dict[str, Any]) -> None:
    assert api_of(lead).post(MINE, body, format="json").status_code == 400
    assert not ApiToken.objects.exists()


def test_there_is_a_limit(lead: User, api_of: Api) -> None:
    ApiToken.objects.bulk_create(
        ApiToken(user=lead, name="n", digest=str(n), scope="read") for n in range(api_tokens.MAX_TOKENS)
    )
    assert api_of(lead).post(MINE, {"name": "one more"}, format="json").status_code == 409
    ApiToken.objects.update(expires_at=timezone.now())  # what has ended does not count
    assert api_of(lead).post(MINE, {"name": "one more"}, format="json").status_code == 201
    assert ApiToken.objects.count() == 1


def test_a_token_makes_no_tokens(lead: User) -> None:
    answer = bearer(token(lead)[1]).post(MINE, {"name": "another"}, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "session_required")


# What is kept


def test_keys_are_nowhere_in_the_database(lead: User) -> None:
    made, key = token(lead)
    row = ApiToken.objects.filter(pk=made.pk).values().get()
    assert not [value for value in row.values() if key in str(value)]
    assert ApiToken.objects.filter(digest=key).count() == 0
    assert bearer(row["digest"]).get("/api/v1/me/").status_code == 401


def test_the_last_use_is_written_down_now_and_then(lead: User, django_assert_num_queries: Any) -> None:
    made, key = token(lead)
    client = bearer(key)
    client.get("/api/v1/me/")
    made.refresh_from_db()
    first = made.last_used_at
    assert timezone.now() - first < timedelta(minutes=1)
    client.get("/api/v1/me/")
    made.refresh_from_db()
    assert made.last_used_at == first
    ApiToken.objects.update(last_used_at=first - timedelta(minutes=6))
    client.get("/api/v1/me/")
    made.refresh_from_db()
    assert made.last_used_at > first


def test_a_token_that_ended_opens_nothing(lead: User, api_of: Api) -> None:
    _made, key = token(lead, expires_at=timezone.now() + timedelta(seconds=60))
    assert bearer(key).get("/api/v1/me/").status_code == 200
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    answer = bearer(key).get("/api/v1/me/")
    assert answer.status_code == 401
    assert "expired" in answer.json()["error"]["message"]
    assert api_of(lead).get(MINE).json()["results"] == []


def test_the_token_of_somebody_who_was_deactivated_opens_nothing(lead: User) -> None:
    key = token(lead)[1]
    User.objects.update(is_active=False)
    assert bearer(key).get("/api/v1/me/").status_code == 401


def test_a_changed_password_ends_all_tokens(lead: User, annotator: User, client_of: Callable[..., Client]) -> None:
    key, others = token(lead)[1], token(annotator)[1]
    client = client_of(lead)
    page = client.post("/account/", {"old": PASSWORD, "new": "a-good-long-one"}, follow=True).content.decode()
    assert "your API tokens are revoked" in page
    assert bearer(key).get("/api/v1/me/").status_code == 401
    assert bearer(others).get("/api/v1/me/").status_code == 200


# Scopes


def needed(row: Row) -> str:
    """What the scope of a token must be at least."""
    if row.method == "GET" or row.route == "api-guidelines-preview":
        return "read"
    return "annotate" if row.route in ("api-next", "api-annotations", "api-undo") else "manage"


BY_TOKEN = [row for row in ROWS if row.route.startswith("api-") and row.route not in ("api-token", "api-docs")]


@pytest.mark.parametrize("scope", ["read", "annotate", "manage"])
@pytest.mark.parametrize("row", BY_TOKEN, ids=str)
def test_a_scope_narrows_what_the_role_allows(
    row: Row, scope: str, world: World, lead: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = []
    request = Client.request
    monkeypatch.setattr(Client, "request", lambda *args, **more: answers.append(request(*args, **more)) or answers[-1])
    status = send(bearer(token(lead, scope)[1]), row.route, row.method, world, row)
    if list(Scope).index(scope) < list(Scope).index(needed(row)):
        assert (status, answers[0].json()["error"]["code"]) == (403, "insufficient_scope")
        assert answers[0].json()["error"]["details"] == {"scope": needed(row)}
    elif (row.route, row.method) == ("api-my-tokens", "POST"):
        assert (status, answers[0].json()["error"]["code"]) == (403, "session_required")
    else:
        assert status == row.statuses[0]


# What an earlier release left


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_keys_of_an_earlier_release_are_hashed_and_go_on(lead: User) -> None:
    key = "0123456789abcdef" * 2 + "01234567"
    with connection.cursor() as cursor:
        columns = "key varchar(40) PRIMARY KEY, user_id bigint NOT NULL, created timestamptz NOT NULL"
        cursor.execute(f"CREATE TABLE authtoken_token ({columns})")
        cursor.execute("INSERT INTO authtoken_token VALUES (%s, %s, '2026-01-02 03:04:05')", [key, lead.pk])
    migration = import_module("annotation.migrations.0012_hash_tokens")
    with connection.schema_editor() as editor:
        migration.hash_tokens(apps, editor)
        migration.hash_tokens(apps, editor)  # a second time finds nothing
    [row] = ApiToken.objects.all()
    assert (row.scope, row.is_legacy, row.expires_at, row.created_at.year) == ("manage", True, None, 2026)
    assert bearer(key).get("/api/v1/me/").json()["username"] == "lead"
    assert "authtoken_token" not in connection.introspection.table_names()
