"""Tables beside the images of an archive: a row names a file and says its label, further columns, or one of its boxes.

`labels.csv` and Hugging Face's `metadata.csv` and `metadata.jsonl` are such; any other table is where it names images.
One box a row has the columns xmin, ymin, xmax and ymax.
"""

import math
import posixpath
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotation.errors import ImportRefused
from annotation.formats import column_inference
from annotation.formats.box_list import BoxList, ImageBoxes
from annotation.formats.contract import BadRow, Problems, Row
from annotation.formats.read_budget import ReadBudget
from annotation.formats.sniffing import detect_text_format
from annotation.formats.zip_archive import ArchivedFile
from annotation.json_values import cell_text
from annotation.lazy_text import LazyText as _
from annotation.text.decimal_numbers import parse_number

LABELS_FILES = ("labels.csv", "metadata.csv", "metadata.jsonl")  # have to name images
LABEL_TABLE_SUFFIXES = (".csv", ".tsv", ".jsonl")  # of tables that may
TRIED_ROWS = 100  # of a table that may name images
# columns that name the file; an export of Margin has its path in the archive as external_id
FILE_COLUMNS = ("file", "filename", "file_name", "external_id", "image", "image_path", "path", "name")
RESERVED_COLUMNS = ("image", "file", "label")  # columns of every archive
CORNERS = ("xmin", "ymin", "xmax", "ymax")  # columns of one box a row


@dataclass
class ImageTables:
    """What the tables say: label, boxes and further columns of files, and rows of which nothing can be made."""

    names: set[str] = field(default_factory=set)  # the tables themselves
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)  # by path in the archive
    columns: dict[str, None] = field(default_factory=dict)  # in order
    boxes: dict[str, BoxList] = field(default_factory=dict)  # by path in the archive
    bad: Problems = field(default_factory=Problems)  # (file, reason)

    def boxes_of(self, name: str) -> ImageBoxes:
        """Return the boxes of an image of one box a row."""
        return self.boxes[name].result if name in self.boxes else ImageBoxes()


def read_image_tables(files: Sequence[ArchivedFile], budget: ReadBudget) -> ImageTables:
    """Return what the tables of an archive say; raises ImportRefused for a `labels.csv` that cannot be read."""
    tables = ImageTables()
    candidates = [file for file in files if file.name.lower().endswith(LABEL_TABLE_SUFFIXES)]
    candidates.sort(key=lambda file: (not _must_name_images(file), file.name.count("/"), file.name))
    names = {file.name for file in files}
    for file in candidates[: budget.limits.tables]:
        try:
            table = _Table(file, names, budget)
        except ImportRefused:
            if _must_name_images(file):
                raise
            continue  # of something else: it is told to be no image
        if _must_name_images(file) or table.names_images():
            table.read_into(tables)
    return tables


def _must_name_images(file: ArchivedFile) -> bool:
    return posixpath.basename(file.name).lower() in LABELS_FILES


class _Table:
    """One table that has a column of files."""

    def __init__(self, file: ArchivedFile, names: set[str], budget: ReadBudget) -> None:
        """`names` are the paths of all files; raises ImportRefused that says which table cannot be read."""
        self.name = file.name
        self._title = posixpath.basename(file.name)
        self._archived, self._budget = file, budget
        with file.opened_as_table() as stream:
            self._options = detect_text_format(stream).options
        columns = self._options.columns
        plain = {name.strip().lower(): name for name in reversed(columns)}
        where = next((plain[name] for name in FILE_COLUMNS if name in plain), None)
        if where is None:
            message = _("%(table)s in the archive needs a column `file` that names the images.", table=file.name)
            raise ImportRefused(message, {"columns": columns})
        self._file_column = where
        named = (plain[name] for name in column_inference.LABEL_NAMES if name in plain and plain[name] != where)
        self._label_column = next(named, None)
        cornered = {name.replace("_", ""): plain[name] for name in plain}
        self._corners = [cornered[corner] for corner in CORNERS if corner in cornered]
        self._has_boxes = len(self._corners) == len(CORNERS)
        of_boxes = {*self._corners, self._label_column} if self._has_boxes else set()
        self._titles = {name: self._title_of(name) for name in columns if name != where and name not in of_boxes}
        self._known = names - {file.name}
        base = Counter(map(posixpath.basename, self._known))
        self._by_base = {posixpath.basename(name): name for name in self._known if base[posixpath.basename(name)] == 1}

    def _title_of(self, name: str) -> str:
        """What a column of the table is called among those of the archive."""
        if name == self._label_column:
            return "label"
        return f"{self._title}.{name}" if name in RESERVED_COLUMNS else name

    def _resolve_path(self, row: Mapping[str, Any]) -> tuple[str, str | None]:
        """Return the file that a row names and its path: from the table's folder or from the top, or by name."""
        stated = cell_text(row.get(self._file_column)).strip().replace("\\", "/").removeprefix("./")
        paths = (posixpath.join(posixpath.dirname(self.name), stated), stated, self._by_base.get(stated, ""))
        return stated, next((path for path in paths if path in self._known), None)

    def _read_rows(self) -> Iterator[Row]:
        with self._archived.opened_as_table() as stream:
            yield from self._budget.rows(self.name, stream, self._options)

    def names_images(self) -> bool:
        """Whether one of the first rows at least names a file of the archive."""
        rows = [row for _, row in zip(range(TRIED_ROWS), self._read_rows(), strict=False)]
        return any(not isinstance(row, BadRow) and self._resolve_path(row.fields)[1] for row in rows)

    def read_into(self, tables: ImageTables) -> None:
        """Give the rows to the files that they name."""
        tables.names.add(self.name)
        tables.columns.update(dict.fromkeys(self._titles.values()))
        seen: set[str] = set()
        for row in self._read_rows():
            if isinstance(row, BadRow):
                tables.bad.append((row.excerpt, row.reason))
                continue
            stated, path = self._resolve_path(row.fields)
            if path is None:
                message = _("%(table)s names this file, but the archive does not have it.", table=self._title)
                tables.bad.append((stated, message))
                continue
            if self._has_boxes:
                self._add_box(row.fields, path, tables)
            values = {title: row.fields[column] for column, title in self._titles.items() if column in row.fields}
            if path not in seen:
                tables.rows[path] = tables.rows.get(path, {}) | values
            elif not self._has_boxes:
                self._report_second_row(stated, tables.rows[path], values, tables.bad)
            seen.add(path)

    def _report_second_row(self, stated: str, row: dict[str, Any], values: Mapping[str, Any], bad: Problems) -> None:
        """Of two labels for one image neither is its answer."""
        if "label" in row and values.get("label") != row["label"]:
            row["label"] = None
            bad.append((stated, _("%(table)s gives this file two labels: neither was taken.", table=self._title)))
        else:
            bad.append((stated, _("%(table)s names this file a second time.", table=self._title)))

    def _add_box(self, row: Mapping[str, Any], path: str, tables: ImageTables) -> None:
        corners = [parse_number(cell_text(row.get(column))) for column in self._corners]
        if path not in tables.boxes:
            width, height = (parse_number(cell_text(row.get(side))) or 0.0 for side in ("width", "height"))
            tables.boxes[path] = BoxList(f"{self._title}: {path}", width, height, tables.bad)
        if all(not cell_text(row.get(column)).strip() for column in self._corners):
            return  # a row without a box: nothing is there
        left, top, right, bottom = (math.nan if corner is None else corner for corner in corners)
        label = cell_text(row.get(self._label_column or ""))
        tables.boxes[path].add([left, top, right - left, bottom - top], label)
