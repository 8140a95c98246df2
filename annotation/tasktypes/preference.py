"""Preferences: which of two things is better. Value: {"labels": ["left"]}, or "right", or "same" for no difference.

Content: {"left": "m31", "right": "m44", "fields": {"left.title": "Casablanca", "right.title": "Alien", "user": "u7"}}.
The fields tell about both; those whose name begins with `left.` or `right.` about that side.
"""

from typing import Any

from annotation.errors import InvalidValue
from annotation.lazy_text import LazyText as _
from annotation.tasktypes.contract import Question
from annotation.tasktypes.single_label import OneLabel

LEFT, RIGHT = "left", "right"  # keys of the content, and choices
CHOICES = (LEFT, RIGHT, "same")
WORDS = dict(zip(CHOICES, (_("Left"), _("Right"), _("No difference")), strict=True))


class Preference(OneLabel):
    """Two things side by side, and which of them is preferred."""

    name = "preference"
    title: str = _("Preference (two things side by side)")
    widget = "preference"
    required_content: tuple[str, ...] = (LEFT, RIGHT)
    takes_columns = True

    def clean(self, value: Any, question: Question) -> dict[str, Any]:
        """Check {"labels": [choice]} against the choices, and against those that the project has.

        >>> Preference().clean({"labels": ["left"]}, Question(["left", "right"]))
        {'labels': ['left']}
        """
        cleaned = super().clean(value, question)
        if cleaned["labels"][0] not in CHOICES:
            choices = ", ".join(CHOICES)
            raise InvalidValue(_("A preference is one of: %(choices)s.", choices=choices), {"part": "value.labels"})
        return cleaned
