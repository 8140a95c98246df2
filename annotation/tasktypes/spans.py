"""A text and any number of labelled stretches of it: named entities."""

from annotation.lazy_text import LazyText as _
from annotation.tasktypes.answers import Spans
from annotation.tasktypes.contents import EXAMPLE_TEXT, TEXT
from annotation.tasktypes.task_type import TaskType

TASK_TYPE = TaskType(
    name="spans",
    title=_("Named entities (spans)"),
    summary=_("Stretches of a text are marked and labelled: people, places, products."),
    answer=Spans(),
    content=TEXT,
    widget="spans",
    styles=("spans",),
    example={"text": EXAMPLE_TEXT},
)
