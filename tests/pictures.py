"""Pictures for tests, and archives of them."""

import io
import zipfile
from collections.abc import Mapping

from PIL import Image


def picture(
    color: object = "red", size: tuple[int, int] = (60, 40), kind: str = "PNG", mode: str = "RGB", **how: object
) -> bytes:
    """Return a file of one colour; other colours are other bytes."""
    out = io.BytesIO()
    Image.new(mode, size, color).save(out, kind, **how)
    return out.getvalue()


def archive(files: Mapping[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a ZIP archive of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as made:
        for name, raw in files.items():
            made.writestr(name, raw)
    return out.getvalue()
