"""Errors that are a person's affair: a code, a status, and words that say what to do next.

Pure: raised anywhere, turned into JSON by `annotation.api.errors` and into a page by `annotation.views.middleware`.
"""

from collections.abc import Mapping
from typing import Any

from annotation.lazy_text import LazyText as _


class MarginError(Exception):
    """The words of a kind of error stand for those that are raised without any of their own."""

    message: str = _("Something went wrong.")
    code = "error"
    status = 400
    retry_after_seconds = 0  # 0: trying again does not help

    def __init__(self, message: str = "", details: Mapping[str, Any] | None = None) -> None:
        if message:
            self.message = message
        self.details = dict(details or {})
        super().__init__(self.message)


class InvalidSetting(MarginError):
    message = _("That setting cannot have that value.")
    code = "invalid_setting"


class InvalidValue(MarginError):
    message = _("The answer does not fit the project's labels.")
    code = "invalid_value"


class LabelGone(InvalidValue):
    """An answer names a label that was changed meanwhile, so that only a person can say what it means now."""

    message = _("A label of this answer was changed meanwhile.")
    code = "label_split"


class InvalidRequest(MarginError):
    message = _("The request is not complete or not of the right form.")
    code = "invalid_request"


class ImportRefused(MarginError):
    message = _("The file cannot be imported.")
    code = "import_refused"


class NotFound(MarginError):
    message: str = _("There is no such thing here, or it is not yours to see.")
    code = "not_found"
    status = 404


class Removed(NotFound):
    """For those who have answered in the project: they know that it is there."""

    message = _("A lead removed you from this project.")
    code = "removed"


class Forbidden(MarginError):
    message: str = _("Your role in this project does not allow that. Ask a lead of the project.")
    code = "forbidden"
    status = 403


class Conflict(MarginError):
    message: str = _("Somebody else was first. Load the page again.")
    code = "conflict"
    status = 409


class TooManyAttempts(MarginError):
    message: str = _("Too many attempts. Wait a minute, then try again.")
    code = "throttled"
    status = 429

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(details={"retry_after_seconds": retry_after_seconds})
        self.retry_after_seconds = retry_after_seconds


class SimilarLabels(Conflict):
    """Two labels that people take for one; whoever means both says so."""

    message = _("Two labels look alike.")
    code = "similar_labels"


class TooLarge(MarginError):
    message = _("The request is too large.")
    code = "too_large"
    status = 413


class DiskFull(MarginError):
    message = _("There is no space left on the server's disk. Tell your administrator.")
    code = "disk_full"
    status = 507


class Unavailable(MarginError):
    message = _("The server cannot reach its database now. Try again in a moment.")
    code = "unavailable"
    status = 503
    retry_after_seconds = 10


class InternalError(MarginError):
    message = _("The fault is the server’s, and it is in its log. Try again in a moment.")
    code = "internal_error"
    status = 500
