"""Boxes that lie beside the images of an archive: Pascal VOC (one XML an image) or COCO (one JSON for many). Pure.

Both become lists of {"x", "y", "w", "h", "label"} in pixels. Of Pascal VOC, xmin to xmax and ymin to ymax are taken as
the edges, as LabelImg and most others write them. A box that is none is left out and told with its place; the image
comes with the others. XML that declares entities or a document type is not read at all.
"""

import math
import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeGuard
from xml.etree.ElementTree import Element, ParseError  # only the types: what is parsed is parsed by defusedxml

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from annotation.formats.contract import Problems
from annotation.formats.read_budget import ReadBudget
from annotation.formats.zip_archive import ArchivedFile, BadFile
from annotation.json_values import decode
from annotation.lazy_text import LazyText as _

MAX_XML_BYTES = 1024 * 1024  # of what one file says about one image
LISTS_FOLDER = "/ImageSets/"  # Pascal VOC's lists of names
Box = dict[str, Any]


@dataclass
class BoxFiles:
    """What the files beside the images say: the boxes of an image when it is asked for, and what could not be taken."""

    names: frozenset[str] = frozenset()  # the files themselves, which are no images
    coco: Mapping[str, list[Box]] = field(default_factory=dict)  # by path of the image
    voc: Mapping[str, ArchivedFile] = field(default_factory=dict)  # likewise
    trouble: Problems = field(default_factory=Problems)  # grows while images are asked for

    def __bool__(self) -> bool:
        return bool(self.names)

    def of(self, image: str) -> list[Box] | None:
        """Return the boxes of an image; None where nothing is said about it."""
        if image in self.coco:
            return self.coco[image]
        return self._of_voc(self.voc[image]) if image in self.voc else None

    def _of_voc(self, file: ArchivedFile) -> list[Box] | None:
        try:
            root = _parsed(file)
        except BadFile as bad:
            self.trouble.append((file.name, _("The image came without its boxes: %(reason)s", reason=str(bad))))
            return None
        width, height = (_number(root, f"size/{side}") for side in ("width", "height"))
        boxes = _ImageBoxes(file.name, width, height, self.trouble)
        for element in root.iter("object"):
            low, high = ([_number(element, f"bndbox/{axis}{end}") for axis in "xy"] for end in ("min", "max"))
            boxes.add([*low, high[0] - low[0], high[1] - low[1]], (element.findtext("name") or "").strip())
        return boxes.taken


def find(files: Sequence[ArchivedFile], images: Sequence[str], budget: ReadBudget) -> BoxFiles:
    """Return the boxes that an archive brings for these images; falsy where it brings none."""
    coco, large = _coco_files(_ending(files, ".json"), budget)
    if coco or large:
        return _of_coco(coco, images, large, budget)
    voc = _ending(files, ".xml")
    if not voc or not any(_is_voc(file) for file in voc[:5]):
        return BoxFiles()
    lists = {file.name for file in files if LISTS_FOLDER in f"/{file.name}" and file.name.endswith(".txt")}
    pairs, lost = _beside(voc, images)
    message = _("There is no image of this name in the archive.")
    return BoxFiles(
        frozenset({*(file.name for file in voc), *lists}), voc=pairs, trouble=Problems((name, message) for name in lost)
    )


def _ending(files: Sequence[ArchivedFile], suffix: str) -> list[ArchivedFile]:
    return sorted((file for file in files if file.name.lower().endswith(suffix)), key=lambda file: file.name)


class _ImageBoxes:
    """The boxes of one image, and why some are none."""

    def __init__(self, where: str, width: float, height: float, trouble: Problems) -> None:
        self.taken: list[Box] = []
        self._keys: set[tuple[object, ...]] = set()  # of the boxes taken
        self._where, self._size, self._trouble = where, (width, height), trouble

    def add(self, sides: Sequence[Any], label: object) -> None:
        """Take x, y, w, h and a label, or say why not."""
        numbers = [float(side) if _is_number(side) else math.nan for side in sides]
        name = label.strip() if isinstance(label, str) else ""
        box = {**dict(zip("xywh", numbers, strict=False)), "label": name}
        reason = self._why_not(numbers, box)
        if reason:
            written = " ".join(f"{number:g}" for number in numbers)
            self._trouble.append((f"{self._where}: {name} {written}", reason))
        else:
            self.taken.append(box)
            self._keys.add(tuple(box.values()))

    def _why_not(self, numbers: Sequence[float], box: Box) -> str:
        if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
            return _("The box was left out: its four numbers cannot be read.")
        x, y, w, h = numbers
        width, height = (size if size > 0 else math.inf for size in self._size)
        if w <= 0 or h <= 0:
            return _("The box was left out: it has no area.")
        if x >= width or y >= height or x + w <= 0 or y + h <= 0:
            return _("The box was left out: it is outside of the image.")
        if not box["label"] or not box["label"].isprintable():
            return _("The box was left out: it has no name.")
        return _("The box was left out: it is there twice.") if tuple(box.values()) in self._keys else ""


# Pascal VOC


def _parsed(file: ArchivedFile) -> Element:
    if file.size > MAX_XML_BYTES:
        raise BadFile(_("The file is larger than %(most)d MB.", most=MAX_XML_BYTES // 1024 // 1024))
    try:
        root: Element = fromstring(file.read(), forbid_dtd=True)
    except DefusedXmlException:
        raise BadFile(_("The XML declares entities or a document type, which is not read.")) from None
    except (ParseError, LookupError, ValueError) as error:
        raise BadFile(_("The XML is damaged (%(error)s).", error=str(error)[:100])) from error
    if root.tag != "annotation":
        raise BadFile(_("The XML is no Pascal VOC annotation."))
    return root


def _is_voc(file: ArchivedFile) -> bool:
    try:
        _parsed(file)
    except BadFile:
        return False
    return True


def _number(root: Element, path: str) -> float:
    try:
        return float(root.findtext(path) or "nan")
    except ValueError:
        return math.nan


def _beside(voc: Sequence[ArchivedFile], images: Sequence[str]) -> tuple[dict[str, ArchivedFile], list[str]]:
    """Return {image: its XML}, by equal names without suffix, and the XML files that have no image.

    Where several folders have images of that name, it is one in the same folder as the XML, or in one beside it.
    """
    by_stem: dict[str, list[str]] = defaultdict(list)
    for image in images:
        by_stem[_stem(image)].append(image)
    pairs: dict[str, ArchivedFile] = {}
    lost = []
    for file in voc:
        same = by_stem.get(_stem(file.name), [])
        if len(same) > 1:
            folder = posixpath.dirname(file.name)
            here = [image for image in same if posixpath.dirname(image) == folder]
            above = posixpath.dirname(folder)
            same = here or [image for image in same if posixpath.dirname(posixpath.dirname(image)) == above]
        if not same:
            lost.append(file.name)
        pairs.update(dict.fromkeys(same, file))
    return pairs, lost


def _stem(name: str) -> str:
    return posixpath.splitext(posixpath.basename(name))[0]


# COCO


def _coco_files(
    files: Sequence[ArchivedFile], budget: ReadBudget
) -> tuple[list[tuple[ArchivedFile, dict[str, Any]]], list[str]]:
    """Return the COCO files with what they hold, and the names of those that are too large to be looked at."""
    coco, large = [], []
    for file in files:
        budget.progress()
        try:
            raw = file.read() if budget.takes_json(file.size) else None
        except BadFile:
            continue
        if raw is None or not budget.takes_values(raw):
            large.append(file.name)
        elif (document := _coco(raw)) is not None:
            coco.append((file, document))
    return coco, large


def _coco(raw: bytes) -> dict[str, Any] | None:
    """Return what a COCO file holds; None for another kind of JSON, and for what cannot be read."""
    try:
        document = decode(raw.decode("utf-8-sig"))
    except ValueError:
        return None
    keys = ("images", "annotations", "categories")
    whole = isinstance(document, dict) and all(isinstance(document.get(key), list) for key in keys)
    return document if whole else None


def _of_coco(
    files: Sequence[tuple[ArchivedFile, dict[str, Any]]],
    images: Sequence[str],
    large: Sequence[str],
    budget: ReadBudget,
) -> BoxFiles:
    most = budget.limits.json_bytes >> 20
    message = _("The JSON files are larger than %(most)d MB together: this one was not read.", most=most)
    trouble = Problems((name, message) for name in large if not budget.limits.is_look)
    boxes: dict[str, list[Box]] = {}
    paths = _ImagePaths(images)
    for file, document in files:
        names = {_id(category): category.get("name") for category in _objects(document["categories"])}
        by_id: dict[str, _ImageBoxes] = {}
        for image in _objects(document["images"]):
            where = paths.find(str(image.get("file_name", "")), file.name)
            if where is None:
                name = f"{file.name}: {image.get('file_name')}"
                trouble.append((name, _("There is no image of this name in the archive.")))
                continue
            size = [float(image[side]) if _is_number(image.get(side)) else math.nan for side in ("width", "height")]
            by_id[_id(image)] = _ImageBoxes(f"{file.name}: {where}", size[0], size[1], trouble)
            boxes[where] = by_id[_id(image)].taken
        for annotation in _objects(document["annotations"]):
            of_image = by_id.get(repr(annotation.get("image_id")))
            if of_image is None:
                continue  # of an image that is not here, which was told
            if annotation.get("iscrowd"):
                trouble.append(
                    (
                        f"{file.name}: {annotation.get('id')}",
                        _("The box was left out: it marks a crowd, not one object."),
                    )
                )
                continue
            sides = annotation.get("bbox")
            of_image.add(sides if isinstance(sides, list) else [], names.get(repr(annotation.get("category_id"))))
    return BoxFiles(frozenset({*(file.name for file, _document in files), *large}), coco=boxes, trouble=trouble)


def _objects(items: Sequence[Any]) -> Iterator[dict[str, Any]]:
    return (item for item in items if isinstance(item, dict))


def _id(item: Mapping[str, Any]) -> str:
    return repr(item.get("id"))


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9


class _ImagePaths:
    """Where the images of a file are in the archive."""

    def __init__(self, images: Sequence[str]) -> None:
        self._known = frozenset(images)
        bases: dict[str, list[str]] = defaultdict(list)
        for name in images:
            bases[posixpath.basename(name)].append(name)
        self._by_base = {base: names[0] for base, names in bases.items() if len(names) == 1}

    def find(self, name: str, beside: str) -> str | None:
        """Return the path of the image that a file names: from its own folder, from the top, or by name alone."""
        name = name.strip().replace("\\", "/").removeprefix("./")
        paths = (posixpath.join(posixpath.dirname(beside), name), name, self._by_base.get(posixpath.basename(name), ""))
        return next((path for path in paths if path in self._known), None)
