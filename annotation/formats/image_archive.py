"""Images in a ZIP archive, one a row. Their labels: a file `labels.csv` inside (file,label), or one level of folders.

Boxes come from files beside the images, see voc_and_coco.py, or from a column `boxes` of `labels.csv`.

A row has the path of its file as `image` and as `file`, and the file itself to be read when it is wanted. The rows
come in an order that only their names make and that looks like chance: archives are sorted by label, and what is
fitted on the first pictures while the others still come in would know one label only.
"""

import hashlib
import posixpath
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from annotation.errors import ImportRefused
from annotation.formats import column_inference, voc_and_coco
from annotation.formats.contract import PREVIEW_ROWS, BadRow, FileOptions, Problems, Record, Row, excerpt
from annotation.formats.read_budget import LOOK_LIMITS, ReadBudget
from annotation.formats.sniffing import Detected, detect
from annotation.formats.zip_archive import UNSAFE, ArchivedFile, files
from annotation.lazy_text import LazyText as _

NAME, TITLE = "images", _("Images (ZIP)")
IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp")
LABELS_FILE = "labels.csv"
FILE_COLUMNS = ("file", "filename", "file_name", "image", "path", "name")  # columns that name the file
BOXES_COLUMN = "boxes"  # the column of boxes
RESERVED_COLUMNS = ("image", "file", "label")  # columns of every archive


@dataclass(frozen=True)
class _LabelsFile:
    """What `labels.csv` says: the label and further columns of files, and rows of which nothing can be made."""

    name: str = ""
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)  # by path in the archive
    columns: tuple[str, ...] = ()
    bad: Problems = field(default_factory=Problems)  # files


class ImagesReader:
    """The rows of an archive; then one for each line of `labels.csv` that fits no file, and each box that is none."""

    def __init__(self, enclosed: Sequence[ArchivedFile], budget: ReadBudget) -> None:
        self._table = _table(enclosed, budget)
        files_ = [file for file in enclosed if file.name != self._table.name]
        self._boxes = voc_and_coco.find(files_, [file.name for file in files_ if _is_image(file.name)], budget)
        self.files = sorted((file for file in files_ if file.name not in self._boxes.names), key=_mixed_order)
        self._folders = {} if self._table.name or self._boxes else _folders(self.files)
        self.position = 0

    @property
    def columns(self) -> list[str]:
        """Names of the columns, those of `labels.csv` too."""
        labelled = "label" in self._table.columns or self._folders
        boxes = [BOXES_COLUMN] * (bool(self._boxes) and BOXES_COLUMN not in self._table.columns)
        further = (name for name in self._table.columns if name != "label")
        return ["image", "file", *["label"] * bool(labelled), *boxes, *further]

    def __iter__(self) -> Iterator[Row]:
        row = 0
        for row, file in enumerate(self.files, 1):
            self.position += file.size
            yield self._record(row, file)
        for number, (name, reason) in enumerate((*self._table.bad, *self._boxes.trouble), row + 1):
            yield BadRow(number, reason, excerpt(name))

    def _record(self, row: int, file: ArchivedFile) -> Row:
        fields: dict[str, Any] = {"image": file.name, "file": file.name}
        if self._folders:
            fields["label"] = self._folders[file.name]
        if (boxes := self._boxes.of(file.name)) is not None:
            fields[BOXES_COLUMN] = boxes
        return Record(row, fields | self._table.rows.get(file.name, {}), file)


def read(stream: IO[bytes], budget: ReadBudget) -> ImagesReader:
    """Return the rows of an archive; raises ImportRefused."""
    return ImagesReader(files(stream), budget)


def look(enclosed: Sequence[ArchivedFile]) -> Detected:
    """Return what an archive holds and what its columns are; raises ImportRefused where no image is in it."""
    reader = ImagesReader(enclosed, ReadBudget(LOOK_LIMITS))
    if not any(_is_image(file.name) for file in reader.files):
        raise ImportRefused(
            _("The ZIP archive has no images (JPEG, PNG, WebP, GIF or BMP). A table is uploaded as it is, or gzipped.")
        )
    columns = reader.columns
    label = "label" if "label" in columns else None
    boxes = (
        [BOXES_COLUMN] if BOXES_COLUMN in columns else []
    )  # where they are no answer, they are nothing to read either
    mapping: dict[str, Any] = {"image": "image", "id": "file", "label": label, "hidden": boxes}
    mapping[BOXES_COLUMN] = boxes[0] if boxes else None
    rows = [row.fields for row, _place in zip(reader, range(PREVIEW_ROWS), strict=False) if isinstance(row, Record)]
    return Detected(FileOptions(format=NAME, columns=columns), rows, mapping)


def survey(stream: IO[bytes], most: int | None) -> int:
    """Return the bytes of all files, unpacked; raises ImportRefused where they are more than `most`."""
    total = sum(file.size for file in files(stream))
    if most is not None and total > most:
        limit = most // 1024 // 1024
        raise ImportRefused(_("Unpacked, the file is larger than %(most)d MB. Upload it in parts.", most=limit))
    return total


def _mixed_order(file: ArchivedFile) -> bytes:
    return hashlib.blake2b(file.name.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _is_image(name: str) -> bool:
    return name.lower().endswith(IMAGE_SUFFIXES)


# Labels from folders


def _folders(enclosed: Sequence[ArchivedFile]) -> dict[str, str]:
    """Return the label of each file where they lie in several folders side by side, one level deep; else nothing.

    A folder around all of them says nothing, and files that are no images do not count.
    """
    images = [file.name for file in enclosed if _is_image(file.name) and not UNSAFE.search(file.name)]
    folders = [posixpath.dirname(name) for name in images]
    top = posixpath.commonpath(folders) if folders and all(folders) else ""
    below = {folder: posixpath.relpath(folder, top) if top else folder for folder in folders}
    if len(below) < 2 or any(name in ("", ".") or "/" in name for name in below.values()):
        return {}
    return {file.name: below.get(posixpath.dirname(file.name), "") for file in enclosed}


# Labels from a table


def _table(enclosed: Sequence[ArchivedFile], budget: ReadBudget) -> _LabelsFile:
    candidates = [file for file in enclosed if posixpath.basename(file.name).lower() == LABELS_FILE]
    if not candidates:
        return _LabelsFile()
    file = min(candidates, key=lambda candidate: candidate.name.count("/"))
    with file.opened_as_table() as stream:
        options = detect(stream).options
    named = {name.strip().lower(): name for name in reversed(options.columns)}
    where = next((named[name] for name in FILE_COLUMNS if name in named), None)
    if where is None:
        message = _("%(table)s in the archive needs a column `file` that names the images.", table=file.name)
        raise ImportRefused(message, {"columns": options.columns})
    label = next((named[name] for name in column_inference.LABEL_NAMES if name in named and named[name] != where), None)
    titles = {name: _title(name, label) for name in options.columns if name != where}
    with file.opened_as_table() as stream:
        rows = budget.rows(file.name, stream, options)
        return _matched(file.name, [other.name for other in enclosed], where, titles, rows)


def _matched(
    table: str, names: Sequence[str], where: str, titles: dict[str, str], records: Iterable[Row]
) -> _LabelsFile:
    """Give the rows of a table to the files they name: by path from the table's folder or from the top, or by name."""
    known = set(names) - {table}
    base = Counter(map(posixpath.basename, known))
    by_base = {posixpath.basename(name): name for name in known if base[posixpath.basename(name)] == 1}
    rows: dict[str, dict[str, Any]] = {}
    bad = Problems()
    for row in records:
        if isinstance(row, BadRow):
            bad.append((row.excerpt, row.reason))
            continue
        stated = str(row.fields.get(where) or "").strip().replace("\\", "/").removeprefix("./")
        paths = (posixpath.join(posixpath.dirname(table), stated), stated, by_base.get(stated, ""))
        name = next((path for path in paths if path in known), None)
        if name is None:
            bad.append((stated, _("%(table)s names this file, but the archive does not have it.", table=LABELS_FILE)))
        elif name in rows:
            bad.append((stated, _("%(table)s names this file a second time.", table=LABELS_FILE)))
        else:
            rows[name] = {title: row.fields[column] for column, title in titles.items() if column in row.fields}
    return _LabelsFile(table, rows, tuple(titles.values()), bad)


def _title(name: str, label: str | None) -> str:
    """What a column of the table is called among those of the archive."""
    if name == label:
        return "label"
    return f"{LABELS_FILE}.{name}" if name in RESERVED_COLUMNS else name
