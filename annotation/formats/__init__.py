"""File formats: pure modules, one each. Add one by a file here and a line in FORMATS (detection.py), or in
READABLE for one that is only read."""

from annotation.formats.contract import PREVIEW_ROWS, BadRow, Format, Options, Readable, Reader, Record, Row
from annotation.formats.detection import DELIMITERS, ENCODINGS, FORMATS, READABLE, TABLES, Detected, Hints, detect
from annotation.formats.lines import survey, unpacked
from annotation.formats.values import cell

__all__ = [
    "DELIMITERS",
    "ENCODINGS",
    "FORMATS",
    "PREVIEW_ROWS",
    "READABLE",
    "TABLES",
    "BadRow",
    "Detected",
    "Format",
    "Hints",
    "Options",
    "Readable",
    "Reader",
    "Record",
    "Row",
    "cell",
    "detect",
    "survey",
    "unpacked",
]
