"""Rows of a table, one label a row. Value: {"labels": ["yes"]}; content: {"fields": {"age": "41", ...}}."""

from annotation.tasktypes.one_label import OneLabel
from annotation.words import Words as _


class Records(OneLabel):
    """A row of a table and one label."""

    name = "records"
    title: str = _("Records (tables)")
    widget = "records"
    required_content: tuple[str, ...] = ()
    takes_columns = True  # {"fields": {column: cell}}
