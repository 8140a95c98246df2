"""Boxes in forms that are not read: recognised by what the files beside the images look like, and named."""

import re
from collections.abc import Sequence

from annotation.errors import ImportRefused
from annotation.formats.read_budget import ReadBudget
from annotation.formats.zip_archive import ArchivedFile, BadFile, stem
from annotation.json_values import parse_json
from annotation.lazy_text import LazyText as _

MAX_SNIFFED_FILES = 5  # of each suffix
MAX_SNIFFED_BYTES = 4 * 1024 * 1024  # of a file that is looked into
YOLO_LINE = re.compile(r"\d+( -?\d*\.?\d+){4,}\s*\Z")  # class, then numbers as shares of the image
JSON_KINDS = (
    ({"shapes", "imagePath"}, "LabelMe"),
    ({"_via_img_metadata"}, "VIA"),
    ({"regions", "filename"}, "VIA"),
    ({"image", "annotations"}, "CreateML"),
    ({"data", "annotations"}, "Label Studio"),
    ({"data", "predictions"}, "Label Studio"),
)


def refuse_foreign_boxes(files: Sequence[ArchivedFile], images: Sequence[str], budget: ReadBudget) -> None:
    """Raise ImportRefused where boxes lie beside the images that would be lost without a word."""
    stems = {stem(name) for name in images}
    kinds = (("YOLO", ".txt", lambda file: _is_yolo(file, stems)), ("CVAT", ".xml", _is_cvat))
    for kind, suffix, is_kind in kinds:
        beside = [file for file in files if file.name.lower().endswith(suffix) and file.size <= MAX_SNIFFED_BYTES]
        first = [file for file in beside if suffix != ".txt" or stem(file.name) in stems][:MAX_SNIFFED_FILES]
        if name := next((file.name for file in first if is_kind(file)), ""):
            raise _not_read_error(kind, name)
    for file in [file for file in files if file.name.lower().endswith(".json")][:MAX_SNIFFED_FILES]:
        if file.size <= MAX_SNIFFED_BYTES and (kind := _json_kind(file, budget)):
            raise _not_read_error(kind, file.name)


def _not_read_error(kind: str, name: str) -> ImportRefused:
    return ImportRefused(
        _(
            "The archive has annotations of %(kind)s (%(file)s), which are not read. Convert them to COCO or "
            "Pascal VOC, or leave them out to upload the images alone.",
            kind=kind,
            file=name,
        )
    )


def _read_text(file: ArchivedFile) -> str:
    try:
        return file.read().decode("utf-8-sig", "replace")
    except BadFile:
        return ""


def _is_yolo(file: ArchivedFile, stems: set[str]) -> bool:
    lines = [line for line in _read_text(file).splitlines() if line.strip()]
    return bool(lines) and all(YOLO_LINE.match(line) for line in lines) and stem(file.name) in stems


def _is_cvat(file: ArchivedFile) -> bool:
    head = _read_text(file)[:20_000]
    return "<annotations" in head and ("<image " in head or "<track " in head or "<meta" in head)


def _json_kind(file: ArchivedFile, budget: ReadBudget) -> str:
    """Return which tool's JSON this is, by the keys of its first object; empty where it is none that is known."""
    text = _read_text(file)
    if not budget.spend_json_values(text.encode()):
        return ""
    try:
        document = parse_json(text)
    except ValueError:
        return ""
    if isinstance(document, list):
        document = document[0] if document else None
    elif isinstance(document, dict) and document and all(isinstance(value, dict) for value in document.values()):
        document = next((value for value in document.values() if "regions" in value), document)
    keys = document.keys() if isinstance(document, dict) else set()
    return next((kind for wanted, kind in JSON_KINDS if wanted <= keys), "")
