"""What rounds of the past predicted, in the names that labels have today: they are judged by answers of today."""

from collections.abc import Iterable
from typing import Any

from annotation.labels.renamed_labels import follow_renames
from annotation.models import LabelChange, Project
from annotation.tasktypes import TaskType, rename_labels
from learner.engine.stopping import stop_set
from learner.models import Round

PREDICTIONS = ("test_predictions", "control_predictions")
FOUND = ("test_detections", "control_detections")


def with_current_label_names(project: Project, rounds: Iterable[Round]) -> list[Round]:
    """Return the rounds; where labels were renamed or merged since, with predictions and classes called as now.

    For reading only: the rows keep what the models said. One query more; a split label keeps its name.
    """
    changes = list(LabelChange.objects.filter(project=project).exclude(kind=LabelChange.Kind.SPLIT))
    renamed_rounds = list(rounds)
    for row in renamed_rounds if changes else ():
        since = [change for change in changes if change.upto >= row.answers_upto]
        if since:
            _rename_labels_of_round(project.kind, row, follow_renames(since))
    return renamed_rounds


def _rename_labels_of_round(task_type: TaskType, row: Round, names: dict[str, str]) -> None:
    """Rename in the row's predictions, detections and classes, in memory only; deferred fields stay."""
    targets: dict[str, str] = {}

    def current_target(target: str) -> str:
        if target not in targets:
            targets[target] = task_type.answer.target(
                rename_labels(task_type.answer, task_type.answer.value(target), names)
            )
        return targets[target]

    deferred = row.get_deferred_fields()
    for name in PREDICTIONS:
        if name not in deferred:
            setattr(row, name, {position: current_target(target) for position, target in getattr(row, name).items()})
    if "stop_predictions" not in deferred:
        row.stop_predictions = stop_set.rename_packed_labels(row.stop_predictions, current_target)
    for name in FOUND:
        if name not in deferred and (detections := getattr(row, name)):
            setattr(row, name, {**detections, "labels": [names.get(label, label) for label in detections["labels"]]})
    if "metrics" not in deferred and row.metrics.get("classes"):
        row.metrics = {**row.metrics, "classes": _rename_classes(row.metrics["classes"], names)}


def _rename_classes(classes: list[Any], names: dict[str, str]) -> list[Any]:
    return list(dict.fromkeys(names.get(name, name) for name in classes))
