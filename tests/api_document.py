"""Hold every JSON answer of the API that a test sees against the OpenAPI document.

The document says less than a test wants: objects are open there, so that a client survives a new field. Here they are
closed: a key that the document does not name is a lie like a missing one or a wrong type.
"""

import json
import re
from functools import cache
from typing import Any, NamedTuple, TypeAlias

from django.http import HttpResponseBase
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

Json: TypeAlias = Any
ROOT = "/api/v1/"
ANYTHING_GOES = {"OPTIONS", "HEAD", "TRACE"}  # no calls of the API: the framework answers
COMPONENTS = "urn:components"


class UndocumentedAnswer(AssertionError):
    """The API answered what its document does not say."""


class Operation(NamedTuple):
    path: re.Pattern[str]
    responses: dict[str, dict[str, dict[str, Any]]]  # {method: {status: response}}


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI document, made once a test run."""
    made: dict[str, Any] = json.loads(json.dumps(SchemaGenerator().get_schema(request=None, public=True), default=str))
    return made


@cache
def operations() -> list[Operation]:
    """Return the calls, those with fewer parts of the path left open first."""
    found = []
    for path, calls in sorted(document()["paths"].items(), key=lambda item: item[0].count("{")):
        pattern = re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))
        found.append(Operation(pattern, {method.upper(): call["responses"] for method, call in calls.items()}))
    return found


def closed(schema: Json) -> Json:
    """Return an OpenAPI 3.0 schema as JSON Schema that allows null where it says so and no unnamed key."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: closed(value) for key, value in schema.items() if key not in ("nullable", "description", "properties")}
    if "properties" in schema:
        made["properties"] = {name: closed(part) for name, part in schema["properties"].items()}
        made.setdefault("additionalProperties", False)
    if reference := schema.get("$ref"):
        made["$ref"] = reference.replace("#/components/schemas/", f"{COMPONENTS}#/")
    if schema.get("nullable"):
        return {"anyOf": [made, {"type": "null"}]}
    return made


@cache
def registry() -> Registry[Any]:
    schemas = {name: closed(schema) for name, schema in document()["components"]["schemas"].items()}
    content = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schemas}
    return Registry().with_resource(COMPONENTS, Resource.from_contents(content))


def faults(schema: dict[str, Any], body: Json) -> list[str]:
    """Return what is wrong with a JSON body, each fault with its place."""
    validator = Draft202012Validator(closed(schema), registry=registry())
    return [f"at {error.json_path}: {error.message[:500]}" for error in validator.iter_errors(body)]


def check(method: str, path: str, response: HttpResponseBase) -> None:
    """Raise UndocumentedAnswer where a call of the API was answered otherwise than the document says."""
    if not path.startswith(ROOT) or method in ANYTHING_GOES:
        return
    call = f"{method} {path} -> {response.status_code}"
    stated = next((one.responses for one in operations() if one.path.fullmatch(path)), None)
    if stated is None or method not in stated:
        if response.status_code not in (401, 404, 405):
            raise UndocumentedAnswer(f"{call}: the document has no such call.")
        return
    by_status = stated[method].get(str(response.status_code))
    if response.status_code == 500:  # no call promises one; it has the form of any error
        by_status = stated[method]["default"]
    if by_status is None:
        raise UndocumentedAnswer(f"{call}: the document has {', '.join(sorted(stated[method]))}. {_text(response)}")
    if problems := _content_faults(by_status.get("content", {}), response):
        raise UndocumentedAnswer("\n".join([call, *problems, _text(response)]))


def _content_faults(content: dict[str, Any], response: HttpResponseBase) -> list[str]:
    media_type = response.get("Content-Type", "").partition(";")[0]
    if media_type != "application/json":
        empty = not getattr(response, "streaming", False) and not response.content  # type: ignore[attr-defined]
        if empty or media_type in content or "application/octet-stream" in content:
            return []
        return [f"The document has {', '.join(content) or 'no body'}, not {media_type}."]
    if media_type not in content:
        return ["The document has no JSON body here."]
    return faults(content[media_type]["schema"], json.loads(response.content))  # type: ignore[attr-defined]


def _text(response: HttpResponseBase) -> str:
    return "" if getattr(response, "streaming", False) else response.content[:1000].decode(errors="replace")  # type: ignore[attr-defined]
