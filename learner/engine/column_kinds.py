"""What a lead may say that a column of a table is, and what a column can have become. Pure; no library of numbers."""

import json
from collections.abc import Mapping

from annotation.lazy_text import LazyText as _

TABLE_FEATURES = "records"  # the feature set of table rows

SETTABLE_KINDS: dict[str, str] = {
    "number": _("number"),
    "category": _("category"),
    "text": _("text"),
    "date": _("date"),
    "leave_out": _("left out"),
}
COLUMN_KIND_TITLES: dict[str, str] = {
    "number": _("number"),
    "code": _("number, and each value by itself"),
    "date": _("date"),
    "several": _("several values"),
    "category": _("category"),
    "words": _("text"),
    "left_out": _("left out"),
}
LEFT_OUT_TITLES: dict[str, str] = {
    "id": _("an id: every row has another"),
    "constant": _("empty, or the same in every row"),
    "unreadable": _("nothing in it could be read, or nothing repeats"),
    "lead": _("set by a lead"),
}


def parse_column_kinds(text: str) -> dict[str, str]:
    """Return {column: kind} of a setting. Raises ValueError, of the part that cannot be read.

    >>> parse_column_kinds("age: number; zip code: category")
    {'age': 'number', 'zip code': 'category'}
    """
    kinds: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        column, colon, kind = (piece.strip() for piece in part.rpartition(":"))
        kind = kind.replace(" ", "_")
        if not colon or not column or kind not in SETTABLE_KINDS:
            raise ValueError(part)
        kinds[column] = kind
    return kinds


def format_column_kinds(kinds: Mapping[str, str]) -> str:
    """Return the setting that `parse_column_kinds` reads.

    >>> format_column_kinds({"age": "leave_out", "zip": "category"})
    'age: leave_out; zip: category'
    """
    return "; ".join(f"{column}: {kind}" for column, kind in kinds.items())


def feature_set_name(kinds: Mapping[str, str]) -> str:
    """Return the name of the features of a table whose columns are set so: other kinds, other features.

    >>> feature_set_name({}), feature_set_name({"zip": "category"})
    ('records', 'records{"zip": "category"}')
    """
    return TABLE_FEATURES + (json.dumps(kinds, sort_keys=True, ensure_ascii=False) if kinds else "")
