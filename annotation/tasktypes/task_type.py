"""What a task type is: an answer kind and a content kind, and what people see of it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from annotation.lazy_text import LazyText as _
from annotation.tasktypes.answers import AnswerKind
from annotation.tasktypes.contents import ContentKind, UploadExample

# keys of the annotate screen that no label can have, and what they do
SCREEN_KEYS: Mapping[str, str] = {
    "f": _("flags the item"),
    "h": _("opens the guidelines"),
    "a": _("accepts the suggestion"),
    "x": _("rejects the suggestion"),
    "?": _("lists the keys"),
    "/": _("goes to the field to find a label"),
}
GRID_KEYS: Mapping[str, str] = {"g": _("changes between single images and the grid")}
ZOOM_KEYS: Mapping[str, str] = {
    "+": _("enlarges the image"),
    "=": _("enlarges the image"),
    "-": _("makes the image smaller"),
}


@dataclass(frozen=True, eq=False)
class TaskType:
    """One kind of question that people answer about an item."""

    name: str  # stored with projects
    title: str
    summary: str  # what people do, in a sentence: for those who choose a task type
    answer: AnswerKind
    content: ContentKind
    widget: str  # the ES module in static/js/widgets/ that shows the item and takes the answer
    example: Mapping[str, Any]  # the content of a made-up item, for the same people
    styles: tuple[str, ...] = ()  # style sheets of the widget, in static/css/components/
    built_in_labels: tuple[str, ...] = ()  # of a task type whose labels follow a rule: made where a lead gives none
    label_words: Mapping[str, str] = field(default_factory=dict)  # what people read for labels that are always the same
    widget_keys: Mapping[str, str] = field(default_factory=dict)  # that the widget needs, and what they do
    own_upload_example: UploadExample | None = None  # where that of the content does not show the answers

    def with_settings(self, settings: Mapping[str, Any]) -> "TaskType":
        """Return the task type as a project with these settings has it."""
        answer = self.answer.with_settings(settings)
        return self if answer is self.answer else replace(self, answer=answer)

    @property
    def upload_example(self) -> UploadExample:
        """What a file with such items and answers looks like."""
        return self.own_upload_example or self.content.example

    @property
    def in_grids(self) -> bool:
        """Whether many items can be answered at once: those that are not what a model suggests are picked out."""
        return self.content.at_a_glance and self.answer.one_label

    @property
    def reserved_keys(self) -> dict[str, str]:
        """Return {key: what it does on the annotate screen} of keys that cannot be a label's."""
        return {**SCREEN_KEYS, **(GRID_KEYS if self.in_grids else {}), **self.widget_keys}
