"""Task types: pure modules, one each. Add one by a file here and a line in TASK_TYPES."""

from collections.abc import Mapping

from annotation.tasktypes import (
    boxes,
    image_classification,
    preference,
    ratings,
    spans,
    tabular_classification,
    tabular_regression,
    text_classification,
    text_multilabel,
)
from annotation.tasktypes.contract import FIELDS, Part, Question, TaskType
from annotation.tasktypes.label_names import names_in, renamed

TASK_TYPES: dict[str, TaskType] = {
    "text_classification": text_classification.TextClassification(),
    "text_multilabel": text_multilabel.MultiLabel(),
    "records": tabular_classification.Records(),
    "record_numbers": tabular_regression.RecordNumbers(),
    "image_classification": image_classification.ImageClassification(),
    "spans": spans.Spans(),
    "boxes": boxes.Boxes(),
    "ratings": ratings.Ratings(),
    "preference": preference.Preference(),
}

# Task types whose labels follow a rule: `from_column` reads each as an answer. These are made where none are given.
OWN_LABELS: dict[str, tuple[str, ...]] = {"ratings": ratings.SCALE, "preference": preference.CHOICES}
# What people read for labels that are the same in every project of a task type.
LABEL_WORDS: dict[str, Mapping[str, str]] = {"preference": preference.WORDS}

__all__ = [
    "FIELDS",
    "LABEL_WORDS",
    "OWN_LABELS",
    "TASK_TYPES",
    "Part",
    "Question",
    "TaskType",
    "names_in",
    "renamed",
]
