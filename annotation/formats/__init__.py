"""File formats: pure modules, one each. Add one by a file here and a line in FORMATS (detection.py), or in
READABLE for one that is only read. An archive whose files are the rows is another matter: see opening.py.
"""

from annotation.formats.contract import PREVIEW_ROWS, BadRow, File, Format, Options, Readable, Reader, Record, Row
from annotation.formats.detection import DELIMITERS, ENCODINGS, FORMATS, READABLE, TABLES, Detected, Hints, detect
from annotation.formats.enclosed import BadFile
from annotation.formats.lines import unpacked
from annotation.formats.opening import IMAGES, JOINED, TITLES, look, rows, survey
from annotation.formats.values import cell

__all__ = [
    "DELIMITERS",
    "ENCODINGS",
    "FORMATS",
    "IMAGES",
    "JOINED",
    "PREVIEW_ROWS",
    "READABLE",
    "TABLES",
    "TITLES",
    "BadFile",
    "BadRow",
    "Detected",
    "File",
    "Format",
    "Hints",
    "Options",
    "Readable",
    "Reader",
    "Record",
    "Row",
    "cell",
    "detect",
    "look",
    "rows",
    "survey",
    "unpacked",
]
