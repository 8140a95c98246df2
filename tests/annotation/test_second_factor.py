"""Second factors, sessions and single sign-on: what django-allauth does under Margin's rules."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import LazySettings
from django.test import Client
from rest_framework.test import APIClient

from annotation.accounts import administration, api_tokens, sessions
from annotation.accounts.adapters import free_name
from annotation.models import Scope, User
from tests.annotation.test_sign_in import Clock
from tests.conftest import PASSWORD

Api = Callable[[User | None], APIClient]
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
FACTOR = "/sign-in/second-factor/"


def code(secret: str = SECRET) -> str:
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))


def sign_in(client: Client, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/sign-in/", {"username": "lead", "password": password, **more})


@pytest.fixture
def protected(lead: User) -> User:
    """The lead, with an authenticator app and recovery codes."""
    totp.TOTP.activate(lead, SECRET)
    RecoveryCodes.activate(lead)
    return lead


def is_signed_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


# An authenticator app


def test_setting_up_an_app_needs_the_password_and_a_code(lead: User, client_of: Callable[..., Client]) -> None:
    client = client_of(lead)
    confirm = client.get("/account/second-factor/app/")
    assert confirm["Location"].startswith("/account/confirm/")
    assert client.post(confirm["Location"], {"password": "wrong"}).status_code == 200
    assert client.post(confirm["Location"], {"password": PASSWORD})["Location"] == "/account/second-factor/app/"
    page = client.get("/account/second-factor/app/")
    secret = re.search(r"data-secret>(\w+)<", page.content.decode())
    assert secret
    assert "data:image/svg+xml;base64," in page.content.decode()
    assert client.post("/account/second-factor/app/", {"code": "000000"}).status_code == 200
    assert not Authenticator.objects.exists()
    done = client.post("/account/second-factor/app/", {"code": code(secret[1])})
    assert done["Location"] == "/account/second-factor/codes/"
    codes = client.get("/account/second-factor/codes/").content.decode()
    assert len(re.findall(r"^\w{8}$|>\w{8}$", codes, re.M)) == 10
    assert "Change second factor" in client.get("/account/").content.decode()


def test_the_password_alone_opens_nothing(protected: User) -> None:
    client = Client()
    assert sign_in(client, next="/projects/1/annotate/")["Location"] == FACTOR
    assert not is_signed_in(client)
    assert "authenticator app" in client.get(FACTOR).content.decode()
    assert client.post(FACTOR, {"code": "000000"}).status_code == 200
    assert not is_signed_in(client)
    assert client.post(FACTOR, {"code": code()})["Location"] == "/projects/1/annotate/"
    assert is_signed_in(client)


def test_a_code_works_once(protected: User) -> None:
    used = code()
    for client, opened in ((Client(), True), (Client(), False)):
        sign_in(client)
        client.post(FACTOR, {"code": used})
        assert is_signed_in(client) is opened


def test_a_recovery_code_works_once(protected: User) -> None:
    used = RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).get_unused_codes()[0]
    for client, opened in ((Client(), True), (Client(), False)):
        sign_in(client)
        client.post(FACTOR, {"code": used})
        assert is_signed_in(client) is opened


def test_codes_are_not_guessed(protected: User) -> None:
    client = Client()
    sign_in(client)
    for _ in range(6):
        client.post(FACTOR, {"code": "000000"})
    assert client.post(FACTOR, {"code": code()}).status_code == 200
    assert not is_signed_in(client)


def test_no_token_by_password_where_there_is_a_second_factor(protected: User) -> None:
    body = {"username": "lead", "password": PASSWORD}
    answer = Client().post("/api/v1/token/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "second_factor_required")
    answer = Client().post("/api/v1/token/", {**body, "password": "wrong"}, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "wrong_credentials")


def test_no_token_by_password_where_there_is_none(lead: User) -> None:
    lead.set_unusable_password()
    lead.save()
    body = {"username": "lead", "password": PASSWORD}
    assert Client().post("/api/v1/token/", body, content_type="application/json").status_code == 400


def test_an_admin_takes_a_lost_factor_away(protected: User, admin: User, api_of: Api) -> None:
    address = f"/api/v1/accounts/{protected.pk}/"
    assert api_of(admin).get(address).json()["has_second_factor"]
    assert api_of(admin).delete(f"{address}second-factor/").status_code == 204
    assert not api_of(admin).get(address).json()["has_second_factor"]
    client = Client()
    sign_in(client)
    assert is_signed_in(client)


def test_a_new_password_by_a_link_does_not_take_the_factor_away(protected: User, admin: User, api_of: Api) -> None:
    link = api_of(admin).post(f"/api/v1/accounts/{protected.pk}/reset-link/").json()["url"]
    client = Client()
    address = client.get(link.removeprefix("http://testserver"), follow=True).redirect_chain[0][0]
    client.post(address, {"new": "correct horse battery"})
    assert sign_in(client, "correct horse battery")["Location"] == FACTOR


def test_confirming_is_counted_as_signing_in_is(
    lead: User, client_of: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    Clock(monkeypatch)
    client = client_of(lead)
    statuses = [client.post("/account/confirm/", {"password": "wrong"}).status_code for _ in range(9)]
    assert (statuses[0], statuses[-1]) == (200, 429)


def test_its_pages_keep_to_the_policy(protected: User, client_of: Callable[..., Client]) -> None:
    client = client_of(protected)
    client.post("/account/confirm/", {"password": PASSWORD})
    factor = Client()
    sign_in(factor)
    pages = [
        client.get(f"/account/second-factor/{part}")
        for part in ("", "keys/add/", "codes/", "codes/new/", "app/remove/")
    ]
    for page in (*pages, factor.get(FACTOR), Client().get("/sign-in/")):
        html = page.content.decode()
        assert page.status_code == 200, page.request["PATH_INFO"]
        assert "unsafe" not in page["Content-Security-Policy"]
        assert not re.findall(r"<style|style=|onclick=|<script(?![^>]*(?:src=|application/json))", html)


# Sessions


def test_sessions_are_listed_and_ended(lead: User) -> None:
    browsers = [Client(headers={"User-Agent": f"Browser {n}"}) for n in range(2)]
    for browser in browsers:
        sign_in(browser)
    page = browsers[0].get("/account/").content.decode()
    assert "Browser 1" in page
    assert page.count("/end/") == 1  # not one's own
    other = UserSession.objects.get(user_agent="Browser 1")
    assert browsers[0].post(f"/account/sessions/{other.pk}/end/").status_code == 302
    assert [is_signed_in(browser) for browser in browsers] == [True, False]


def test_nobody_ends_anothers_session(lead: User, stranger: User, client_of: Callable[..., Client]) -> None:
    client = Client()
    sign_in(client)
    client_of(stranger).post(f"/account/sessions/{UserSession.objects.get(user=lead).pk}/end/")
    assert is_signed_in(client)


def test_a_session_that_nobody_uses_ends(lead: User, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1_800_000_000.0]
    monkeypatch.setattr(sessions.time, "time", lambda: clock[0])
    used, idle = Client(), Client()
    for client in (used, idle):
        sign_in(client)
        assert is_signed_in(client)
    for _ in range(4):
        clock[0] += settings.SESSION_IDLE_SECONDS - 100
        assert is_signed_in(used)
    assert not is_signed_in(idle)
    settings.SESSION_IDLE_SECONDS = 0
    clock[0] += 10_000_000
    assert is_signed_in(used)


def test_the_time_of_use_is_written_now_and_then(lead: User, django_assert_num_queries: Any) -> None:
    client = Client()
    sign_in(client)
    client.get("/api/v1/me/")
    with django_assert_num_queries(5):  # session, user, two of rights, projects
        client.get("/api/v1/me/")


# Single sign-on


class Provider(BaseHTTPRequestHandler):
    """An OpenID Connect provider that says what the test wants."""

    claims: dict[str, Any] = {}
    url = ""

    def do_GET(self) -> None:
        if self.path == "/.well-known/openid-configuration":
            places = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
            self._answer({"issuer": self.url, **{name: f"{self.url}/{name}" for name in places}})
        else:
            self._answer(type(self).claims)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        claims = {"iss": self.url, "aud": "margin", "iat": 1, "exp": 4_000_000_000, **type(self).claims}
        token = jwt.encode(claims, "a-key-of-the-provider-that-is-long", algorithm="HS256")
        self._answer({"access_token": "token", "token_type": "Bearer", "id_token": token})

    def _answer(self, body: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def provider(settings: LazySettings) -> Iterator[type[Provider]]:
    server = HTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Provider.url = f"http://127.0.0.1:{server.server_port}"
    Provider.claims = {"sub": "7", "preferred_username": "Ada", "email": "ada@example.org", "email_verified": True}
    app = {"provider_id": "sso", "name": "University", "client_id": "margin", "secret": "s"}
    app["settings"] = {"server_url": Provider.url}  # type: ignore[assignment]
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    yield Provider
    server.shutdown()
    server.server_close()


def come(client: Client, query: str = "") -> Any:
    """Go to the provider and come back."""
    away = client.post(f"/sign-in/sso/{query}")
    assert away.status_code == 302, away.content
    asked = parse_qs(urlsplit(away["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["http://testserver/sign-in/sso/callback/"]
    return client.get("/sign-in/sso/callback/", {"code": "c", "state": asked["state"][0]})


@pytest.mark.usefixtures("provider")
def test_a_newcomer_gets_an_account_without_rights(db: None) -> None:
    client = Client()
    assert "Continue with University" in client.get("/sign-in/").content.decode()
    assert come(client)["Location"] == "/"
    user = User.objects.get(username="Ada")
    assert (user.email, user.has_usable_password(), user.is_staff, user.is_superuser) == (
        "ada@example.org",
        False,
        False,
        False,
    )
    assert client.get("/api/v1/me/").json()["projects"] == []
    again = Client()
    come(again)
    assert again.get("/api/v1/me/").json()["id"] == user.pk
    assert User.objects.count() == 1


@pytest.mark.usefixtures("provider")
def test_an_account_is_not_taken_over_by_its_address_or_name(lead: User) -> None:
    User.objects.filter(pk=lead.pk).update(email="ada@example.org")
    Provider.claims = {**Provider.claims, "preferred_username": "LEAD"}
    client = Client()
    come(client)
    me = client.get("/api/v1/me/").json()
    assert (me["id"] != lead.pk, me["username"]) == (True, "LEAD-2")


@pytest.mark.usefixtures("provider")
def test_an_owner_links_and_unlinks(lead: User, client_of: Callable[..., Client]) -> None:
    client = client_of(lead)
    assert "Link with University" in client.get("/account/").content.decode()
    client.post("/account/confirm/", {"password": PASSWORD})
    assert come(client, "?process=connect&next=/account/")["Location"] == "/account/"
    other = Client()
    come(other)
    assert other.get("/api/v1/me/").json()["id"] == lead.pk
    linked = SocialAccount.objects.get(user=lead)
    assert "University" in client.get("/account/sign-on/").content.decode()
    client.post("/account/sign-on/", {"account": linked.pk})
    assert not SocialAccount.objects.exists()


@pytest.mark.usefixtures("provider")
def test_linking_needs_the_password(lead: User, client_of: Callable[..., Client]) -> None:
    client = client_of(lead)
    assert come(client, "?process=connect&next=/account/")["Location"].startswith("/account/confirm/")
    assert not SocialAccount.objects.exists()


@pytest.mark.usefixtures("provider")
def test_the_second_factor_is_asked_for_here_too(protected: User) -> None:
    SocialAccount.objects.create(user=protected, provider="sso", uid="7")
    client = Client()
    assert come(client)["Location"] == FACTOR
    assert not is_signed_in(client)


@pytest.mark.usefixtures("provider")
def test_who_is_deactivated_does_not_come_in_this_way(lead: User) -> None:
    SocialAccount.objects.create(user=lead, provider="sso", uid="7")
    User.objects.update(is_active=False)
    client = Client()
    assert come(client)["Location"] == "/sign-in/inactive/"
    assert not is_signed_in(client)


@pytest.mark.usefixtures("provider")
def test_without_sign_up_only_linked_accounts_come(lead: User, settings: LazySettings) -> None:
    settings.OIDC_SIGN_UP = False
    assert "no account here for you" in come(Client()).content.decode()
    assert User.objects.count() == 1


@pytest.mark.usefixtures("provider")
def test_a_made_up_return_opens_nothing(db: None) -> None:
    client = Client()
    client.post("/sign-in/sso/")
    answer = client.get("/sign-in/sso/callback/", {"code": "c", "state": "made-up"})
    assert "did not succeed" in answer.content.decode()
    assert not is_signed_in(client)
    assert client.get("/sign-in/sso/").status_code == 200  # a link alone goes nowhere


@pytest.mark.usefixtures("provider")
def test_anonymising_takes_links_and_factors_away(protected: User, admin: User) -> None:
    SocialAccount.objects.create(user=protected, provider="sso", uid="7")
    EmailAddress.objects.create(user=protected, email="lead@example.org")
    api_tokens.create_token(protected, "script", Scope.READ, None)
    administration.anonymise(protected)
    for model in (SocialAccount, EmailAddress, Authenticator, UserSession):
        assert not model.objects.filter(user=protected).exists()


def test_names_are_found_that_look_like_no_other(lead: User) -> None:
    assert [free_name(name) for name in ("lead", "Iead", "new one", "ada@example.org")] == [
        "lead-2",
        "Iead-2",
        "new-one",
        "ada@example.org",
    ]
