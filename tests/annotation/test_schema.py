"""The API describes itself: without warnings, in a page that keeps to the content security policy."""

from collections.abc import Callable
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client

from annotation.formats import WRITABLE
from annotation.models import User


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("schema") / "openapi.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(path))
    loaded: dict[str, Any] = yaml.safe_load(path.read_text())
    return loaded


def operations(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(f"{method} {path}", call) for path, calls in schema["paths"].items() for method, call in calls.items()]


def test_every_call_says_in_words_what_it_does(schema: dict[str, Any]) -> None:
    assert [name for name, call in operations(schema) if not call.get("summary")] == []


def test_every_call_names_its_one_form_of_error(schema: dict[str, Any]) -> None:
    for name, call in operations(schema):
        content = call["responses"]["default"]["content"]["application/json"]
        assert content["schema"] == {"$ref": "#/components/schemas/ErrorOut"}, name


def test_every_call_names_the_errors_that_any_call_may_meet(schema: dict[str, Any]) -> None:
    for name, call in operations(schema):
        wanted = {"400", "503"}
        wanted |= {"413", "415", "507"} if "requestBody" in call else set()
        wanted |= {"404"} if "{" in name else set()
        assert wanted <= set(call["responses"]), name


def test_downloads_name_their_media_types(schema: dict[str, Any]) -> None:
    content = schema["paths"]["/api/v1/projects/{id}/exports/{run}/download/"]["get"]["responses"]["200"]["content"]
    assert set(content) == {one.content_type.partition(";")[0] for one in WRITABLE.values()}
    assert not [name for name, call in operations(schema) if "application/octet-stream" in str(call["responses"])]


def test_every_call_but_sign_in_takes_a_token_or_a_session(schema: dict[str, Any]) -> None:
    public = [name for name, call in operations(schema) if call.get("security") != [{"token": []}, {"session": []}]]
    assert public == ["post /api/v1/token/"]


def test_lists_come_in_pages(schema: dict[str, Any]) -> None:
    page = schema["components"]["schemas"]["PaginatedProjectOutList"]
    assert set(page["properties"]) == {"results", "next", "previous"}


def test_the_page_has_no_script_or_style_of_its_own(lead: User, client_of: Callable[..., Client]) -> None:
    response = client_of(lead).get("/api/docs/")
    html = response.content.decode()
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert "style-src 'self'" in response["Content-Security-Policy"]
    assert "unsafe" not in response["Content-Security-Policy"]
    assert "<style" not in html
    assert "style=" not in html
    assert "<script>" not in html
