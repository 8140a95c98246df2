"""Which column is probably what, and whether a first line names columns. Guesses: a person confirms them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from annotation.formats.contract import FileOptions, Record
from annotation.json_values import cell_text
from annotation.lazy_text import LazyText
from annotation.lazy_text import LazyText as _
from annotation.tasktypes import TASK_TYPES, ContentKind
from annotation.tasktypes.contents import TEXT_NAMES, TITLE_NAMES
from annotation.text.decimal_numbers import has_decimal_comma, parse_number

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
EXCLUSION_REASON = "exclusion_reason"  # a column beside the label: why an item is not of the label to find
TITLE = "title"  # role of a column whose cells are put before the text
TITLED_TEXTS = ("abstract",)  # names of text columns that belong together with a title: records of the literature
# Columns of Margin's own exports: they come back as they are and are not shown to annotators.
EXPORTED = ("item", "value", "outcome", "annotator", "answered_at", "seconds", "active_seconds", "reason",
            "probability", "score", "round", "suggestion", "suggestion_shown", "suggestion_changed", "mark", "split",
            "source", "answers", "agreement")  # fmt: skip
RAW_CELLS = "raw_cells"  # a column of its exports whose texts are as they are, formulas too

EXPORTED_AS = ("meta.", "hidden.")
# What else a column of answers may be called: where none is taken as the answer, annotators must not see them.
ANSWER_WORDS = re.compile(
    r"(^|[_\W])(labels?|class|answers?|annotations?|annotated|gold|truth|target|verdict|rating|stars?|score|sentiment|"
    r"polarity|prediction|predicted|output|outcome|result|decision|correct|is|has)($|[_\W])"
)
MIN_FLAGS = 2  # columns of zeros and ones that are probably labels
TRUTH_VALUES = ({"0", "1"}, {"true", "false"}, {"yes", "no"}, {"y", "n"}, {"t", "f"})
MAX_ANSWER_VALUES = 20  # different cells of a column that may be answers
MIN_REPEATS = 2  # rows for each of them
VERDICTS = {"accept", "reject", "ignore"}  # of Prodigy
VERDICT_COLUMN = "answer"
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b|\d{4}-\d{2}\b")


def guess_mapping(options: FileOptions, records: Sequence[Record]) -> dict[str, Any]:
    """Return {text, id, label, hidden}; text is None when no column is a text for certain.

    An abstract's title is named too. Where a table has all columns of another content kind, such as a user and a
    product, so are they.

    >>> guess_mapping(FileOptions(columns=["ID", "Text", "stars"]), [])
    {'text': 'Text', 'id': 'ID', 'label': None, 'hidden': []}
    >>> guess_mapping(FileOptions(columns=["userId", "movieId", "rating"]), [])["label"]
    'rating'
    """
    columns = options.columns
    text = find_column(columns, TEXT_NAMES) or (columns[0] if len(columns) == 1 else None)
    hidden = exported_columns(columns)
    label = find_column([name for name in columns if name not in hidden], LABEL_NAMES)
    if label and any(_is_object_without_labels(record.fields.get(label)) for record in records):
        label = None
    guess: dict[str, Any] = {"text": text, "id": find_column(columns, ID_NAMES), "label": label, "hidden": hidden}
    if text and find_column([text], TITLED_TEXTS) and (title := find_column(columns, TITLE_NAMES)):
        guess[TITLE] = title
    for content in PAIRED_CONTENTS:
        if paired := match_content_columns(content, columns):
            guess |= {**paired, "label": guess["label"] or find_column(columns, content.answer_columns)}
    return guess


def exported_columns(columns: Sequence[str]) -> list[str]:
    """Return the columns beside the content that an export of Margin has; none of another file."""
    ours = {"item", "outcome", "source"} <= set(columns)
    further = (*EXPORTED, RAW_CELLS, EXCLUSION_REASON)  # these two only in some
    return [name for name in columns if ours and (name in further or name.startswith(EXPORTED_AS))]


def _is_object_without_labels(value: object) -> bool:
    """Whether a value is an object, but for one that holds a list of labels."""
    return isinstance(value, dict) and not any(isinstance(value.get(key), list) for key in ("choices", "labels"))


def possible_answer_columns(options: FileOptions, records: Sequence[Record]) -> tuple[str, ...]:
    """Return the columns that may give answers away, whatever else they are taken for."""
    return tuple(name for name in options.columns if _may_reveal_answers(name, records, options))


def note_on_flag_columns(columns: Sequence[str], records: Sequence[Mapping[str, Any]]) -> LazyText | None:
    """Say how columns of zeros and ones, one for each label, become answers; None where there are not several."""
    flags = [name for name in columns if {cell_text(row.get(name)).strip().lower() for row in records} <= {"0", "1"}]
    if len(flags) < MIN_FLAGS:
        return None
    names = ", ".join(flags)[:200]
    return _(
        "The columns %(names)s hold 0 and 1. For answers, write the labels into one column, such as %(example)s.",
        names=names,
        example="|".join(flags[:2])[:80],
    )


def _may_reveal_answers(name: str, records: Sequence[Record], options: FileOptions) -> bool:
    """Whether a column that is nothing else may give answers away: by its name, or by few values that recur."""
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip()).lower()
    if plain.startswith("_") or name == options.verdict_column or ANSWER_WORDS.search(plain):
        return True
    cells = [text for record in records if (text := cell_text(record.fields.get(name)).strip().lower())]
    values = set(cells)
    if len(values) > 1 and any(values <= pair for pair in TRUTH_VALUES):
        return True
    return 1 < len(values) <= MAX_ANSWER_VALUES and len(cells) >= max(MIN_REPEATS * len(values), 10)


def has_text_column(fields: Mapping[str, Any]) -> bool:
    """Whether an object has a text of its own in a column of a usual name."""
    name = find_column(list(fields), TEXT_NAMES)
    return name is not None and isinstance(fields[name], str)


def uses_decimal_comma(records: Sequence[Record]) -> bool:
    """Whether the numbers of a file are written with a decimal comma."""
    return has_decimal_comma(value for record in records for value in record.fields.values() if isinstance(value, str))


def find_verdict_column(columns: Sequence[str], records: Sequence[Record]) -> str:
    """Return the column that says of each label whether an annotator accepts it, as Prodigy has it; "" for none."""
    values = {record.fields.get(VERDICT_COLUMN) for record in records if record.fields.get(VERDICT_COLUMN) is not None}
    return VERDICT_COLUMN if VERDICT_COLUMN in columns and values and values <= VERDICTS else ""


def match_content_columns(content: ContentKind, columns: Sequence[str]) -> dict[str, str]:
    """Return {key: column} of a content's keys; empty unless each has a column of its own.

    >>> match_content_columns(TASK_TYPES["ratings"].content, ["userId", "movieId", "rating"])
    {'user': 'userId', 'thing': 'movieId'}
    """
    by_key = {column.key: name for column in content.columns if (name := find_column(columns, column.names))}
    return by_key if len(set(by_key.values())) == len(content.columns) else {}


def find_join_column(file: str, columns: Sequence[str], names: Sequence[str]) -> str | None:
    """Return the column of a file by which it is joined: one of the names, or `id` where the file is called so.

    >>> find_join_column("data/movies.csv", ["id", "title"], ["movie"])
    'id'
    """
    joined_by = find_column(columns, names)
    if joined_by is None and file.rsplit("/", 1)[-1].split(".")[0].lower().rstrip("s") in names:
        joined_by = find_column(columns, ID_NAMES)
    return joined_by


def find_column(columns: Sequence[str], names: Sequence[str]) -> str | None:
    """Return the column with the most telling of these names; None where none has one."""
    plain = {name.strip().lower().replace(" ", "_"): name for name in reversed(columns)}
    return next((plain[name] for name in names if name in plain), None)


def looks_like_header(cells: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether a first line names columns, judging by its words and by what stands below.

    >>> looks_like_header(["text", "label"], [["hello", "ham"]])
    True
    >>> looks_like_header(["When?", "How satisfied are you with us?"], [["2024-01-02", "4"], ["2024-01-03", "2"]])
    True
    >>> looks_like_header(["WIN a prize now", "spam"], [["hello", "ham"], ["hi", "spam"]])
    False
    """
    plain = [cell.strip() for cell in cells]
    if has_known_name(plain):
        return True
    if (
        not any(plain)
        or any(map(is_number, plain))
        or any(cell and _cell_recurs_below(cell, n, rows) for n, cell in enumerate(plain))
    ):
        return False
    return not any(map(_is_prose, plain)) or any(_holds_numbers_or_dates(n, rows) for n in range(len(plain)))


def has_known_name(cells: Sequence[str]) -> bool:
    """Whether one of the cells is a name that columns of some content, of labels or of ids usually have."""
    return any(cell.strip().lower() in KNOWN_NAMES for cell in cells)


def is_number(cell: str) -> bool:
    """Whether a cell is a number, with a decimal point or a comma."""
    return parse_number(cell) is not None


def _holds_numbers_or_dates(n: int, rows: Sequence[Sequence[str]]) -> bool:
    """Whether a column has nothing but numbers and dates, so that words at its top are its name."""
    cells = [row[n].strip() for row in rows if len(row) > n and row[n].strip()]
    return bool(cells) and all(is_number(cell) or _DATE.match(cell) for cell in cells)


def _is_prose(cell: str) -> bool:
    return len(cell) > 80 or len(cell.split()) > 5 or cell.endswith((".", "!", "?", "…", "。", "!", "?"))


def _cell_recurs_below(cell: str, n: int, rows: Sequence[Sequence[str]]) -> bool:
    return any(len(row) > n and row[n].strip() == cell for row in rows)
