"""What the test sample says about a model, for every kind of answer. Pure.

An evaluator compares people's answers with the model's, both as targets of the task type, and returns the metrics
that the dashboard shows, each with its interval and n.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from annotation.tasktypes import TaskType
from annotation.tasktypes.answers.component_matching import Match, matching_boxes, matching_components
from learner.engine.detections.packed_detections import unpack_detections
from learner.engine.evaluation.component_counts import ComponentCounts, count_components
from learner.engine.evaluation.mean_average_precision import average_precision_estimates
from learner.engine.evaluation.regression_error import error_metric_estimates, point_error_metrics
from learner.engine.statistics.estimates import (
    Estimate,
    accuracy_estimate,
    accuracy_score,
    confusion_matrix,
    f1_estimates,
    macro_f1_estimate,
    macro_f1_score,
    wilson_interval,
)


@dataclass(frozen=True)
class TaskMetrics:
    """The metrics of a model, {key: Estimate}, and those of each label."""

    estimates: dict[str, Estimate]
    per_class: list[dict[str, Any]] = field(default_factory=list)  # label, precision, recall, f1, f1_estimate, support
    labels: list[str] = field(default_factory=list)  # of the rows and columns below
    confusion: list[list[int]] | None = None  # people's by the model's; None where an answer has several components


EvaluateFunction = Callable[[TaskType, Sequence[str], Sequence[str]], TaskMetrics]
# metrics, the answers by position, and all detections, as `Detector.detect_all` lists them -> more metrics
AddDetectionMetrics = Callable[[TaskMetrics, TaskType, Mapping[str, str], Mapping[str, Any]], TaskMetrics]
PointEstimateFunction = Callable[[TaskType, Sequence[str], Sequence[str]], dict[str, float]]


def evaluate_labels(task_type: TaskType, truth: Sequence[str], predicted: Sequence[str]) -> TaskMetrics:
    """Evaluate answers of one label each."""
    labels, table = confusion_matrix(truth, predicted)
    hits, predicted, support = np.diag(table), table.sum(axis=0), table.sum(axis=1)
    rows = [
        _label_metrics(label, estimate, int(hit), int(by_model), int(by_people))
        for label, estimate, hit, by_model, by_people in zip(
            labels, f1_estimates(table), hits, predicted, support, strict=True
        )
    ]
    estimates = {"accuracy": accuracy_estimate(int(np.trace(table)), len(truth)), "macro_f1": macro_f1_estimate(table)}
    return TaskMetrics(estimates, rows, labels, table.tolist())


def evaluate_ratings(task_type: TaskType, truth: Sequence[str], predicted: Sequence[str]) -> TaskMetrics:
    """Evaluate answers of one of a few numbers: as labels, and by how far off they are."""
    metrics = evaluate_labels(task_type, truth, predicted)
    error_metrics = error_metric_estimates(np.array(truth, np.float64), np.array(predicted, np.float64))
    return replace(metrics, estimates={**error_metrics, "accuracy": metrics.estimates["accuracy"]})


def evaluate_numbers(task_type: TaskType, truth: Sequence[str], predicted: Sequence[str]) -> TaskMetrics:
    """Evaluate answers that are any number of a scale: right is what is within the tolerance."""
    error_metrics = error_metric_estimates(np.array(truth, np.float64), np.array(predicted, np.float64))
    return TaskMetrics(
        {**error_metrics, "accuracy": accuracy_estimate(_count_same_answers(task_type, truth, predicted), len(truth))}
    )


def _count_same_answers(task_type: TaskType, truth: Sequence[str], predicted: Sequence[str]) -> int:
    """Return how many predictions are the true answer, or at no distance from it."""
    return sum(
        task_type.answer.is_same(true_target, predicted_target)
        for true_target, predicted_target in zip(truth, predicted, strict=True)
    )


def evaluate_components(task_type: TaskType, truth: Sequence[str], predicted: Sequence[str]) -> TaskMetrics:
    """Evaluate answers of any number of components: one is right when the other side has the same at that position."""
    return _metrics_of_component_counts(count_answer_components(task_type, truth, predicted))


def evaluate_boxes(task_type: TaskType, truth: Sequence[str], predicted: Sequence[str]) -> TaskMetrics:
    """Evaluate answers of boxes: one is right when the other side has one of that label that overlaps it by half."""
    return _metrics_of_component_counts(count_answer_components(task_type, truth, predicted, matching_boxes))


def add_average_precision(
    metrics: TaskMetrics, task_type: TaskType, truth: Mapping[str, str], detections: Mapping[str, Any]
) -> TaskMetrics:
    """Add mAP@50 and each label's average precision, which look at all found boxes, probable or not."""
    mean, per_label = average_precision_estimates(task_type, truth, unpack_detections(detections))
    rows = [{**row, "average_precision": _as_dict_or_none(per_label.get(row["label"]))} for row in metrics.per_class]
    estimates = {"map50": mean, **metrics.estimates} if mean else metrics.estimates
    return replace(metrics, estimates=estimates, per_class=rows)


def _metrics_of_component_counts(counts: ComponentCounts) -> TaskMetrics:
    estimates = {
        "f1": counts.micro_f1(),
        "macro_f1": counts.macro_f1(),
        "accuracy": accuracy_estimate(int(counts.exact_matches().sum()), len(counts.hits)),
    }
    rows = [
        _label_metrics(label, estimate, *map(int, sums))
        for label, estimate, sums in zip(counts.labels, counts.f1_by_label(), counts.sums_by_label(), strict=True)
    ]
    return TaskMetrics(estimates, rows)


def count_answer_components(
    task_type: TaskType, truth: Sequence[str], predicted: Sequence[str], match: Match = matching_components
) -> ComponentCounts:
    """Count the components of answers, which are targets."""
    true_components, predicted_components = (
        [task_type.answer.components(task_type.answer.value(target)) for target in side] for side in (truth, predicted)
    )
    return count_components(true_components, predicted_components, match)


# The same metrics of many items, where an interval says nothing


def label_point_estimates(task_type: TaskType, truth: Sequence[str], predicted: Sequence[str]) -> dict[str, float]:
    """Return the metrics of answers of one label each."""
    return {"accuracy": accuracy_score(truth, predicted), "macro_f1": macro_f1_score(truth, predicted)}


def rating_point_estimates(task_type: TaskType, truth: Sequence[str], predicted: Sequence[str]) -> dict[str, float]:
    """Return the metrics of answers of one number each."""
    error_metrics = point_error_metrics(np.array(truth, np.float64), np.array(predicted, np.float64))
    return {**error_metrics, "accuracy": accuracy_score(truth, predicted)}


def number_point_estimates(task_type: TaskType, truth: Sequence[str], predicted: Sequence[str]) -> dict[str, float]:
    """Return the metrics of answers that are any number of a scale."""
    error_metrics = point_error_metrics(np.array(truth, np.float64), np.array(predicted, np.float64))
    return {**error_metrics, "accuracy": _count_same_answers(task_type, truth, predicted) / max(len(truth), 1)}


def component_point_estimates(task_type: TaskType, truth: Sequence[str], predicted: Sequence[str]) -> dict[str, float]:
    """Return the metrics of answers of any number of components."""
    return _point_estimates_of_component_counts(count_answer_components(task_type, truth, predicted))


def box_point_estimates(task_type: TaskType, truth: Sequence[str], predicted: Sequence[str]) -> dict[str, float]:
    """Return the metrics of answers of boxes."""
    return _point_estimates_of_component_counts(count_answer_components(task_type, truth, predicted, matching_boxes))


def _point_estimates_of_component_counts(counts: ComponentCounts) -> dict[str, float]:
    right = float(counts.exact_matches().mean()) if len(counts.hits) else 0.0
    return {"f1": counts.micro_f1_value(), "macro_f1": counts.macro_f1_value(), "accuracy": right}


def _label_metrics(label: str, f1: Estimate | None, hits: int, predicted: int, support: int) -> dict[str, Any]:
    return {
        "label": label,
        "precision": _proportion_as_dict(hits, predicted),
        "recall": _proportion_as_dict(hits, support),
        "f1": f1.value if f1 else 0.0,
        "f1_estimate": _as_dict_or_none(f1),
        "support": support,
    }


def _as_dict_or_none(estimate: Estimate | None) -> dict[str, Any] | None:
    return asdict(estimate) if estimate else None


def _proportion_as_dict(hits: int, n: int) -> dict[str, Any] | None:
    return _as_dict_or_none(Estimate(hits / n, *wilson_interval(hits, n), n) if n else None)
