"""How the API describes itself: grouped by noun, with the first line as summary and errors in their one form."""

import re
from typing import Any

from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

from annotation.formats import TITLES


def upload_formats() -> list[str]:
    """The formats that an upload may name; settings give this list its name in the schema."""
    return ["auto", *TITLES]


class ErrorBody(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField(help_text="Words for people: what is wrong and what to do.")
    details = serializers.DictField()


class ErrorOut(serializers.Serializer[Any]):
    error = ErrorBody()


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

    def get_summary(self) -> str | None:
        """The first part of the view's docstring."""
        return re.split(r"[.;:(\n]", self.get_description() or "")[0].strip() or None

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        """What the view states, and the one form of any error."""
        bodies = super()._get_response_bodies(direction)
        error = self._get_response_for_code(ErrorOut, "default", direction=direction)  # type: ignore[no-untyped-call]
        return {**bodies, "default": error}
