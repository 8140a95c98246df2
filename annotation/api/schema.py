"""How the API describes itself: grouped by noun, with the first line as summary and errors in their one form."""

import re
from typing import Annotated, Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction, OpenApiResponse
from rest_framework.fields import empty

from annotation.api.deprecation import EXTENSION
from annotation.api.requests import RequestSerializer
from annotation.api.response_objects import Doc, response_object
from annotation.api.response_serializers import serializer_of
from annotation.formats import TITLES


def upload_formats() -> list[str]:
    """The formats that an upload may name; settings give this list its name in the schema."""
    return ["auto", *TITLES]


@response_object
class ErrorBody:
    code: str
    message: Annotated[str, Doc("Words for people: what is wrong and what to do.")]
    details: dict[str, Any]


@response_object
class ErrorOut:
    error: ErrorBody


ERROR = serializer_of(ErrorOut)
WRONG_REQUEST = "The body or the query is not as it should be: `details` has what is wrong, by field."
SIGNED_OUT = (
    "Without a token or a session, with one that is not valid, or (`other_user`) with the header `X-Margin-User` "
    "that names another user."
)
FORBIDDEN = "The role or the token's scope does not suffice, or a session comes without its CSRF token."
NOT_FOUND = "There is no such thing, or it is not the caller's to see."
TOO_LARGE = "The body is larger than this call takes."
UNAVAILABLE = "The database is away or too busy: try again after the seconds of `Retry-After`."
DISK_FULL = "There is no space left on the server's disk."
NOT_JSON = "The body is of another media type."


class Schema(AutoSchema):
    """Named in settings for every view of the API."""

    def get_tags(self) -> list[str]:
        """The noun under a project, or else the first one: /projects/{id}/members/{member}/ is about members."""
        nouns = [part for part in self.path.split("/")[3:] if part and not part.startswith("{")]
        return [nouns[1] if nouns[0] == "projects" and len(nouns) > 1 else nouns[0]]

    def get_operation_id(self) -> str:
        """As usual, but a view whose GET states a page of rows lists them."""
        name: str = super().get_operation_id()
        stated = self.get_response_serializers()
        if getattr(stated, "__name__", "").endswith("Page"):
            return f"{name.removesuffix('_retrieve')}_list"
        return name

    def get_override_parameters(self) -> list[Any]:
        """What the view states of its query string."""
        query = getattr(self.view, "queries", {}).get(self.method)
        return [*super().get_override_parameters(), *([query] if query else [])]

    def get_summary(self) -> str | None:
        """The first part of the view's docstring."""
        return re.split(r"[.;:(\n]", self.get_description() or "")[0].strip() or None

    def _map_basic_serializer(self, serializer: object, direction: Direction) -> dict[str, Any]:
        """As usual, with a note of deprecated names for the hook that adds them; requests have no other keys."""
        schema: dict[str, Any] = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        if isinstance(serializer, RequestSerializer):
            schema["additionalProperties"] = False
        if names := getattr(serializer, "deprecated_names", None):
            schema[EXTENSION] = {"names": names, "answered": direction == "response"}
        return schema

    def _get_response_bodies(self, direction: Direction = "response") -> dict[str, Any]:
        """What the view states, the errors that follow from the kind of call, and the one form of any error."""
        bodies = super()._get_response_bodies(direction)
        for code, description in self._usual_errors().items():
            stated = OpenApiResponse(ERROR, description=description)
            body = self._get_response_for_code(stated, code, direction=direction)  # type: ignore[no-untyped-call]
            bodies.setdefault(code, body)
        default = self._get_response_for_code(ERROR, "default", direction=direction)  # type: ignore[no-untyped-call]
        bodies["default"] = default
        return dict(sorted(bodies.items()))

    def _usual_errors(self) -> dict[str, str]:
        """Return {status: description} of errors that a call may meet by its method, its path and its body."""
        changes, has_place = self.method != "GET", "{" in self.path
        signs_in = bool(self.get_auth())
        body: object = self.get_request_serializer() if self.method in ("POST", "PUT", "PATCH") else None
        has_body = body is not None and body is not empty
        found = {
            "400": WRONG_REQUEST,
            "401": SIGNED_OUT if signs_in else "",
            "403": FORBIDDEN if signs_in and (changes or has_place) else "",
            "404": NOT_FOUND if has_place else "",
            "413": TOO_LARGE if has_body else "",
            "415": NOT_JSON if has_body else "",
            "503": UNAVAILABLE,
            "507": DISK_FULL if has_body else "",
        }
        return {code: description for code, description in found.items() if description}
