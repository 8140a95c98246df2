"""How bodies are read: JSON that can be kept, and nothing else.

What a database cannot hold, or what is nested so deeply that no library walks it, is refused at the door with 400:
then no code behind it meets it.
"""

from collections.abc import Mapping
from typing import IO, Any, cast

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.fields import empty
from rest_framework.parsers import JSONParser

from annotation.errors import TooLarge
from annotation.json_values import is_storable, parse_json

MAX_BODY_BYTES = 1024 * 1024  # of a call, unless its endpoint says otherwise


class JsonParser(JSONParser):
    """JSON in UTF-8 (RFC 8259); numbers are finite, texts have no NUL and no half of a surrogate pair."""

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:  # noqa: ANN401
        """Return the value of a body; raises ParseError, or TooLarge before more than its bound is in memory."""
        most = getattr((parser_context or {}).get("view"), "max_body_bytes", MAX_BODY_BYTES)
        body = stream.read(most + 1)
        if len(body) > most:
            raise TooLarge(_("The body of this call may have at most %(most)d KB.") % {"most": most // 1024})
        return read_json(body)


def read_json(body: bytes | str) -> Any:  # noqa: ANN401
    """Return the value of a JSON text; raises ParseError that says what is wrong with it."""
    try:
        text = body if isinstance(body, str) else body.decode()
        value = parse_json(text)
    except ValueError as error:
        raise ParseError(_("This is not valid JSON: %(error)s.") % {"error": str(error)[:250]}) from None
    if "\\u" in text and not is_storable(value):  # only an escape brings in what UTF-8 cannot hold
        raise ParseError(_("There is a NUL or half a character in it, which is not text; remove it."))
    return value


class JsonTextField(serializers.CharField):
    """JSON in a field of a form: text there, a value afterwards; None where it is blank."""

    def __init__(self, help_text: str) -> None:
        super().__init__(required=False, allow_blank=True, help_text=help_text)

    def run_validation(self, data: object = empty) -> Any:  # noqa: ANN401
        text = super().run_validation(cast(str, data))
        try:
            return read_json(text) if text else None
        except ParseError as error:
            raise serializers.ValidationError(str(error.detail), "invalid") from None
