"""Task types: pure modules, one each. Add one by a file here and a line in TASK_TYPES."""

from annotation.tasktypes import text_classification
from annotation.tasktypes.contract import TaskType

TASK_TYPES: dict[str, TaskType] = {
    "text_classification": text_classification.TextClassification(),
}

__all__ = ["TASK_TYPES", "TaskType"]
