"""Addresses that change with what is there, so that browsers may keep it; and what a page has loaded beforehand."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from annotation.static_files import digest_of_folders, with_imported_modules

FOREVER = "public, max-age=31536000, immutable"


def test_the_digest_is_that_of_names_and_contents(tmp_path: Path) -> None:
    folder = tmp_path / "static"
    (folder / "js").mkdir(parents=True)
    (folder / "js" / "a.js").write_text("one")
    first = digest_of_folders([folder])
    assert re.fullmatch(r"[0-9a-f]{12}", first)
    (folder / "js" / "a.js").write_text("two")
    second = digest_of_folders([folder])
    (folder / "js" / "a.js").rename(folder / "js" / "b.js")
    assert len({first, second, digest_of_folders([folder])}) == 3


def test_all_that_a_module_imports_is_found_once(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "main.js").write_text('import { a } from "./deep/a.js";\nimport "./side.js";\nimport(`./late.js`);\n')
    (tmp_path / "deep" / "a.js").write_text(
        '/** @type {import("../types.js").T} */\nimport {\n  b,\n} from "./b.js";\nexport const a = "../no.js";\n'
    )
    (tmp_path / "deep" / "b.js").write_text('export { c } from "../side.js";\nimport { a } from "./a.js";\n')
    (tmp_path / "side.js").write_text("export const c = 1;\n")
    assert with_imported_modules(tmp_path, ("main.js",)) == ("main.js", "deep/a.js", "side.js", "deep/b.js")


def test_every_module_that_exists_imports_what_exists() -> None:
    root = settings.STATICFILES_DIRS[0]
    modules = [path.relative_to(root).as_posix() for path in (root / "js").rglob("*.js")]
    assert set(with_imported_modules(root, tuple(modules))) - set(modules) == {"vendor/chart.js-4.6.1/chart.umd.min.js"}


def test_files_are_kept_for_good(client: Client) -> None:
    response = client.get(f"{settings.STATIC_URL}js/main.js")
    assert response.status_code == 200
    assert "immutable" in response["Cache-Control"]
    assert "no-store" not in response["Cache-Control"]


@pytest.mark.parametrize("address", ["/static/0123456789ab/js/main.js", "/static/js/main.js"])
def test_addresses_of_other_releases_lead_to_the_files_of_now(client: Client, address: str) -> None:
    response = client.get(address)
    assert (response.status_code, response["Location"]) == (302, f"{settings.STATIC_URL}js/main.js")
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["js/no_such.js", "../secret_key", "/evil.example/"])
def test_what_is_not_there_leads_nowhere(client: Client, path: str) -> None:
    assert client.get(f"{settings.STATIC_URL}{path}").status_code == 404


def test_an_address_cannot_lead_to_another_site(client: Client) -> None:
    response = client.get("/static/0123456789ab//evil.example/")
    assert response["Location"].startswith(settings.STATIC_URL)


@pytest.mark.parametrize(("language", "text"), [("en", b"gettext"), ("zh-hans", "已跳过".encode("unicode-escape"))])
def test_the_texts_of_scripts_are_those_of_the_address(client: Any, language: str, text: bytes) -> None:
    other = {"en": "zh-hans", "zh-hans": "en"}[language]
    response = client.get(f"/jsi18n/{settings.STATIC_DIGEST}/{language}/", headers={"accept-language": other})
    assert response.status_code == 200
    assert text in response.content
    assert response["Cache-Control"] == FOREVER


def test_texts_of_another_release_are_not_kept(client: Client) -> None:
    assert client.get("/jsi18n/0123456789ab/en/")["Cache-Control"] == "no-store"
    assert client.get(f"/jsi18n/{settings.STATIC_DIGEST}/xx/").status_code == 404
