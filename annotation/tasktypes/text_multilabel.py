"""A text and any of the labels, none included."""

from annotation.lazy_text import LazyText as _
from annotation.tasktypes.answers import LabelSet
from annotation.tasktypes.contents import EXAMPLE_TEXT, TEXT
from annotation.tasktypes.task_type import TaskType

TASK_TYPE = TaskType(
    name="text_multilabel",
    title=_("Text classification, several labels"),
    summary=_("Each text gets any number of labels, or none: all topics it is about."),
    answer=LabelSet(),
    content=TEXT,
    widget="text_multilabel",
    example={"text": EXAMPLE_TEXT},
)
