"""Text classification, one label a text. Value: {"labels": ["spam"]}."""

from annotation.tasktypes.one_label import OneLabel
from annotation.words import Words as _


class TextClassification(OneLabel):
    """A text and one label."""

    name = "text_classification"
    title: str = _("Text classification")
    widget = "text_classification"
    required_content: tuple[str, ...] = ("text",)
