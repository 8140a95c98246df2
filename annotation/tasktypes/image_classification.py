"""Image classification, one label an image. Value: {"labels": ["daisy"]}."""

from annotation.lazy_text import LazyText as _
from annotation.tasktypes.single_label import OneLabel


class ImageClassification(OneLabel):
    """An image and one label. Content: {"image": its file, "width": w, "height": h}, in pixels, upright."""

    name = "image_classification"
    title: str = _("Image classification")
    widget = "images"
    required_content: tuple[str, ...] = ("image",)
    in_grids = True
