"""A row of a table and one label."""

from annotation.lazy_text import LazyText as _
from annotation.tasktypes.answers import SingleLabel
from annotation.tasktypes.contents import EXAMPLE_FIELDS, FIELDS, TABLE_ROW
from annotation.tasktypes.task_type import TaskType

TASK_TYPE = TaskType(
    name="records",
    title=_("Records (tables)"),
    summary=_("Each row of a table gets one label, from its numbers, dates and categories."),
    answer=SingleLabel(),
    content=TABLE_ROW,
    widget="records",
    example={FIELDS: EXAMPLE_FIELDS},
)
