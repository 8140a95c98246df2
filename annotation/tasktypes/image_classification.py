"""An image and one label."""

from annotation.lazy_text import LazyText as _
from annotation.tasktypes.answers import SingleLabel
from annotation.tasktypes.contents import EXAMPLE_IMAGE, IMAGE
from annotation.tasktypes.task_type import ZOOM_KEYS, TaskType

TASK_TYPE = TaskType(
    name="image_classification",
    title=_("Image classification"),
    summary=_("Each image gets exactly one label: what it shows."),
    answer=SingleLabel(),
    content=IMAGE,
    widget="images",
    widget_keys=ZOOM_KEYS,  # not 0: with ten labels it is that of the tenth
    styles=("images", "grid"),
    example=EXAMPLE_IMAGE,
)
