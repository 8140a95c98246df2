"""The check that holds the API's answers against its document finds each kind of lie; and the names of before."""

import json
from pathlib import Path
from typing import Annotated, Any

import pytest
from django.http import HttpResponse, JsonResponse

from annotation.api.response_objects import ABSENT, Absent, Doc, as_plain_data, from_mapping, response_object
from tests.api_document import UndocumentedAnswer, check, document

GUIDE = Path(__file__).parents[2] / "docs" / "api.md"
ME = {"id": 1, "username": "anna", "is_admin": False, "may_create_projects": True, "time_zone": "", "projects": []}


@pytest.mark.parametrize(
    ("method", "path", "response"),
    [
        ("GET", "/api/v1/me/", JsonResponse(ME | {"surprise": 1})),  # an undocumented key
        ("GET", "/api/v1/me/", JsonResponse({"id": 1})),  # missing keys
        ("GET", "/api/v1/me/", JsonResponse(ME | {"id": "1"})),  # a wrong type
        ("GET", "/api/v1/me/", JsonResponse(ME | {"username": None})),  # null where it is not said
        ("GET", "/api/v1/me/", JsonResponse(ME | {"projects": [{"id": 1, "name": "a"}]})),  # deep inside
        ("GET", "/api/v1/me/", JsonResponse([ME], safe=False)),  # a list for an object
        ("GET", "/api/v1/me/", JsonResponse(ME, status=201)),  # an undocumented status
        ("GET", "/api/v1/me/", JsonResponse({"detail": "No."}, status=401)),  # an error in another form
        ("GET", "/api/v1/me/", HttpResponse("<p>anna")),  # another media type
        ("GET", "/api/v1/me/mine/", JsonResponse(ME)),  # an undocumented call
        ("PUT", "/api/v1/me/", JsonResponse(ME)),
        ("DELETE", "/api/v1/me/tokens/1/", JsonResponse({}, status=200)),  # 204 is documented
    ],
)
def test_a_lie_is_found(method: str, path: str, response: HttpResponse) -> None:
    with pytest.raises(UndocumentedAnswer):
        check(method, path, response)


@pytest.mark.parametrize(
    ("method", "path", "response"),
    [
        ("GET", "/api/v1/me/", JsonResponse(ME)),
        ("GET", "/api/v1/me/tokens/", JsonResponse({"next": None, "previous": None, "results": []})),
        ("DELETE", "/api/v1/me/tokens/1/", HttpResponse(status=204)),
        ("PUT", "/api/v1/me/", JsonResponse({}, status=405)),
        ("GET", "/projects/", HttpResponse("<p>a page")),
    ],
)
def test_the_truth_is_let_through(method: str, path: str, response: HttpResponse) -> None:
    check(method, path, response)


# Objects


@response_object
class Part:
    count: Annotated[int, Doc(deprecated_name="n")]
    kind: Annotated[str, Doc(deprecated_name="type", deprecated_values={"budget": "limit"})] = "other"


@response_object
class Whole:
    name: str
    first: Part | None
    rest: list[Part | None]
    by_name: dict[str, Part]
    extra: int | Absent = ABSENT


PART = {"count": 1, "n": 1, "kind": "budget", "type": "limit"}


def test_an_object_is_written_under_both_names() -> None:
    part = Part(count=1, kind="budget")
    whole = Whole(name="a", first=None, rest=[part, None], by_name={"b": part})
    assert as_plain_data(whole) == {"name": "a", "first": None, "rest": [PART, None], "by_name": {"b": PART}}
    assert as_plain_data([Whole(name="a", first=part, rest=[], by_name={}, extra=3)])[0]["extra"] == 3
    assert as_plain_data(Part(count=1)) == {"count": 1, "n": 1, "kind": "other", "type": "other"}


@pytest.mark.parametrize("part", [{"n": 1, "type": "limit"}, {"count": 1, "kind": "budget"}, {"n": 1, "kind": "limit"}])
def test_an_object_is_read_under_either_name(part: dict[str, Any]) -> None:
    whole = from_mapping(Whole, {"name": "a", "first": part, "rest": [part, None], "by_name": {"b": part}})
    assert as_plain_data(whole) == {"name": "a", "first": PART, "rest": [PART, None], "by_name": {"b": PART}}


@pytest.mark.parametrize("wrong", [{"n": 1, "surprise": 2}, {"kind": "budget"}])
def test_what_does_not_fit_is_no_object(wrong: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        from_mapping(Part, wrong)


# Names of before


def deprecated_names() -> set[tuple[str, str]]:
    """Return {(old name, new name)} of the document."""
    return {
        (name, schema["description"].split("`")[1])
        for component in document()["components"]["schemas"].values()
        for name, schema in component.get("properties", {}).items()
        if schema.get("deprecated")
    }


def test_the_guide_lists_every_name_of_before() -> None:
    """Each row of the table is `old` | `new` | where."""
    rows = [line.split("|")[1:3] for line in GUIDE.read_text().splitlines() if line.startswith("| `")]
    listed = {(old.strip().strip("`"), new.strip().strip("`")) for old, new in rows}
    assert deprecated_names() - listed == set(), "docs/api.md does not list these"
    assert listed - deprecated_names() == set(), "docs/api.md lists what the document has not"


def test_the_document_shows_both_names_and_marks_the_old_one() -> None:
    schemas = json.loads(json.dumps(document()))["components"]["schemas"]
    item = schemas["AssignmentOut"]
    assert item["properties"]["likely"] == item["properties"]["label_scores"] | {
        "deprecated": True,
        "description": "Old name of `label_scores`.",
    }
    assert {"likely", "label_scores"} <= set(item["required"])
    assert not {"n", "limit"} & set(schemas["NextInRequest"].get("required", ()))
    assert schemas["LabelChangeInRequest"]["required"] == ["kind", "label", "targets"]
    assert schemas["ConditionOut"]["properties"]["kind"]["type"] == "string"
    assert not [schema for schema in schemas.values() if any(key.startswith("x-") for key in schema)]
