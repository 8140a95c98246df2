"""Which column is probably what, and whether a first line names columns. Guesses: a person confirms them."""

from collections.abc import Sequence
from typing import Any

from annotation.formats.contract import FileOptions, Record
from annotation.tasktypes import TASK_TYPES, ContentKind
from annotation.tasktypes.contents import TEXT_NAMES

LABEL_NAMES = (
    *("label", "class", "category", "target", "sentiment", "tag", "gold", "intent", "y", "标签", "spans", "entities"),
    *("labels", "classes", "categories", "tags", "topics", "cats"),
)
ID_NAMES = ("external_id", "id", "uid", "uuid", "guid", "key", "doc_id", "text_id", "sample_id")
# content kinds that come from several columns: a file that has all of them is probably theirs
PAIRED_CONTENTS = tuple(
    content for content in dict.fromkeys(kind.content for kind in TASK_TYPES.values()) if len(content.columns) > 1
)
OWN_LABELS = {
    label for kind in TASK_TYPES.values() for label in kind.built_in_labels
}  # cells, though a column may be `left`
KNOWN_NAMES = {
    *(*TEXT_NAMES, *LABEL_NAMES, *ID_NAMES),
    *(name for content in PAIRED_CONTENTS for column in content.columns for name in column.names),
    *(name for content in PAIRED_CONTENTS for name in content.answer_columns),
} - OWN_LABELS
# Columns of Margin's own exports: they come back as they are and are not shown to annotators.
EXPORTED = ("item", "value", "outcome", "annotator", "answered_at", "seconds", "active_seconds", "reason",
            "probability", "score", "round", "suggestion", "suggestion_shown", "suggestion_changed", "mark", "split",
            "source", "answers", "agreement")  # fmt: skip
RAW_CELLS = "raw_cells"  # a column of its exports whose texts are as they are, formulas too

EXPORTED_AS = ("meta.", "hidden.")


def mapping(options: FileOptions, records: Sequence[Record]) -> dict[str, Any]:
    """Return {text, id, label, hidden}; text is None when no column is a text for certain.

    Where a table has all columns of another content kind, such as a user and a product, they are named too.

    >>> mapping(FileOptions(columns=["ID", "Text", "stars"]), [])
    {'text': 'Text', 'id': 'ID', 'label': None, 'hidden': []}
    >>> mapping(FileOptions(columns=["userId", "movieId", "rating"]), [])["label"]
    'rating'
    """
    columns = options.columns
    text = named(columns, TEXT_NAMES) or (columns[0] if len(columns) == 1 else None)
    ours = {"item", "outcome", "source"} <= set(columns)
    hidden = [name for name in columns if ours and (name in (*EXPORTED, RAW_CELLS) or name.startswith(EXPORTED_AS))]
    label = named([name for name in columns if name not in hidden], LABEL_NAMES)
    if label and any(isinstance(record.fields.get(label), dict) for record in records):
        label = None
    guess = {"text": text, "id": named(columns, ID_NAMES), "label": label, "hidden": hidden}
    for content in PAIRED_CONTENTS:
        if paired := columns_of(content, columns):
            guess |= {**paired, "label": guess["label"] or named(columns, content.answer_columns)}
    return guess


def columns_of(content: ContentKind, columns: Sequence[str]) -> dict[str, str]:
    """Return {key: column} of a content's keys; empty unless each has a column of its own.

    >>> columns_of(TASK_TYPES["ratings"].content, ["userId", "movieId", "rating"])
    {'user': 'userId', 'thing': 'movieId'}
    """
    by_key = {column.key: name for column in content.columns if (name := named(columns, column.names))}
    return by_key if len(set(by_key.values())) == len(content.columns) else {}


def id_column(file: str, columns: Sequence[str], names: Sequence[str]) -> str | None:
    """Return the column of a file by which it is joined: one of the names, or `id` where the file is called so.

    >>> id_column("data/movies.csv", ["id", "title"], ["movie"])
    'id'
    """
    joined_by = named(columns, names)
    if joined_by is None and file.rsplit("/", 1)[-1].split(".")[0].lower().rstrip("s") in names:
        joined_by = named(columns, ID_NAMES)
    return joined_by


def named(columns: Sequence[str], names: Sequence[str]) -> str | None:
    """Return the column with the most telling of these names; None where none has one."""
    plain = {name.strip().lower().replace(" ", "_"): name for name in reversed(columns)}
    return next((plain[name] for name in names if name in plain), None)


def is_header(cells: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether a first line names columns, judging by its words and by what stands below.

    >>> is_header(["text", "label"], [["hello", "ham"]])
    True
    >>> is_header(["WIN a prize now", "spam"], [["hello", "ham"], ["hi", "spam"]])
    False
    """
    plain = [cell.strip() for cell in cells]
    if has_known_name(plain):
        return True
    if not any(plain) or any(_is_number(cell) or _is_prose(cell) for cell in plain):
        return False
    return not any(cell and _recurs(cell, n, rows) for n, cell in enumerate(plain))


def has_known_name(cells: Sequence[str]) -> bool:
    """Whether one of the cells is a name that columns of some content, of labels or of ids usually have."""
    return any(cell.strip().lower() in KNOWN_NAMES for cell in cells)


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def _is_prose(cell: str) -> bool:
    return len(cell) > 80 or len(cell.split()) > 5 or cell.endswith((".", "!", "?", "…", "。", "!", "?"))


def _recurs(cell: str, n: int, rows: Sequence[Sequence[str]]) -> bool:
    return any(len(row) > n and row[n].strip() == cell for row in rows)
