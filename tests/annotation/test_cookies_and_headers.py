"""What a browser is told about cookies, frames, referrers and TLS; docs/operate/security.md rests on it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.hashers import identify_hasher, make_password
from django.test import Client

from alproject import account_settings
from annotation.models import User

ROOT = Path(__file__).parents[2]
TLS_SETTINGS = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS")


def sign_in_address(client: Client) -> str:
    return str(client.get("/", follow=True).request["PATH_INFO"])


@pytest.mark.django_db
def test_the_session_has_a_new_key_after_sign_in_and_no_script_reads_it(client: Client, annotator: User) -> None:
    annotator.set_password("a long enough password")
    annotator.save()
    address = sign_in_address(client)
    session = client.session
    session["seen"] = True  # a session that somebody else may have planted
    session.save()
    planted = client.cookies["sessionid"].value
    fields = {"username": annotator.username, "login": annotator.username, "password": "a long enough password"}
    response = client.post(address, fields)
    assert response.status_code == 302
    cookie = client.cookies["sessionid"]
    assert cookie.value != planted
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_a_page_is_in_no_frame_and_tells_other_sites_nothing(client: Client, db: None) -> None:
    headers = client.get("/", follow=True).headers
    policy = headers["Content-Security-Policy"]
    for directive in ("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert directive in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"


def test_passwords_are_hashed_by_argon2id(settings: object) -> None:
    settings.PASSWORD_HASHERS = account_settings.PASSWORD_HASHERS  # type: ignore[attr-defined]
    hashed = make_password("a long enough password")
    assert identify_hasher(hashed).algorithm == "argon2"
    assert "$argon2id$" in hashed


@pytest.mark.parametrize(("https", "preload"), [("no", ""), ("yes", ""), ("yes", "yes")])
def test_tls_makes_cookies_secure_and_browsers_remember_it(https: str, preload: str, tmp_path: Path) -> None:
    names = (*TLS_SETTINGS, "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD")
    program = f"import json; from alproject import settings; print(json.dumps([getattr(settings, n) for n in {names}]))"
    environment = {**os.environ, "MARGIN_HTTPS": https, "MARGIN_HSTS_PRELOAD": preload, "MARGIN_VAR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    if https == "no":
        assert found == [False, False, False, 0, False, False]
    else:
        assert found == [True, True, True, 31536000, True, bool(preload)]
