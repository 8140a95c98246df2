"""Pictures of a project's items in the media storage: the original without metadata, and two smaller copies.

    images/<project>/<first two digits>/<hash of the bytes>.<suffix>      the original
    images/<project>/<first two digits>/<hash of the bytes>.bare.<suffix> the same, where an older release kept metadata
    images/<project>/<first two digits>/<hash of the bytes>.screen.jpg    as large as a screen needs
    images/<project>/<first two digits>/<hash of the bytes>.thumb.jpg     for grids, lists and features

An item's content is {"image": the original's name here, "width": w, "height": h}: its pixels, turned as its EXIF data
says. Equal bytes have equal content, so that a picture is added once.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from annotation.formats import image_reading
from annotation.formats.image_metadata import has_metadata, strip_metadata
from annotation.formats.image_reading import COPY_SIDES, MIME, copy_name

SIZES = (*COPY_SIDES, "full")


def store_image(project: int, raw: bytes) -> dict[str, Any]:
    """Store an uploaded picture and its copies and return the content of its item; raises BadImage.

    Again with the same bytes it mends what a worker that died left half written.
    """
    picture = image_reading.decode_image(raw, settings.IMAGE_MAX_PIXELS)
    digest = hashlib.blake2b(raw, digest_size=16).hexdigest()
    name = f"images/{project}/{digest[:2]}/{digest}.{picture.suffix}"
    for size, copy in picture.copies.items():
        _write_once(copy_name(name, size), copy)
    _write_once(name, strip_metadata(raw, picture.suffix))  # place and owner are nobody's business here
    return {"image": name, "width": picture.width, "height": picture.height}


def _write_once(name: str, raw: bytes) -> None:
    """Write a file unless it is there, whole."""
    if default_storage.exists(name):
        if default_storage.size(name) == len(raw):
            return
        default_storage.delete(name)
    written = default_storage.save(name, ContentFile(raw))
    if written != name:  # another worker was quicker with the same picture
        default_storage.delete(written)


def image_path(content: Mapping[str, Any], size: str) -> str:
    """Return the name of a picture's file in the media storage; `size` is one of SIZES."""
    name = str(content["image"])
    return copy_name(name, size) if size in COPY_SIDES else name


def path_without_metadata(content: Mapping[str, Any]) -> str:
    """Return the name of the original without metadata; makes it, once, where an older release kept them."""
    name = str(content["image"])
    bare, suffix = _name_without_metadata(name), name.rpartition(".")[2]
    if default_storage.exists(bare) or not default_storage.exists(name):
        return bare
    with default_storage.open(name) as file:
        if not has_metadata(file, suffix):
            return name
        file.seek(0)
        _write_once(bare, strip_metadata(file.read(), suffix))
    return bare


def _name_without_metadata(name: str) -> str:
    stem, _dot, suffix = name.rpartition(".")
    return f"{stem}.bare.{suffix}"


def image_version(content: Mapping[str, Any]) -> str:
    """Return what tells a picture from any other: part of its address, so that browsers may keep it for good."""
    return str(content["image"]).rpartition("/")[2].partition(".")[0][:16]


def image_content_type(content: Mapping[str, Any], size: str) -> str:
    """Return the media type of a picture's file: never what an upload says of itself."""
    return MIME["jpg" if size in COPY_SIDES else str(content["image"]).rpartition(".")[2]]


def delete_images(names: Iterable[str]) -> None:
    """Remove images, each with its copies."""
    for name in names:
        for stored in (name, _name_without_metadata(name), *(copy_name(name, size) for size in COPY_SIDES)):
            default_storage.delete(stored)


def delete_project_images(project: int) -> None:
    """Remove all pictures of a project."""
    _remove_folder(f"images/{project}")


def _remove_folder(folder: str) -> None:
    if not default_storage.exists(folder):
        return
    folders, names = default_storage.listdir(folder)
    for name in names:
        default_storage.delete(f"{folder}/{name}")
    for name in folders:
        _remove_folder(f"{folder}/{name}")
    default_storage.delete(folder)
