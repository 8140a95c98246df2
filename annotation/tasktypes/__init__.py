"""Task types: pure modules, one each. Add one by a file here and a line in TASK_TYPES."""

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
    text_pair_classification,
)
from annotation.tasktypes.answers import AnswerContext, AnswerKind, Component
from annotation.tasktypes.contents import FIELDS, ContentKind
from annotation.tasktypes.label_names import label_names_in, rename_labels
from annotation.tasktypes.task_type import TaskType

# in the order of the page on which a lead chooses one
TASK_TYPES: dict[str, TaskType] = {
    module.TASK_TYPE.name: module.TASK_TYPE
    for module in (
        text_classification,
        text_multilabel,
        text_pair_classification,
        tabular_classification,
        tabular_regression,
        image_classification,
        spans,
        boxes,
        ratings,
        preference,
    )
}

__all__ = [
    "FIELDS",
    "TASK_TYPES",
    "AnswerContext",
    "AnswerKind",
    "Component",
    "ContentKind",
    "TaskType",
    "label_names_in",
    "rename_labels",
]
