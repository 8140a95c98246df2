"""How much of the label to find an export holds: whoever can estimate it adds a source when the app starts."""

from collections.abc import Callable
from typing import Any

from annotation.models import Project

RECALL_SOURCES: list[Callable[[Project], dict[str, Any] | None]] = []


def recall_of(project: Project) -> dict[str, Any] | None:
    """Return {label, read, unread, found, recall, recall_lower_bound, confidence}; None where nobody can tell."""
    return next((recall for source in RECALL_SOURCES if (recall := source(project)) is not None), None)
