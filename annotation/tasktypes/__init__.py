"""Task types: pure modules, one each. Add one by a file here and a line in TASK_TYPES."""

from annotation.tasktypes import images, multi_label, records, spans, text_classification
from annotation.tasktypes.contract import FIELDS, Part, Question, TaskType
from annotation.tasktypes.naming import names_in, renamed

TASK_TYPES: dict[str, TaskType] = {
    "text_classification": text_classification.TextClassification(),
    "text_multilabel": multi_label.MultiLabel(),
    "records": records.Records(),
    "image_classification": images.ImageClassification(),
    "spans": spans.Spans(),
}

__all__ = ["FIELDS", "TASK_TYPES", "Part", "Question", "TaskType", "names_in", "renamed"]
