"""File formats: pure modules, one each. Add one by a file here and a line in FORMATS (detection.py)."""

from annotation.formats.contract import PREVIEW_ROWS, BadRow, Format, Options, Reader, Record, Row
from annotation.formats.detection import DELIMITERS, ENCODINGS, FORMATS, Detected, Hints, detect
from annotation.formats.lines import survey, unpacked
from annotation.formats.values import cell

__all__ = [
    "DELIMITERS",
    "ENCODINGS",
    "FORMATS",
    "PREVIEW_ROWS",
    "BadRow",
    "Detected",
    "Format",
    "Hints",
    "Options",
    "Reader",
    "Record",
    "Row",
    "cell",
    "detect",
    "survey",
    "unpacked",
]
