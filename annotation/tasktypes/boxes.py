"""An image and any number of labelled boxes on it: object detection."""

from annotation.lazy_text import LazyText as _
from annotation.tasktypes.answers import Boxes
from annotation.tasktypes.contents import EXAMPLE_IMAGE, IMAGE, UploadExample
from annotation.tasktypes.task_type import ZOOM_KEYS, TaskType

TASK_TYPE = TaskType(
    name="boxes",
    title=_("Object boxes"),
    summary=_("Things on an image are framed and labelled: cells, faces, signs."),
    answer=Boxes(),
    content=IMAGE,
    widget="boxes",
    widget_keys={
        "n": _("makes a new box"),
        "l": _("opens the list of boxes"),
        "0": _("shows the whole image"),
        **ZOOM_KEYS,
    },
    styles=("images", "boxes"),
    example=EXAMPLE_IMAGE,
    own_upload_example=UploadExample(
        (
            (
                _("Images, and boxes beside them as Pascal VOC has them:"),
                "JPEGImages/0001.jpg\nJPEGImages/0002.jpg\nAnnotations/0001.xml",
            ),
            (
                _("Or one COCO file (instances.json), or a file labels.csv inside:"),
                'file,boxes\n0001.jpg,"[{""x"": 3, ""y"": 4, ""w"": 10, ""h"": 8, ""label"": ""$a""}]"\n0002.jpg,[]',
            ),
        ),
        _("Images without boxes are fine: people draw them. An empty list says that there is nothing on an image."),
    ),
)
