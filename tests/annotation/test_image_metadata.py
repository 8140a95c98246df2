"""Originals without metadata: nothing of place, owner or camera is left; pixels, colour profile and orientation are."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps
from PIL.PngImagePlugin import PngInfo

from annotation.formats.image_metadata import JPEG_END, has_metadata, strip_metadata
from annotation.formats.image_reading import decode_image
from annotation.imports import image_storage
from annotation.models import Item, Project, User
from tests.pictures import picture

OWNER, PLACE = "Anna Owner", "Made by the lake"
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><place>' + PLACE.encode() + b"</place></x:xmpmeta>"
SUFFIXES = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif", "BMP": "bmp"}
GPS, OWNER_TAG, ORIENTATION = 0x8825, 0x013B, 0x0112


def exif(orientation: int) -> Image.Exif:
    made = Image.Exif()
    made[OWNER_TAG] = OWNER
    made[ORIENTATION] = orientation
    made.get_ifd(GPS).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    return made


def photo(kind: str, orientation: int = 6, mode: str = "RGB") -> bytes:
    """Return a file with all the metadata that its format can have."""
    image = Image.linear_gradient("L").resize((60, 40)).convert(mode)
    out = io.BytesIO()
    how: dict[str, Any] = {"exif": exif(orientation), "icc_profile": PROFILE}
    if kind == "JPEG":
        how |= {"comment": PLACE.encode(), "xmp": XMP, "progressive": True, "quality": 90}
    if kind == "WEBP":
        how |= {"xmp": XMP, "lossless": True}
    if kind == "PNG":
        info = PngInfo()
        info.add_text("Author", OWNER)
        info.add_itxt("XML:com.adobe.xmp", XMP.decode())
        info.add_text("Comment", PLACE, zip=True)
        how["pnginfo"] = info
    if kind == "GIF":
        how = {"comment": PLACE.encode(), "save_all": True, "append_images": [image.rotate(180)], "loop": 3}
    image.save(out, kind, **how)
    return out.getvalue()


def opened(raw: bytes) -> Image.Image:
    return Image.open(io.BytesIO(raw))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_nothing_but_the_picture_is_left(kind: str) -> None:
    raw = photo(kind)
    bare = strip_metadata(raw, SUFFIXES[kind])
    assert len(bare) < len(raw)
    before, after = opened(raw), opened(bare)
    assert (after.format, after.size, after.mode) == (before.format, before.size, before.mode)
    assert after.tobytes() == before.tobytes()
    assert after.info.get("icc_profile") == before.info.get("icc_profile")
    if kind != "GIF":
        assert after.info["icc_profile"] == PROFILE
        assert dict(after.getexif()) == {ORIENTATION: 6}
        assert ImageOps.exif_transpose(after).size == (40, 60)
    for told in (OWNER, PLACE, "xmpmeta"):
        assert told.encode() not in bare
    assert not {"comment", "xmp", "Author", "Comment", "XML:com.adobe.xmp"} & set(after.info)
    assert strip_metadata(bare, SUFFIXES[kind]) == bare


def test_an_animation_stays_one() -> None:
    after = opened(strip_metadata(photo("GIF"), "gif"))
    assert (after.n_frames, after.info["loop"]) == (2, 3)  # type: ignore[attr-defined]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_picture_is_turned_as_before(kind: str, orientation: int) -> None:
    raw = photo(kind, orientation)
    before, after = (
        ImageOps.exif_transpose(opened(raw)),
        ImageOps.exif_transpose(opened(strip_metadata(raw, SUFFIXES[kind]))),
    )
    assert before.tobytes() == after.tobytes()


@pytest.mark.parametrize("kind", SUFFIXES)
def test_a_file_without_metadata_stays_as_it_is(kind: str) -> None:
    raw = picture(kind=kind)
    assert strip_metadata(raw, SUFFIXES[kind]) == raw
    assert not has_metadata(io.BytesIO(raw), SUFFIXES[kind])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_metadata_are_seen_from_the_heads_of_the_segments(kind: str) -> None:
    raw = photo(kind)
    assert has_metadata(io.BytesIO(raw), SUFFIXES[kind])
    assert not has_metadata(io.BytesIO(strip_metadata(raw, SUFFIXES[kind])), SUFFIXES[kind])


def test_a_photo_with_others_behind_it_is_a_photo() -> None:
    """Phones put a second view, or a depth map, behind the photo: Pillow calls such a JPEG by another name."""
    out = io.BytesIO()
    first, second = (Image.new("RGB", (40, 30), color) for color in ("red", "blue"))
    first.save(out, "MPO", save_all=True, append_images=[second])
    found = decode_image(out.getvalue(), 1_000_000)
    assert (found.suffix, found.width, found.height) == ("jpg", 40, 30)
    alone = strip_metadata(out.getvalue(), found.suffix)
    with Image.open(io.BytesIO(alone)) as image:
        assert (image.format, image.size) == ("JPEG", (40, 30))
        assert image.getpixel((5, 5))[0] > 200


def test_what_is_hung_on_to_a_photo_goes_too() -> None:
    film = b"ftypmp4 " + PLACE.encode()
    raw = photo("JPEG")
    assert strip_metadata(raw + film, "jpg") == strip_metadata(raw, "jpg")
    assert strip_metadata(raw, "jpg").endswith(JPEG_END)


@given(st.integers(0, 2**31), st.integers(0, 255))
def test_a_broken_file_leaks_nothing(at: int, byte: int) -> None:
    """One byte of the head is another: the file is cut, or decoded and encoded, or neither can read it."""
    raw = bytearray(photo("JPEG"))
    raw[at % 2000 % len(raw)] = byte
    try:
        with opened(bytes(raw)) as image:
            image.load()
        bare = strip_metadata(bytes(raw), "jpg")
    except Exception:  # no picture, which an upload refuses
        return
    assert OWNER.encode() not in bare


# Served


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize("is_old", [False, True], ids=["new", "old"])
def test_no_size_has_metadata(
    project: Project, annotator: User, make_items: Any, client_of: Callable[..., Client], kind: str, is_old: bool
) -> None:
    raw = photo(kind)
    [item] = make_items(project, 1)
    content = image_storage.store_image(project.pk, raw)
    Item.objects.filter(pk=item.pk).update(content=content)
    if is_old and kind != "GIF":  # an older release stored the file as it came
        Path(default_storage.path(content["image"])).write_bytes(raw)
    for size in ("thumb", "screen", "full", "full"):
        response = client_of(annotator).get(f"/projects/{project.pk}/items/{item.pk}/image/?size={size}")
        body = b"".join(response.streaming_content)  # type: ignore[attr-defined]
        assert response.status_code == 200
        assert OWNER.encode() not in body
        assert PLACE.encode() not in body
        assert set(opened(body).getexif()) <= {ORIENTATION}
    assert opened(body).size == (60, 40)
    assert image_storage.store_image(project.pk, raw) == content
