"""File formats: pure modules, one each. Add one by a file here and a line in FORMATS (detection.py).

An archive whose files are the rows is another matter: see opening.py, the door to all of them.
"""

from annotation.formats.contract import PREVIEW_ROWS, BadRow, File, Format, Options, Reader, Record, Row
from annotation.formats.detection import DELIMITERS, ENCODINGS, FORMATS, Detected, Hints, detect
from annotation.formats.enclosed import BadFile
from annotation.formats.lines import unpacked
from annotation.formats.opening import IMAGES, TITLES, look, rows, survey
from annotation.formats.values import cell

__all__ = [
    "DELIMITERS",
    "ENCODINGS",
    "FORMATS",
    "IMAGES",
    "PREVIEW_ROWS",
    "TITLES",
    "BadFile",
    "BadRow",
    "Detected",
    "File",
    "Format",
    "Hints",
    "Options",
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
