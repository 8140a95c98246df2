"""Text classification, one label a text. Value: {"labels": ["spam"]}."""

from annotation.lazy_text import LazyText as _
from annotation.tasktypes.single_label import OneLabel


class TextClassification(OneLabel):
    """A text and one label."""

    name = "text_classification"
    title: str = _("Text classification")
    widget = "text_classification"
    required_content: tuple[str, ...] = ("text",)
