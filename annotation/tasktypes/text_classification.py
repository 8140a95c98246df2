"""A text and one label."""

from annotation.lazy_text import LazyText as _
from annotation.tasktypes.answers import SingleLabel
from annotation.tasktypes.contents import EXAMPLE_TEXT, TEXT
from annotation.tasktypes.task_type import TaskType

TASK_TYPE = TaskType(
    name="text_classification",
    title=_("Text classification"),
    summary=_("Each text gets exactly one label: spam or not, a topic, a tone."),
    answer=SingleLabel(),
    content=TEXT,
    widget="text_classification",
    example={"text": EXAMPLE_TEXT},
)
