"""Boxes that lie beside the images of an archive: Pascal VOC (one XML an image) or COCO (one JSON for many). Pure.

Both become lists of {"x", "y", "w", "h", "label"} in pixels. Of Pascal VOC, xmin to xmax and ymin to ymax are taken as
the edges, as LabelImg and most others write them. Of COCO, a polygon without a box has the box around it. A box that is
none is left out and told with its place; the image comes with the others, or without an answer where none is left. A
COCO file without any annotations says nothing about its images. XML that declares entities or a document type is not
read at all.
"""

import math
import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element, ParseError  # only the types: what is parsed is parsed by defusedxml

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from annotation.formats.box_list import ANSWERED_KEY, BoxList, ImageBoxes, is_number
from annotation.formats.contract import Problems
from annotation.formats.read_budget import ReadBudget
from annotation.formats.zip_archive import ArchivedFile, BadFile, stem
from annotation.json_values import parse_json
from annotation.lazy_text import LazyText as _

MAX_XML_BYTES = 1024 * 1024  # of what one file says about one image
LISTS_FOLDER = "/ImageSets/"  # Pascal VOC's lists of names


@dataclass
class BoxFiles:
    """What the files beside the images say: the boxes of an image when it is asked for, and what could not be taken."""

    names: frozenset[str] = frozenset()  # the files themselves, which are no images
    coco: Mapping[str, ImageBoxes] = field(default_factory=dict)  # by path of the image
    voc: Mapping[str, ArchivedFile] = field(default_factory=dict)  # likewise
    trouble: Problems = field(default_factory=Problems)  # grows while images are asked for

    def __bool__(self) -> bool:
        return bool(self.names)

    def boxes_of(self, image: str) -> ImageBoxes:
        """Return the boxes of an image."""
        if image in self.coco:
            return self.coco[image]
        return self._read_voc_boxes(self.voc[image]) if image in self.voc else ImageBoxes()

    def _read_voc_boxes(self, file: ArchivedFile) -> ImageBoxes:
        try:
            root = _parse_voc_xml(file)
        except BadFile as bad:
            self.trouble.append((file.name, _("The image came without its boxes: %(reason)s", reason=str(bad))))
            return ImageBoxes()
        width, height = (_number_at(root, f"size/{side}") for side in ("width", "height"))
        boxes = BoxList(file.name, width, height, self.trouble)
        for element in root.iter("object"):
            low, high = ([_number_at(element, f"bndbox/{axis}{end}") for axis in "xy"] for end in ("min", "max"))
            boxes.add([*low, high[0] - low[0], high[1] - low[1]], (element.findtext("name") or "").strip())
        return boxes.result


def read_box_files(files: Sequence[ArchivedFile], images: Sequence[str], budget: ReadBudget) -> BoxFiles:
    """Return the boxes that an archive brings for these images; falsy where it brings none."""
    coco, large = _coco_files(_files_with_suffix(files, ".json"), budget)
    if coco or large:
        return _read_coco_files(coco, images, large, budget)
    voc = _files_with_suffix(files, ".xml")
    if not voc or not any(_is_voc(file) for file in voc[:5]):
        return BoxFiles()
    lists = {file.name for file in files if LISTS_FOLDER in f"/{file.name}" and file.name.endswith(".txt")}
    pairs, lost = _pair_with_images(voc, images)
    message = _("There is no image of this name in the archive.")
    return BoxFiles(
        frozenset({*(file.name for file in voc), *lists}), voc=pairs, trouble=Problems((name, message) for name in lost)
    )


def _files_with_suffix(files: Sequence[ArchivedFile], suffix: str) -> list[ArchivedFile]:
    return sorted((file for file in files if file.name.lower().endswith(suffix)), key=lambda file: file.name)


# Pascal VOC


def _parse_voc_xml(file: ArchivedFile) -> Element:
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
        _parse_voc_xml(file)
    except BadFile:
        return False
    return True


def _number_at(root: Element, path: str) -> float:
    try:
        return float(root.findtext(path) or "nan")
    except ValueError:
        return math.nan


def _pair_with_images(voc: Sequence[ArchivedFile], images: Sequence[str]) -> tuple[dict[str, ArchivedFile], list[str]]:
    """Return {image: its XML}, by equal names without suffix, and the XML files that have no image.

    Where several folders have images of that name, it is one in the same folder as the XML, or in one beside it.
    """
    by_stem: dict[str, list[str]] = defaultdict(list)
    for image in images:
        by_stem[stem(image)].append(image)
    pairs: dict[str, ArchivedFile] = {}
    lost = []
    for file in voc:
        same = by_stem.get(stem(file.name), [])
        if len(same) > 1:
            folder = posixpath.dirname(file.name)
            here = [image for image in same if posixpath.dirname(image) == folder]
            above = posixpath.dirname(folder)
            same = here or [image for image in same if posixpath.dirname(posixpath.dirname(image)) == above]
        if not same:
            lost.append(file.name)
        pairs.update(dict.fromkeys(same, file))
    return pairs, lost


# COCO


def _coco_files(
    files: Sequence[ArchivedFile], budget: ReadBudget
) -> tuple[list[tuple[ArchivedFile, dict[str, Any]]], list[str]]:
    """Return the COCO files with what they hold, and the names of those that are too large to be looked at."""
    coco, large = [], []
    for file in files:
        budget.progress()
        try:
            raw = file.read() if budget.spend_json_bytes(file.size) else None
        except BadFile:
            continue
        if raw is None or not budget.spend_json_values(raw):
            large.append(file.name)
        elif (document := _parse_coco(raw)) is not None:
            coco.append((file, document))
    return coco, large


def _parse_coco(raw: bytes) -> dict[str, Any] | None:
    """Return what a COCO file holds; None for another kind of JSON, and for what cannot be read."""
    try:
        document = parse_json(raw.decode("utf-8-sig"))
    except ValueError:
        return None
    keys = ("images", "annotations", "categories")
    whole = isinstance(document, dict) and all(isinstance(document.get(key), list) for key in keys)
    return document if whole else None


def _read_coco_files(
    files: Sequence[tuple[ArchivedFile, dict[str, Any]]],
    images: Sequence[str],
    large: Sequence[str],
    budget: ReadBudget,
) -> BoxFiles:
    """Return the boxes of each image in COCO documents; the `large` ones were not read, which is a problem to tell."""
    most = budget.limits.json_bytes >> 20
    message = _("The JSON files are larger than %(most)d MB together: this one was not read.", most=most)
    trouble = Problems((name, message) for name in large if not budget.limits.is_look)
    boxes: dict[str, ImageBoxes] = {}
    paths = _ImagePaths(images)
    for file, document in files:
        boxes |= _boxes_by_image(file.name, document, paths, trouble)
    return BoxFiles(frozenset({*(file.name for file, _document in files), *large}), coco=boxes, trouble=trouble)


def _boxes_by_image(
    file: str, document: Mapping[str, Any], paths: "_ImagePaths", trouble: Problems
) -> dict[str, ImageBoxes]:
    """Return what a COCO file says about each image of the archive that it names."""
    names = {
        _id_text(category.get("id")): _category_name(category) for category in _only_objects(document["categories"])
    }
    by_id: dict[str, BoxList] = {}
    listed: dict[str, BoxList] = {}
    has_strays = False
    elsewhere = set()  # images that the file names and the archive does not have, which is told
    for image in _only_objects(document["images"]):
        where = paths.find_path(str(image.get("file_name", "")), file)
        if where is None:
            elsewhere.add(_id_text(image.get("id")))
            trouble.append((f"{file}: {image.get('file_name')}", _("There is no image of this name in the archive.")))
            continue
        sides = (image.get(side) for side in ("width", "height"))
        width, height = (float(side) if is_number(side) else math.nan for side in sides)
        box_list = listed[where] = by_id[_id_text(image.get("id"))] = BoxList(
            f"{file}: {where}", width, height, trouble
        )
        box_list.is_known = bool(document["annotations"]) or image.get(ANSWERED_KEY) is True
    for annotation in _only_objects(document["annotations"]):
        key = _id_text(annotation.get("image_id"))
        if key in by_id:
            _add_coco_box(by_id[key], annotation, names, file)
        elif key not in elsewhere:
            where = f"{file}: {annotation.get('id')}"
            trouble.append((where, _("The box was left out: it is about an image that the file does not list.")))
            has_strays = True
    for box_list in listed.values() if has_strays else ():  # they may be about any of them
        box_list.is_known = False
    return {where: box_list.result for where, box_list in listed.items()}


def _add_coco_box(box_list: BoxList, annotation: Mapping[str, Any], names: Mapping[str, object], file: str) -> None:
    if annotation.get("iscrowd"):
        reason = _("The box was left out: it marks a crowd, not one object.")
        box_list.refuse(f"{file}: {annotation.get('id')}", reason)
        return
    sides = annotation.get("bbox") or _polygon_bounds(annotation.get("segmentation"))
    box_list.add(sides if isinstance(sides, list) else [], names.get(_id_text(annotation.get("category_id"))))


def _polygon_bounds(polygons: object) -> list[float]:
    """Return x, y, w, h of the box around polygons [[x, y, x, y, ...], ...]; nothing for anything else.

    >>> _polygon_bounds([[5, 5, 25, 5, 25, 20]])
    [5, 5, 20, 15]
    """
    if not isinstance(polygons, list) or not all(isinstance(polygon, list) for polygon in polygons):
        return []
    numbers = [number for polygon in polygons for number in polygon]
    if len(numbers) < 6 or len(numbers) % 2 or not all(map(is_number, numbers)):
        return []
    xs, ys = numbers[::2], numbers[1::2]
    return [min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)]


def _only_objects(items: Sequence[Any]) -> Iterator[dict[str, Any]]:
    return (item for item in items if isinstance(item, dict))


def _id_text(value: object) -> str:
    """Return an id as text: some tools write 1, others "1"."""
    return f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value)


def _category_name(category: Mapping[str, Any]) -> object:
    name = category.get("name")
    return str(name) if is_number(name) else name


class _ImagePaths:
    """Where the images of a file are in the archive."""

    def __init__(self, images: Sequence[str]) -> None:
        self._known = frozenset(images)
        bases: dict[str, list[str]] = defaultdict(list)
        for name in images:
            bases[posixpath.basename(name)].append(name)
        self._by_base = {base: names[0] for base, names in bases.items() if len(names) == 1}

    def find_path(self, name: str, beside: str) -> str | None:
        """Return the path of the image that a file names: from its own folder, from the top, or by name alone."""
        name = name.strip().replace("\\", "/").removeprefix("./")
        paths = (posixpath.join(posixpath.dirname(beside), name), name, self._by_base.get(posixpath.basename(name), ""))
        return next((path for path in paths if path in self._known), None)
