"""Pictures as people upload them: whether it is one, how large it is, and smaller copies of it. Pure.

The bytes may be hostile: only decoders of a few formats are tried, and the size is known before a pixel is decoded.
"""

import warnings
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, UnidentifiedImageError

from annotation.lazy_text import LazyText as _

TYPES = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif", "BMP": "bmp"}  # Pillow's names -> suffix
# what Pillow calls a JPEG with further pictures behind it, as phones make them; the first is the photo
TYPE_NAMES = {"MPO": "JPEG"}
MIME = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp", "gif": "image/gif", "bmp": "image/bmp"}
COPY_SIDES = {"screen": 1600, "thumb": 512}  # pixels of the longer side at most, the larger copy first
REDUCING_GAP = 3.0  # how much larger than a copy an image is averaged to before it is resampled
JPEG_QUALITY = 88  # of the copies
ORIENTATION = 0x0112  # the EXIF tag
ORIENTATIONS = range(1, 9)
UPRIGHT = {  # {orientation: what puts it upright}
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SIDEWAYS_ORIENTATIONS = range(5, 9)  # orientations that swap width and height
# Bytes of memory that a pixel needs at most while an image is read (measured with Pillow 13, each kind and mode).
USUAL_BYTES, TRANSPARENT_BYTES, DEEP_BYTES = 9, 15, 11
WEBP_BYTES = 21
DEEP_MODES = ("I;16", "I;16L", "I;16B", "I;16N", "I", "F")  # more than 8 bits a pixel


def copy_name(name: str, size: str) -> str:
    """Return the name of a smaller copy beside the original of that name; `size` is one of COPY_SIDES.

    >>> copy_name("images/7/ab/abc.png", "thumb")
    'images/7/ab/abc.thumb.jpg'
    """
    return f"{name.rpartition('.')[0]}.{size}.jpg"


class BadImage(Exception):
    """The bytes are no picture that can be taken; the words say why."""


@dataclass(frozen=True)
class DecodedImage:
    """What is to be known and kept of an uploaded picture, turned as its EXIF data says."""

    suffix: str
    width: int
    height: int
    copies: dict[str, bytes]  # JPEG of each of COPY_SIDES, without metadata


def decode_image(raw: bytes, most_pixels: int) -> DecodedImage:
    """Look at an uploaded file; raises BadImage with the reason."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit here is ours
            return _decode_within_limit(raw, most_pixels)
    except BadImage:
        raise
    except UnidentifiedImageError:
        raise BadImage(_("This is not an image that can be read: JPEG, PNG, WebP, GIF and BMP can.")) from None
    except Image.DecompressionBombError:
        raise _too_large(most_pixels) from None
    except Exception as error:  # whatever a decoder makes of broken bytes
        raise BadImage(_("The image is damaged (%(error)s).", error=str(error)[:100])) from error


def _decode_within_limit(raw: bytes, most_pixels: int) -> DecodedImage:
    with Image.open(BytesIO(raw), formats=tuple(TYPES)) as image:
        kind, (width, height) = type_key_of(image), image.size
        most_pixels = most_pixels * USUAL_BYTES // _bytes_per_pixel(image)
        if width * height > most_pixels:
            raise _too_large(most_pixels)
        on_its_side = orientation_of(image) in SIDEWAYS_ORIENTATIONS
        image.draft("RGB", (COPY_SIDES["screen"],) * 2)  # a JPEG is decoded no larger than is needed
        copies = _make_copies(image)
    return DecodedImage(TYPES[kind], *((height, width) if on_its_side else (width, height)), copies)


def type_key_of(image: Image.Image) -> str:
    """Return the key in TYPES of an image that was opened as one of these."""
    return TYPE_NAMES.get(name := str(image.format), name)


def _bytes_per_pixel(image: Image.Image) -> int:
    if image.format == "WEBP":
        return WEBP_BYTES
    if image.has_transparency_data:
        return TRANSPARENT_BYTES
    return DEEP_BYTES if image.mode in DEEP_MODES else USUAL_BYTES


def _too_large(most_pixels: int) -> BadImage:
    return BadImage(_("The image has more than %(most)d megapixels.", most=most_pixels // 1_000_000))


def orientation_of_file(raw: bytes) -> int:
    """Return how an image that `decode_image` took is to be turned, as `orientation_of` does."""
    with Image.open(BytesIO(raw), formats=tuple(TYPES)) as image:
        return orientation_of(image)


def orientation_of(image: Image.Image) -> int:
    """Return how an image is to be turned, from 1 (not at all) to 8, as its EXIF data says."""
    try:
        orientation = int(image.getexif().get(ORIENTATION, 1))
    except Exception:  # broken EXIF data is no reason to refuse a picture
        return 1
    return orientation if orientation in ORIENTATIONS else 1


def _make_copies(image: Image.Image) -> dict[str, bytes]:
    copies = {}
    orientation = orientation_of(image)
    plain = _upright_rgb_on_white(_shrink_to_largest_copy(image), orientation)
    for name, side in COPY_SIDES.items():
        plain.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=REDUCING_GAP)
        out = BytesIO()
        plain.save(out, "JPEG", quality=JPEG_QUALITY)
        copies[name] = out.getvalue()
    return copies


def _shrink_to_largest_copy(image: Image.Image) -> Image.Image:
    """Return the first frame no larger than its largest copy needs: what is done with it then costs little memory."""
    if image.mode in DEEP_MODES:
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    elif image.has_transparency_data and image.mode not in ("RGBA", "LA"):
        image = image.convert("RGBA")
    elif image.mode in ("P", "1"):
        image = image.convert("RGB" if image.mode == "P" else "L")
    image.thumbnail((max(COPY_SIDES.values()),) * 2, Image.Resampling.LANCZOS, reducing_gap=REDUCING_GAP)
    return image


def _upright_rgb_on_white(image: Image.Image, orientation: int) -> Image.Image:
    """Return an image upright, in RGB, on white where it is transparent; nothing but its pixels."""
    if orientation in UPRIGHT:
        image = image.transpose(UPRIGHT[orientation])
    if image.has_transparency_data:
        above = image.convert("RGBA")
        image = Image.new("RGBA", above.size, "white")
        image.alpha_composite(above)
    plain = image.convert("RGB")
    plain.info.clear()
    return plain
