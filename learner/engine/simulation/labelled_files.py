"""A labelled data file as texts and labels: whatever an import can read, without the database. Pure."""

from collections.abc import Sequence
from pathlib import Path

from annotation.errors import InvalidRequest
from annotation.formats import READABLE, Record, cell_text, detect_text_format, open_unpacked_text
from annotation.tasktypes import TASK_TYPES, AnswerContext


def read_labelled(path: Path, text: str, label: str, *, keep_repeated: bool = False) -> tuple[list[str], list[str]]:
    """Return the texts and labels of a CSV, TSV or JSONL file, plain or gzipped, in the order of the file.

    `text` names one column, or several divided by commas: these are read as one text, a line each. Rows that cannot be
    read or lack either are left out, and, unless `keep_repeated`, so is a text that was there before. Raises
    InvalidRequest for a file that is not there, has no such columns or no labelled rows, ImportRefused for
    one that is none of these formats.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be read: {error.strerror}.") from None
    with file:
        options = detect_text_format(file).options
        columns_of_text = [text] if text in options.columns else text.split(",")
        if missing := [name for name in (*columns_of_text, label) if name not in options.columns]:
            columns = ", ".join(options.columns)
            raise InvalidRequest(f"{path} has no column “{missing[0]}”. Its columns are: {columns}.")
        file.seek(0)
        rows: dict[str | int, tuple[str, str]] = {}
        for row in READABLE[options.format].read(open_unpacked_text(file, options), options):
            if isinstance(row, Record):
                cells = [cell_text(row.fields.get(column)) for column in columns_of_text]
                words, name = "\n".join(cell for cell in cells if cell), cell_text(row.fields.get(label)).strip()
                if words.strip() and name:
                    key = len(rows) if keep_repeated else words.strip()
                    rows.setdefault(key, (words, name))  # as it stands: answers may point into it
    if not rows:
        raise InvalidRequest(f"{path} has no row with both a text and a label.")
    return [words for words, _ in rows.values()], [name for _, name in rows.values()]


def targets_of_cells(task: str, texts: Sequence[str], cells: Sequence[str]) -> list[str]:
    """Return what learners are to predict, as that task type reads each cell about its text.

    The labels are those that the cells name. Raises InvalidValue for a cell that is no answer about its text.
    """
    task_type = TASK_TYPES[task]
    labels = sorted({name for cell in cells for name in task_type.answer.labels_in_cell(cell)})
    return [
        task_type.answer.target(task_type.answer.from_cell(cell, AnswerContext(labels, {"text": words})))
        for words, cell in zip(texts, cells, strict=True)
    ]
