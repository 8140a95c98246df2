"""Rows of a table, one label a row. Value: {"labels": ["yes"]}; content: {"fields": {"age": "41", ...}}."""

from annotation.lazy_text import LazyText as _
from annotation.tasktypes.single_label import OneLabel


class Records(OneLabel):
    """A row of a table and one label."""

    name = "records"
    title: str = _("Records (tables)")
    widget = "records"
    required_content: tuple[str, ...] = ()
    takes_columns = True  # {"fields": {column: cell}}
