"""Two things side by side, and which of them is preferred. Value: {"labels": ["left"]}, or "right", or "same".

Content: {"left": "m31", "right": "m44", "fields": {"left.title": "Casablanca", "right.title": "Alien", "user": "u7"}}.
The fields tell about both; those whose name begins with `left.` or `right.` about that side.
"""

from typing import Any

from annotation.errors import InvalidValue
from annotation.lazy_text import LazyText as _
from annotation.tasktypes.answers import AnswerContext, SingleLabel
from annotation.tasktypes.contents import ContentColumn, ContentKind, UploadExample
from annotation.tasktypes.task_type import TaskType

LEFT, RIGHT = "left", "right"  # keys of the content, and choices
CHOICES = (LEFT, RIGHT, "same")


class PreferenceChoice(SingleLabel):
    """One of the choices."""

    def clean(self, value: object, context: AnswerContext) -> dict[str, Any]:
        """Check {"labels": [choice]} against the choices, and against those that the project has.

        >>> PreferenceChoice().clean({"labels": ["left"]}, AnswerContext(["left", "right"]))
        {'labels': ['left']}
        """
        cleaned = super().clean(value, context)
        if cleaned["labels"][0] not in CHOICES:
            choices = ", ".join(CHOICES)
            raise InvalidValue(_("A preference is one of: %(choices)s.", choices=choices), {"part": "value.labels"})
        return cleaned


PAIR = ContentKind(
    name="pair",
    columns=(
        ContentColumn(LEFT, _("Left"), ("left", "left_id")),
        ContentColumn(RIGHT, _("Right"), ("right", "right_id")),
    ),
    has_fields=True,
    answer_columns=("choice", "preferred", "preference", "winner", "better"),
    example=UploadExample(
        (
            (
                _(
                    "A first line with names of columns, then two things a row; columns that begin with left. or "
                    "right. tell about that side:"
                ),
                "left,right,left.title,right.title,choice\n"
                "m31,m44,Casablanca,Alien,left\nm31,m50,Casablanca,Gilda,same\nm44,m50,Alien,Gilda,",
            ),
        ),
    ),
)

TASK_TYPE = TaskType(
    name="preference",
    title=_("Preference (two things side by side)"),
    summary=_("Two things lie side by side, and people say which is better."),
    answer=PreferenceChoice(),
    content=PAIR,
    widget="preference",
    widget_keys={"0": _("says that there is no difference")},
    styles=("preference",),
    example={LEFT: _("Answer A: take the train."), RIGHT: _("Answer B: take the night bus.")},
    built_in_labels=CHOICES,
    label_words=dict(zip(CHOICES, (_("Left"), _("Right"), _("No difference")), strict=True)),
)
