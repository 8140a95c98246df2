"""File formats: pure modules, one each. Add one by a file here and a line in FORMATS (registry.py), or in READABLE or
WRITABLE for one that is only read or written. An archive whose files are the rows is another matter: see readers.py.
"""

from annotation.formats.contract import (
    MAX_FILE_COLUMNS,
    PREVIEW_ROWS,
    BadRow,
    File,
    FileOptions,
    Format,
    Readable,
    Record,
    Row,
    RowReader,
    Writable,
)
from annotation.formats.readers import IMAGE_ARCHIVE, TABLE_ARCHIVE, TITLES, check_whole_file, inspect_file, read_rows
from annotation.formats.registry import FORMATS, ONLY_ANSWER_KIND, READABLE, TABLES, WRITABLE
from annotation.formats.sniffing import ENCODINGS, Detected, Hints, OtherEncoding, detect_text_format
from annotation.formats.table_shape import DELIMITERS
from annotation.formats.text_stream import open_unpacked_text
from annotation.formats.zip_archive import BadFile
from annotation.json_values import cell_text

__all__ = [
    "DELIMITERS",
    "ENCODINGS",
    "FORMATS",
    "IMAGE_ARCHIVE",
    "MAX_FILE_COLUMNS",
    "ONLY_ANSWER_KIND",
    "PREVIEW_ROWS",
    "READABLE",
    "TABLES",
    "TABLE_ARCHIVE",
    "TITLES",
    "WRITABLE",
    "BadFile",
    "BadRow",
    "Detected",
    "File",
    "FileOptions",
    "Format",
    "Hints",
    "OtherEncoding",
    "Readable",
    "Record",
    "Row",
    "RowReader",
    "Writable",
    "cell_text",
    "check_whole_file",
    "detect_text_format",
    "inspect_file",
    "open_unpacked_text",
    "read_rows",
]
