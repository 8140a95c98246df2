"""Images as features read them."""

from PIL import Image

GREY = (128, 128, 128)


def open_image(path: str) -> Image.Image:
    """Return the image in RGB; grey where there is none any more: a lost file must not stop a project."""
    try:
        with Image.open(path) as image:
            return image.convert("RGB")
    except (OSError, ValueError):
        return Image.new("RGB", (1, 1), GREY)
