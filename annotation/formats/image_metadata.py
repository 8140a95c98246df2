"""Take out of an image file what it tells besides its picture: place, owner, camera, comments, previews. Pure.

The file is cut along its segments and put together without those, so that no pixel changes. Colour profile and
orientation stay, and what a decoder needs.

Sources: JPEG (ITU-T T.81, annex B), PNG (W3C, third edition), WebP container (RFC 9649), GIF89a, EXIF 2.32.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import IO

from PIL import Image

from annotation.formats.image_reading import ORIENTATION, orientation_of, type_key_of

EXIF_HEADER = b"Exif\x00\x00"  # of a JPEG's segment
JPEG_START, JPEG_END = b"\xff\xd8", b"\xff\xd9"
JPEG_APP0, JPEG_APP1, JPEG_APP2, JPEG_APP14, JPEG_SCAN = 0xE0, 0xE1, 0xE2, 0xEE, 0xDA
# frames and Huffman tables, scans, quantization tables, number of lines, restart intervals
JPEG_NEEDED = frozenset((*range(0xC0, 0xD0), JPEG_SCAN, 0xDB, 0xDC, 0xDD, JPEG_END[1]))
# of application segments those that a decoder reads, by how they begin
JPEG_KEPT = {JPEG_APP0: b"JFIF\x00", JPEG_APP2: b"ICC_PROFILE\x00", JPEG_APP14: b"Adobe"}
SCAN_END = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # a marker; a restart or a stuffed byte is part of the scan
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_KEPT = frozenset(
    (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"cICP", b"mDCV", b"cLLI")
    + (b"sBIT", b"bKGD", b"pHYs", b"hIST", b"sPLT", b"acTL", b"fcTL", b"fdAT")
)
WEBP_KEPT = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
WEBP_METADATA_FLAGS = 0x08 | 0x04  # EXIF, XMP
WEBP_EXIF_FLAG = 0x08
GIF_EXTENSION, GIF_IMAGE, GIF_TRAILER = 0x21, 0x2C, 0x3B
GIF_COMMENT, GIF_APPLICATION = 0xFE, 0xFF
GIF_KEPT_APPLICATIONS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")  # how often an animation runs
RESAVED_QUALITY = 95  # of a JPEG that only a decoder understands


class Unreadable(Exception):
    """The segments of a file are not as its format has them."""


def strip_metadata(raw: bytes, suffix: str) -> bytes:
    """Return an image file, which can be decoded, without metadata; the same bytes where it has none."""
    strip = {"jpg": _strip_jpeg, "png": _strip_png, "webp": _strip_webp, "gif": _strip_gif}.get(suffix)
    if strip is None:
        return raw
    with Image.open(BytesIO(raw)) as image:
        orientation = orientation_of(image)
    try:
        return strip(raw, orientation)
    except (Unreadable, struct.error, IndexError):
        return _reencode(raw, orientation)


def has_metadata(file: IO[bytes], suffix: str) -> bool:
    """Tell whether an image file has metadata, from the heads of its segments: it reads no pixels."""
    look = {"jpg": _jpeg_has_metadata, "png": _png_has_metadata, "webp": _webp_has_metadata}.get(suffix)
    try:
        return look is not None and look(file)
    except (Unreadable, struct.error):
        return True


def _orientation_exif(orientation: int) -> bytes:
    """Return EXIF data of nothing but an orientation, one of 1 to 8."""
    return b"MM\x00*\x00\x00\x00\x08\x00\x01" + struct.pack(">HHIHHI", ORIENTATION, 3, 1, orientation, 0, 0)


BARE_EXIF = frozenset(map(_orientation_exif, range(2, 9)))


def _reencode(raw: bytes, orientation: int) -> bytes:
    """Decode and encode: for files that decoders are lenient with."""
    out = BytesIO()
    with Image.open(BytesIO(raw)) as image:
        profile = image.info.get("icc_profile")
        more = {"exif": _orientation_exif(orientation)} if orientation != 1 else {}
        name = type_key_of(image)
        quality = {"quality": RESAVED_QUALITY} if name == "JPEG" else {}
        image.save(out, name, icc_profile=profile, **quality, **more)
    return out.getvalue()


# JPEG


def _strip_jpeg(raw: bytes, orientation: int) -> bytes:
    kept = [JPEG_START]
    if orientation != 1:
        kept.append(_jpeg_segment(JPEG_APP1, EXIF_HEADER + _orientation_exif(orientation)))
    kept += [raw[low:high] for marker, low, high in _jpeg_segments(raw) if _stays_in_jpeg(marker, raw[low + 4 : high])]
    return b"".join(kept)


def _jpeg_segments(raw: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield (marker, start, end) of each segment after the start of the image; a scan with its data."""
    if raw[:2] != JPEG_START:
        raise Unreadable
    low = 2
    while raw[low : low + 2] != JPEG_END:
        if raw[low] != 0xFF:
            raise Unreadable
        if raw[low + 1] == 0xFF:  # a fill byte
            low += 1
            continue
        marker = raw[low + 1]
        high = low + 2 + struct.unpack_from(">H", raw, low + 2)[0]
        if marker == JPEG_SCAN:
            end = SCAN_END.search(raw, high)
            if end is None:
                raise Unreadable
            high = end.start()
        yield marker, low, high
        low = high
    yield JPEG_END[1], low, low + 2  # what follows belongs to no picture, or to another one


def _stays_in_jpeg(marker: int, payload: bytes) -> bool:
    if marker in JPEG_KEPT:
        return payload.startswith(JPEG_KEPT[marker])
    return marker in JPEG_NEEDED


def _jpeg_segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def _jpeg_has_metadata(file: IO[bytes]) -> bool:
    if file.read(2) != JPEG_START:
        raise Unreadable
    while True:
        prefix, marker, size = struct.unpack(">BBH", file.read(4))
        if prefix != 0xFF:
            raise Unreadable
        if marker == JPEG_SCAN:
            return False
        payload = file.read(size - 2)
        is_bare = payload[: len(EXIF_HEADER)] == EXIF_HEADER and payload[len(EXIF_HEADER) :] in BARE_EXIF
        if not is_bare and not _stays_in_jpeg(marker, payload):
            return True


# PNG


def _strip_png(raw: bytes, orientation: int) -> bytes:
    """Return the PNG with the chunks that show the picture, and its orientation. Raises Unreadable."""
    if not raw.startswith(PNG_SIGNATURE):
        raise Unreadable
    kept, low = [PNG_SIGNATURE], len(PNG_SIGNATURE)
    while True:
        size, kind = struct.unpack_from(">I4s", raw, low)
        high = low + 12 + size
        if kind in PNG_KEPT:
            kept.append(raw[low:high])
        if kind == b"IHDR" and orientation != 1:
            kept.append(_png_chunk(b"eXIf", _orientation_exif(orientation)))
        if kind == b"IEND":
            return b"".join(kept)
        low = high


def _png_chunk(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))


def _png_has_metadata(file: IO[bytes]) -> bool:
    if file.read(len(PNG_SIGNATURE)) != PNG_SIGNATURE:
        raise Unreadable
    while True:
        size, kind = struct.unpack(">I4s", file.read(8))
        if kind == b"IEND":
            return False
        if kind not in PNG_KEPT and not (kind == b"eXIf" and size < 64 and file.read(size) in BARE_EXIF):
            return True
        file.seek(4 if kind == b"eXIf" else size + 4, 1)


# WebP


def _strip_webp(raw: bytes, orientation: int) -> bytes:
    kept = []
    for kind, low, high in _webp_chunks(raw):
        if kind == b"VP8X":
            flags = raw[low + 8] & ~WEBP_METADATA_FLAGS | (WEBP_EXIF_FLAG if orientation != 1 else 0)
            kept.append(raw[low : low + 8] + bytes([flags]) + raw[low + 9 : high])
        elif kind in WEBP_KEPT:
            kept.append(raw[low:high])
    if orientation != 1:
        kept.append(_riff_chunk(b"EXIF", _orientation_exif(orientation)))
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _webp_chunks(raw: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield (kind, start, end) of each chunk."""
    if raw[:4] != b"RIFF" or raw[8:12] != b"WEBP":
        raise Unreadable
    low, end = 12, min(len(raw), 8 + struct.unpack_from("<I", raw, 4)[0])
    while low + 8 <= end:
        kind, size = struct.unpack_from("<4sI", raw, low)
        high = low + 8 + size + size % 2
        yield kind, low, high
        low = high


def _riff_chunk(kind: bytes, payload: bytes) -> bytes:
    return struct.pack("<4sI", kind, len(payload)) + payload + b"\x00" * (len(payload) % 2)


def _webp_has_metadata(file: IO[bytes]) -> bool:
    head = file.read(12)
    if head[:4] != b"RIFF" or head[8:] != b"WEBP":
        raise Unreadable
    while len(chunk := file.read(8)) == 8:
        kind, size = struct.unpack("<4sI", chunk)
        if kind not in WEBP_KEPT and not (kind == b"EXIF" and size < 64 and file.read(size) in BARE_EXIF):
            return True
        file.seek(size % 2 if kind == b"EXIF" else size + size % 2, 1)
    return False


# GIF


def _strip_gif(raw: bytes, _orientation: int) -> bytes:
    low = 13 + _color_table_bytes(raw[10])
    kept = [raw[:low]]
    while raw[low] != GIF_TRAILER:
        high = _gif_block_end(raw, low)
        if _stays_in_gif(raw, low):
            kept.append(raw[low:high])
        low = high
    return b"".join([*kept, bytes([GIF_TRAILER])])


def _color_table_bytes(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _gif_block_end(raw: bytes, low: int) -> int:
    if raw[low] == GIF_EXTENSION:
        at = low + 2
    elif raw[low] == GIF_IMAGE:
        at = low + 10 + _color_table_bytes(raw[low + 9]) + 1
    else:
        raise Unreadable
    while raw[at]:
        at += 1 + raw[at]
    return at + 1


def _stays_in_gif(raw: bytes, low: int) -> bool:
    if raw[low] != GIF_EXTENSION or raw[low + 1] not in (GIF_COMMENT, GIF_APPLICATION):
        return True
    return raw[low + 1] == GIF_APPLICATION and raw[low + 3 : low + 14] in GIF_KEPT_APPLICATIONS
