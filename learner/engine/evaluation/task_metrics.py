"""What the test sample says about a model, for every kind of answer. Pure.

A judge compares what people said with what the model said, both as targets of the task type, and returns the figures
that the dashboard shows, each with its interval and n.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from annotation.tasktypes import TaskType
from annotation.tasktypes.answers.component_matching import Match, matching_boxes, matching_components
from learner.engine.estimators.detection.detections import unpack
from learner.engine.evaluation.mean_average_precision import average_precision_estimates
from learner.engine.evaluation.part_matching import PartCounts, count_parts
from learner.engine.evaluation.regression_error import error_estimates, errors
from learner.engine.statistics.estimates import (
    Estimate,
    accuracy,
    accuracy_of,
    confusion,
    f1_estimates,
    macro_f1,
    macro_f1_of,
    wilson,
)


@dataclass(frozen=True)
class Judged:
    """The figures of a model, {key: Estimate}, and what can be said of each label."""

    figures: dict[str, Estimate]
    per_class: list[dict[str, Any]] = field(default_factory=list)  # label, precision, recall, f1, f1_estimate, support
    labels: list[str] = field(default_factory=list)  # of the rows and columns below
    confusion: list[list[int]] | None = None  # people's by the model's; None where an answer has several parts


Judge = Callable[[TaskType, Sequence[str], Sequence[str]], Judged]
# judged, the answers by position, and what a model found, as `Detector.detect_all` lists it -> judged with more figures
WithFound = Callable[[Judged, TaskType, Mapping[str, str], Mapping[str, Any]], Judged]
Plain = Callable[[TaskType, Sequence[str], Sequence[str]], dict[str, float]]


def judge_labels(kind: TaskType, truth: Sequence[str], said: Sequence[str]) -> Judged:
    """Judge answers of one label each."""
    labels, table = confusion(truth, said)
    hits, predicted, support = np.diag(table), table.sum(axis=0), table.sum(axis=1)
    rows = [
        _of_label(label, estimate, int(hit), int(by_model), int(by_people))
        for label, estimate, hit, by_model, by_people in zip(
            labels, f1_estimates(table), hits, predicted, support, strict=True
        )
    ]
    figures = {"accuracy": accuracy(int(np.trace(table)), len(truth)), "macro_f1": macro_f1(table)}
    return Judged(figures, rows, labels, table.tolist())


def judge_numbers(kind: TaskType, truth: Sequence[str], said: Sequence[str]) -> Judged:
    """Judge answers of one number each, of which there are a few: what can be said of labels, and how far off it is."""
    judged = judge_labels(kind, truth, said)
    found = error_estimates(np.array(truth, np.float64), np.array(said, np.float64))
    return replace(judged, figures={**found, "accuracy": judged.figures["accuracy"]})


def judge_scale(kind: TaskType, truth: Sequence[str], said: Sequence[str]) -> Judged:
    """Judge answers that are any number of a scale: right is what is near enough to say the same."""
    found = error_estimates(np.array(truth, np.float64), np.array(said, np.float64))
    return Judged({**found, "accuracy": accuracy(_near(kind, truth, said), len(truth))})


def _near(kind: TaskType, truth: Sequence[str], said: Sequence[str]) -> int:
    return sum(kind.answer.is_same(true, guess) for true, guess in zip(truth, said, strict=True))


def judge_parts(kind: TaskType, truth: Sequence[str], said: Sequence[str]) -> Judged:
    """Judge answers of any number of parts: a part is right when the other side has the same at the same place."""
    return _judged(parts_of(kind, truth, said))


def judge_boxes(kind: TaskType, truth: Sequence[str], said: Sequence[str]) -> Judged:
    """Judge answers of boxes: one is right when the other side has one of that label that overlaps it by half."""
    return _judged(parts_of(kind, truth, said, matching_boxes))


def with_average_precision(
    judged: Judged, kind: TaskType, truth: Mapping[str, str], found: Mapping[str, Any]
) -> Judged:
    """Add mAP@50 and each label's average precision, which look at all found boxes, probable or not."""
    mean, each = average_precision_estimates(kind, truth, unpack(found))
    rows = [{**row, "average_precision": _plain_or_none(each.get(row["label"]))} for row in judged.per_class]
    figures = {"map50": mean, **judged.figures} if mean else judged.figures
    return replace(judged, figures=figures, per_class=rows)


def _judged(counts: PartCounts) -> Judged:
    figures = {
        "f1": counts.micro_f1(),
        "macro_f1": counts.macro_f1(),
        "accuracy": accuracy(int(counts.right().sum()), len(counts.hits)),
    }
    rows = [
        _of_label(label, estimate, *map(int, sums))
        for label, estimate, sums in zip(counts.labels, counts.by_label(), counts.sums(), strict=True)
    ]
    return Judged(figures, rows)


def parts_of(
    kind: TaskType, truth: Sequence[str], said: Sequence[str], match: Match = matching_components
) -> PartCounts:
    """Count the parts of answers given as targets."""
    true, guessed = ([kind.answer.components(kind.answer.value(target)) for target in side] for side in (truth, said))
    return count_parts(true, guessed, match)


# The same figures of many items, where an interval says nothing


def plain_labels(kind: TaskType, truth: Sequence[str], said: Sequence[str]) -> dict[str, float]:
    """Return the figures of answers of one label each."""
    return {"accuracy": accuracy_of(truth, said), "macro_f1": macro_f1_of(truth, said)}


def plain_numbers(kind: TaskType, truth: Sequence[str], said: Sequence[str]) -> dict[str, float]:
    """Return the figures of answers of one number each."""
    found = errors(np.array(truth, np.float64), np.array(said, np.float64))
    return {**found, "accuracy": accuracy_of(truth, said)}


def plain_scale(kind: TaskType, truth: Sequence[str], said: Sequence[str]) -> dict[str, float]:
    """Return the figures of answers that are any number of a scale."""
    found = errors(np.array(truth, np.float64), np.array(said, np.float64))
    return {**found, "accuracy": _near(kind, truth, said) / max(len(truth), 1)}


def plain_parts(kind: TaskType, truth: Sequence[str], said: Sequence[str]) -> dict[str, float]:
    """Return the figures of answers of any number of parts."""
    return _plain(parts_of(kind, truth, said))


def plain_boxes(kind: TaskType, truth: Sequence[str], said: Sequence[str]) -> dict[str, float]:
    """Return the figures of answers of boxes."""
    return _plain(parts_of(kind, truth, said, matching_boxes))


def _plain(counts: PartCounts) -> dict[str, float]:
    right = float(counts.right().mean()) if len(counts.hits) else 0.0
    return {"f1": counts.micro(), "macro_f1": counts.macro(), "accuracy": right}


def _of_label(label: str, f1: Estimate | None, hits: int, predicted: int, support: int) -> dict[str, Any]:
    return {
        "label": label,
        "precision": _share(hits, predicted),
        "recall": _share(hits, support),
        "f1": f1.value if f1 else 0.0,
        "f1_estimate": _plain_or_none(f1),
        "support": support,
    }


def _plain_or_none(estimate: Estimate | None) -> dict[str, Any] | None:
    return asdict(estimate) if estimate else None


def _share(hits: int, n: int) -> dict[str, Any] | None:
    return _plain_or_none(Estimate(hits / n, *wilson(hits, n), n) if n else None)
