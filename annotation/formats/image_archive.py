"""Images in a ZIP archive, one a row. Their labels: a file `labels.csv` inside (file,label), or one level of folders.

Labels and boxes come from tables beside the images, see image_tables.py; boxes also from Pascal VOC and COCO, see
voc_and_coco.py. A mask that lies in a folder of masks, beside a photo of the same name, is no image of its own.

A row has the path of its file as `image` and as `file`, and the file itself to be read when it is wanted. The rows
come in an order that only their names make and that looks like chance: archives are sorted by label, and what is
fitted on the first pictures while the others still come in would know one label only.
"""

import hashlib
import posixpath
from collections.abc import Iterator, Sequence
from typing import IO, Any

from annotation.errors import ImportRefused
from annotation.formats import column_inference, foreign_boxes, image_tables, voc_and_coco
from annotation.formats.box_list import holds_boxes
from annotation.formats.contract import PREVIEW_ROWS, BadRow, FileOptions, Record, Row, excerpt
from annotation.formats.read_budget import LOOK_LIMITS, ReadBudget
from annotation.formats.sniffing import Detected
from annotation.formats.zip_archive import UNSAFE, ArchivedFile, list_files, stem
from annotation.lazy_text import LazyText as _

NAME, TITLE = "images", _("Images (ZIP)")
IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp")
BOXES_COLUMN = "boxes"  # the column of boxes
MASK_FOLDERS = ("segmentationclass", "segmentationobject", "mask", "masks", "segmentation", "segmentations")


class ImagesReader:
    """The rows of an archive; then one for each line of a table that fits no file, each box that is none, each mask."""

    def __init__(self, enclosed: Sequence[ArchivedFile], budget: ReadBudget) -> None:
        self._tables = image_tables.read_image_tables(enclosed, budget)
        images = [file.name for file in enclosed if _is_image(file.name)]
        self._masks = _masks_with_photos(images)
        images = [name for name in images if name not in self._masks]
        beside = [file for file in enclosed if file.name not in self._tables.names and file.name not in self._masks]
        self._boxes = voc_and_coco.read_box_files(beside, images, budget)
        if not self._boxes:
            foreign_boxes.refuse_foreign_boxes(beside, images, budget)
        self.files = sorted((file for file in beside if file.name not in self._boxes.names), key=_shuffle_key)
        self._folders = {} if self._tables.names or self._boxes else _labels_from_folders(self.files)
        self.position = 0

    @property
    def columns(self) -> list[str]:
        """Names of the columns, those of tables too."""
        labelled = "label" in self._tables.columns or self._folders
        has_boxes = bool(self._boxes or self._tables.boxes)
        boxes = [BOXES_COLUMN] * (has_boxes and BOXES_COLUMN not in self._tables.columns)
        further = (name for name in self._tables.columns if name != "label")
        return ["image", "file", *["label"] * bool(labelled), *boxes, *further]

    def __iter__(self) -> Iterator[Row]:
        row = 0
        for row, file in enumerate(self.files, 1):
            self.position += file.size
            yield self._read_record(row, file)
        masks = [(name, _("This is the mask of %(image)s, which is not read.", image=self._masks[name]))
                 for name in sorted(self._masks)]  # fmt: skip
        for number, (name, reason) in enumerate((*self._tables.bad, *self._boxes.trouble, *masks), row + 1):
            yield BadRow(number, reason, excerpt(name))

    def _read_record(self, row: int, file: ArchivedFile) -> Row:
        fields: dict[str, Any] = {"image": file.name, "file": file.name}
        if self._folders:
            fields["label"] = self._folders[file.name]
        beside = self._boxes.boxes_of(file.name)
        image_boxes = beside if beside.boxes is not None else self._tables.boxes_of(file.name)
        if image_boxes.boxes is not None:
            fields[BOXES_COLUMN] = image_boxes.boxes
        return Record(row, fields | self._tables.rows.get(file.name, {}), file, image_boxes.size)


def read_archive(stream: IO[bytes], budget: ReadBudget) -> ImagesReader:
    """Return the rows of an archive; raises ImportRefused."""
    return ImagesReader(list_files(stream), budget)


def inspect_archive(enclosed: Sequence[ArchivedFile]) -> Detected:
    """Return what an archive holds and what its columns are; raises ImportRefused where no image is in it."""
    reader = ImagesReader(enclosed, ReadBudget(LOOK_LIMITS))
    if not any(_is_image(file.name) for file in reader.files):
        raise ImportRefused(
            _("The ZIP archive has no images (JPEG, PNG, WebP, GIF or BMP). A table is uploaded as it is, or gzipped.")
        )
    columns = reader.columns
    label = "label" if "label" in columns else None
    rows = [row.fields for row, _place in zip(reader, range(PREVIEW_ROWS), strict=False) if isinstance(row, Record)]
    boxes = BOXES_COLUMN if BOXES_COLUMN in columns else None
    if boxes is None and any(holds_boxes(row.get("label")) for row in rows):
        boxes = "label"  # as Margin's own exports have them
    hidden = column_inference.exported_columns(columns)
    # where boxes are no answer, they are nothing to read either
    mapping = {
        "image": "image",
        "id": "file",
        "label": label,
        "hidden": [*[BOXES_COLUMN] * (boxes == BOXES_COLUMN), *hidden],
    }
    options = FileOptions(format=NAME, columns=columns)
    possible = column_inference.possible_answer_columns(options, [Record(0, row) for row in rows])
    possible = tuple(name for name in possible if name not in image_tables.RESERVED_COLUMNS)
    return Detected(options, rows, mapping | {BOXES_COLUMN: boxes}, possible_answers=possible)


def check_unpacked_size(stream: IO[bytes], max_bytes: int | None) -> int:
    """Return the bytes of all files, unpacked; raises ImportRefused where they are more than `max_bytes`."""
    total = sum(file.size for file in list_files(stream))
    if max_bytes is not None and total > max_bytes:
        limit = max_bytes // 1024 // 1024
        raise ImportRefused(_("Unpacked, the file is larger than %(most)d MB. Upload it in parts.", most=limit))
    return total


def _shuffle_key(file: ArchivedFile) -> bytes:
    return hashlib.blake2b(file.name.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _is_image(name: str) -> bool:
    return name.lower().endswith(IMAGE_SUFFIXES)


def _masks_with_photos(images: Sequence[str]) -> dict[str, str]:
    """Return {mask: its photo} of images in a folder of masks beside one of the same name in another folder."""
    photos = {_photo_stem(name): name for name in images if not _in_mask_folder(name)}
    return {name: photos[_photo_stem(name)] for name in images if _in_mask_folder(name) and _photo_stem(name) in photos}


def _in_mask_folder(name: str) -> bool:
    return not {part.lower() for part in name.split("/")[:-1]}.isdisjoint(MASK_FOLDERS)


def _photo_stem(name: str) -> str:
    return stem(name).lower().removesuffix("_mask")


# Labels from folders


def _labels_from_folders(enclosed: Sequence[ArchivedFile]) -> dict[str, str]:
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
