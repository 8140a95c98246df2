"""Task types: pure modules, one each. Add one by a file here and a line in TASK_TYPES."""

from annotation.tasktypes import images, multi_label, spans, text_classification
from annotation.tasktypes.contract import Part, Question, TaskType

TASK_TYPES: dict[str, TaskType] = {
    "text_classification": text_classification.TextClassification(),
    "text_multilabel": multi_label.MultiLabel(),
    "image_classification": images.ImageClassification(),
    "spans": spans.Spans(),
}

__all__ = ["TASK_TYPES", "Part", "Question", "TaskType"]
