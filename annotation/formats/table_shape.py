"""How a table is written down: comments before it, the delimiter, and whether its first line names columns."""

import re
from collections.abc import Sequence
from dataclasses import replace

from annotation.errors import ImportRefused
from annotation.formats import column_inference
from annotation.formats.contract import FileOptions, excerpt
from annotation.formats.registry import TABLE_READER
from annotation.lazy_text import LazyText
from annotation.lazy_text import LazyText as _

DELIMITERS = ",;\t|"
SNIFFED_BYTES = 256 * 1024
SNIFFED_ROWS = 200
MIN_SAME_SHARE = 0.8  # of the rows: so many have as many cells as the first, unless that has names of columns
MIN_SPACED_SHARE = 0.9  # of the commas of a file: followed by a space, they are those of sentences
MAX_COMMENT_LINES = 50
_COMMENT = re.compile(rb"#(\s|\w|!)")
_SEPARATOR_LINE = re.compile(rb"\"?sep=(.)\"?\r?\n", re.IGNORECASE)  # with which Excel is told the delimiter
_NAME = re.compile(r"[A-Za-z_][\w.-]*")


def table_rows(text: bytes, options: FileOptions, most: int = SNIFFED_ROWS) -> list[list[str]]:
    """Return the first rows of a sample, the header included."""
    return list(TABLE_READER.sample_rows(text[:SNIFFED_BYTES], options, most))


def declared_delimiter(text: bytes) -> str:
    """Return the delimiter that a first line `sep=;` tells; nothing where there is none."""
    line = _SEPARATOR_LINE.match(text)
    return line[1].decode("latin-1") if line and line[1].decode("latin-1") in DELIMITERS else ""


def count_comment_lines(text: bytes, options: FileOptions) -> int:
    """Return how many lines before the table are comments: they begin with # and name no columns."""
    lines = text[:SNIFFED_BYTES].split(b"\n")
    count = 0
    while count < len(lines) and count < MAX_COMMENT_LINES and _COMMENT.match(lines[count]):
        count += 1
    if not 0 < count < len(lines) - 1 or not lines[count].strip():
        return 0
    last = lines[count - 1]  # a header may begin with #
    names_columns = any(
        column_inference.has_known_name(row)
        for delimiter in DELIMITERS
        for row in table_rows(last.lstrip(b"# "), replace(options, delimiter=delimiter), 1)
        if len(row) > 1
    )
    return 0 if names_columns else count


def find_delimiter(text: bytes, options: FileOptions) -> str:
    """Return the delimiter with which most rows have as many cells as the first, several cells before one."""

    def fitness(delimiter: str) -> float:
        rows = table_rows(text, replace(options, delimiter=delimiter))
        if not rows:
            return 0.0
        wanted = len(rows[0])
        same = sum(len(row) == wanted for row in rows) / len(rows)
        if wanted == 1:
            return same
        names_columns = column_inference.has_known_name(rows[0])
        if not names_columns and (same < MIN_SAME_SHARE or _cells_begin_with_spaces(rows)):
            return 0.0
        return 2 * same + names_columns

    return max(DELIMITERS, key=fitness)


def _cells_begin_with_spaces(rows: Sequence[Sequence[str]]) -> bool:
    """Whether cells begin with a space, as what follows a comma in a sentence does."""
    behind = [cell for row in rows for cell in row[1:]]
    return sum(cell.startswith(" ") for cell in behind) >= MIN_SPACED_SHARE * len(behind)


def detect_header(text: bytes, options: FileOptions) -> tuple[bool, LazyText | None]:
    """Tell whether the first line names columns, and what to tell people where that is not certain.

    Raises ImportRefused where it is no name of anything and may be no data.
    """
    rows = table_rows(text, options)
    if not rows:
        return True, None
    first = excerpt(options.delimiter.join(rows[0]))[:80]
    if len(rows[0]) == 1 and not column_inference.has_known_name(rows[0]) and not _is_number(rows[0][0]):
        if _NAME.fullmatch(rows[0][0].strip()):
            return True, _("The first line, “%(line)s”, was taken as the name of the column.", line=first)
        return False, _("The first line, “%(line)s”, was taken as data: each line is a text.", line=first)
    if column_inference.looks_like_header(rows[0], rows[1:]):
        return True, None
    message = _(
        "The first line does not look like names of columns: “%(line)s”. Put a line such as text,label at the top, "
        "or say what it is: names of columns (header = yes), or data (header = no) of column 1, column 2.",
        line=first,
    )
    raise ImportRefused(message, {"header": False})


def is_plain_text(text: bytes, options: FileOptions, *, header: bool) -> bool:
    """Whether each line is a text, none of them between quotation marks as in a table."""
    rows = table_rows(text, options)
    return (
        not header
        and len(rows[0]) == 1
        and not any(line.startswith(b'"') for line in text[:SNIFFED_BYTES].split(b"\n"))
    )


def _is_number(cell: str) -> bool:
    return column_inference.is_number(cell.strip())
