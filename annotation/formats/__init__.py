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
from annotation.formats.readers import IMAGE_ARCHIVE, TABLE_ARCHIVE, TITLES, look, rows, survey
from annotation.formats.registry import FORMATS, ONLY, READABLE, TABLES, WRITABLE
from annotation.formats.sniffing import ENCODINGS, Detected, Hints, OtherEncoding, detect
from annotation.formats.table_shape import DELIMITERS
from annotation.formats.text_stream import unpacked
from annotation.formats.zip_archive import BadFile
from annotation.json_values import cell

__all__ = [
    "DELIMITERS",
    "ENCODINGS",
    "FORMATS",
    "IMAGE_ARCHIVE",
    "MAX_FILE_COLUMNS",
    "ONLY",
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
    "cell",
    "detect",
    "look",
    "rows",
    "survey",
    "unpacked",
]
