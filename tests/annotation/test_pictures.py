"""Pictures: what is one, how large it is, what its copies hold; whatever the bytes, a reason or a picture."""

import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from annotation.formats.image_reading import COPY_SIDES, BadImage, DecodedImage, decode_image
from tests.pictures import picture
from tests.scale import scaled

MOST = 10_000_000


def opened(found: DecodedImage, size: str) -> Image.Image:
    return Image.open(io.BytesIO(found.copies[size]))


@pytest.mark.parametrize(
    ("kind", "suffix"), [("PNG", "png"), ("JPEG", "jpg"), ("WEBP", "webp"), ("GIF", "gif"), ("BMP", "bmp")]
)
def test_each_kind_is_known_by_its_bytes(kind: str, suffix: str) -> None:
    found = decode_image(picture(kind=kind), MOST)
    assert (found.suffix, found.width, found.height) == (suffix, 60, 40)
    assert {opened(found, size).format for size in COPY_SIDES} == {"JPEG"}


def test_copies_are_bounded_and_never_larger_than_the_picture() -> None:
    large = decode_image(picture(size=(3000, 2000), kind="JPEG"), MOST)
    assert opened(large, "screen").size == (1600, 1067)
    assert opened(large, "thumb").size == (512, 341)
    assert (large.width, large.height) == (3000, 2000)
    assert opened(decode_image(picture(), MOST), "screen").size == (60, 40)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_picture_is_put_upright(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.new("RGB", (80, 40), "blue")
    image.paste("red", (0, 0, 40, 40))
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, quality=95)
    found = decode_image(out.getvalue(), MOST)
    turned = orientation >= 5
    assert (found.width, found.height) == ((40, 80) if turned else (80, 40))
    shown = opened(found, "screen")
    assert shown.size == (found.width, found.height)
    # where the red half, left as it was stored, is to be seen: EXIF 2.3, 4.6.4
    x, y = {1: (10, 20), 2: (70, 20), 3: (70, 20), 4: (10, 20), 5: (20, 10), 6: (20, 10), 7: (20, 70), 8: (20, 70)}[
        orientation
    ]
    red, _, blue = shown.getpixel((x, y))  # type: ignore[misc]
    assert red > 200 > blue


def test_copies_say_nothing_but_their_pixels() -> None:
    exif = Image.Exif()
    exif[0x010F] = "A camera of mine"
    found = decode_image(picture(kind="JPEG", exif=exif, comment=b"taken at home"), MOST)
    for size in COPY_SIDES:
        assert b"camera" not in found.copies[size]
        assert b"home" not in found.copies[size]
        assert not opened(found, size).getexif()


@pytest.mark.parametrize(
    ("mode", "color", "seen"),
    [
        ("RGBA", (255, 0, 0, 0), (255, 255, 255)),
        ("RGBA", (255, 0, 0, 255), (254, 0, 0)),
        ("LA", (0, 0), (255, 255, 255)),
        ("I;16", 32768, (128, 128, 128)),
        ("L", 90, (90, 90, 90)),
        ("1", 1, (255, 255, 255)),
    ],
)
def test_every_kind_of_pixels_is_shown(mode: str, color: object, seen: tuple[int, int, int]) -> None:
    shown = opened(decode_image(picture(color, mode=mode), MOST), "screen")
    assert shown.getpixel((5, 5)) == pytest.approx(seen, abs=2)


def bomb(side: int) -> bytes:
    """A PNG that says it is huge, in a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [4000, 10_000, 60_000])
def test_a_bomb_is_refused_before_a_pixel_is_decoded(side: int) -> None:
    with pytest.raises(BadImage, match="more than 10 megapixels"):
        decode_image(bomb(side), MOST)


SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


@pytest.mark.parametrize("raw", [b"", b"hello", SVG, b"%PDF-1.7", picture(kind="TIFF"), b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_picture_is_told_so(raw: bytes) -> None:
    with pytest.raises(BadImage, match="not an image that can be read"):
        decode_image(raw, MOST)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_half_a_picture_is_damaged(kind: str) -> None:
    raw = picture(size=(300, 200), kind=kind)
    with pytest.raises(BadImage):
        decode_image(raw[: len(raw) // 2], MOST)


@given(st.binary(max_size=300), st.sampled_from(["PNG", "JPEG", "WEBP", "GIF", "BMP"]), st.integers(0, 400))
@settings(max_examples=scaled(150), deadline=None)
def test_no_bytes_whatever_raise_anything_but_a_reason(noise: bytes, kind: str, at: int) -> None:
    raw = picture(kind=kind)
    try:
        found = decode_image(raw[:at] + noise + raw[at + len(noise) :], MOST)
    except BadImage as bad:
        assert str(bad)
    else:
        assert found.width
        assert found.copies.keys() == COPY_SIDES.keys()
