"""What reading an image costs in memory, measured in a process of its own: no more than its kind is bounded by."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from annotation.formats import image_reading
from annotation.formats.image_reading import BadImage, decode_image
from tests.pictures import picture

SIDE = 2500  # pixels; a smaller image is lost among what Python takes and gives back
PALETTE = {"transparency": 0}
PROGRAM = """
import sys
from annotation.formats import image_reading
from tests.pictures import picture

def peak():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]) * 1024

raw = sys.stdin.buffer.read()
image_reading.decode_image(picture("red"), 10**6)
open("/proc/self/clear_refs", "w").write("5")  # the peak begins again
before = peak()
image_reading.decode_image(raw, 10**9)
print(peak() - before)
"""


@pytest.mark.service
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs Linux")
@pytest.mark.parametrize(
    ("kind", "mode", "options", "bytes_"),
    [
        ("JPEG", "CMYK", {"progressive": True}, image_reading.USUAL_BYTES),
        ("PNG", "RGB", {}, image_reading.USUAL_BYTES),
        ("PNG", "P", {}, image_reading.USUAL_BYTES),
        ("PNG", "RGBA", {}, image_reading.TRANSPARENT_BYTES),
        ("PNG", "P", PALETTE, image_reading.TRANSPARENT_BYTES),
        ("PNG", "RGB", {"transparency": (1, 2, 3)}, image_reading.TRANSPARENT_BYTES),
        ("GIF", "P", PALETTE, image_reading.TRANSPARENT_BYTES),
        ("PNG", "I;16", {}, image_reading.DEEP_BYTES),
        ("WEBP", "RGBA", {"lossless": True}, image_reading.WEBP_BYTES),
    ],
)
def test_an_image_needs_no_more_memory_than_its_kind_is_bounded_by(
    kind: str, mode: str, options: dict[str, Any], bytes_: int
) -> None:
    color = 1 if mode in ("P", "I;16") else (0,) * len(mode)
    side = 2 * SIDE if kind == "JPEG" else SIDE  # a large JPEG is decoded no larger than its copies need
    raw = picture(color, (side, side), kind, mode, **options)
    run = subprocess.run([sys.executable, "-c", PROGRAM], input=raw, capture_output=True, check=False)
    assert run.returncode == 0, run.stderr.decode()
    assert int(run.stdout) <= side**2 * bytes_ + (8 << 20)


@pytest.mark.parametrize(
    ("kind", "mode", "megapixels"), [("PNG", "RGB", 10), ("PNG", "RGBA", 6), ("WEBP", "RGB", 4), ("JPEG", "RGB", 10)]
)
def test_what_needs_more_memory_may_have_fewer_pixels(kind: str, mode: str, megapixels: int) -> None:
    most = 10_000
    side = int((most * megapixels / 10) ** 0.5)
    assert decode_image(picture((1,) * len(mode), (side, side), kind, mode), most).width == side
    larger = side + 10
    with pytest.raises(BadImage, match="more than"):
        decode_image(picture((1,) * len(mode), (larger, larger), kind, mode), most)
