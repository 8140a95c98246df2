"""An item of each task type, made up: for those who choose a task type and want to see what they would ask. Pure."""

from collections.abc import Mapping
from typing import Any

from annotation.lazy_text import LazyText as _
from annotation.tasktypes.preference import LEFT, RIGHT
from annotation.tasktypes.ratings import THING, USER

TEXT = _("The parcel came two days late, but the lamp is lovely. Anna in Lisbon will want one too.")
PICTURE = {"width": 640, "height": 400}  # of static/img/sample.svg
RECORD = {_("Age"): "42", _("Job"): _("nurse"), _("City"): _("Lisbon"), _("Balance"): "1,250.00"}

SAMPLES: dict[str, Mapping[str, Any]] = {
    "text_classification": {"text": TEXT},
    "text_multilabel": {"text": TEXT},
    "records": {"fields": RECORD},
    "record_numbers": {"fields": RECORD},
    "image_classification": PICTURE,
    "spans": {"text": TEXT},
    "boxes": PICTURE,
    "ratings": {USER: "anna", THING: _("The lighthouse"), "fields": {_("Year"): "1987", _("Genre"): _("Drama")}},
    "preference": {LEFT: _("Answer A: take the train."), RIGHT: _("Answer B: take the night bus.")},
}
