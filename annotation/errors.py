"""Errors that are a person's affair: a code, a status, and words that say what to do next.

Pure: raised anywhere, turned into JSON by `annotation.api.errors` and into a page by `annotation.middleware`.
"""

from collections.abc import Mapping
from typing import Any


class MarginError(Exception):
    """Something went wrong."""

    code = "error"
    status = 400

    def __init__(self, message: str = "", details: Mapping[str, Any] | None = None) -> None:
        self.message = message or (self.__doc__ or "").strip()
        self.details = dict(details or {})
        super().__init__(self.message)


class InvalidSetting(MarginError):
    """That setting cannot have that value."""

    code = "invalid_setting"


class InvalidValue(MarginError):
    """The answer does not fit the project's labels."""

    code = "invalid_value"


class InvalidRequest(MarginError):
    """The request is not complete or not of the right form."""

    code = "invalid_request"


class ImportRefused(MarginError):
    """The file cannot be imported."""

    code = "import_refused"


class NotFound(MarginError):
    """There is no such thing here, or it is not yours to see."""

    code = "not_found"
    status = 404


class Forbidden(MarginError):
    """Your role in this project does not allow that. Ask a lead of the project."""

    code = "forbidden"
    status = 403


class Conflict(MarginError):
    """Somebody else was first. Load the page again."""

    code = "conflict"
    status = 409
