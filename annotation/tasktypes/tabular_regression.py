"""A row of a table and a number in a range."""

from annotation.lazy_text import LazyText as _
from annotation.tasktypes.answers import Number
from annotation.tasktypes.contents import EXAMPLE_FIELDS, FIELDS, TABLE_ROW
from annotation.tasktypes.task_type import TaskType

TASK_TYPE = TaskType(
    name="record_numbers",
    title=_("Numbers for records (tables)"),
    summary=_("Each row of a table gets a number in a range: a price, an age, a score."),
    answer=Number(),
    content=TABLE_ROW,
    widget="record_numbers",
    styles=("number",),
    example={FIELDS: EXAMPLE_FIELDS},
)
