"""How good the models are: each round's predictions of the test sample against what people say about it now.

Every model is measured on all test answers known by now, whenever it was trained, so that the
points of the curve differ by the models alone.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotation.i18n import translate
from annotation.models import Annotation, Project, Split
from learner.engine import choice_descriptions
from learner.engine.answer_evaluations import evaluation_of_task_type
from learner.engine.evaluation.task_metrics import TaskMetrics
from learner.engine.statistics.estimates import MIN_TEST_ANSWERS
from learner.engine.task_profiles import TASK_PROFILES
from learner.loop_options import LoopOptions, loop_options
from learner.models import Round
from learner.reports.decision_threshold import decision_threshold_report
from learner.reports.label_renames import with_current_label_names
from learner.reports.reliability import reliability_report
from learner.reports.small_samples import max_test_answers, small_test_sample_message


@dataclass(frozen=True)
class Arm:
    """The names of a round's columns about a model: its labels, predictions and detections in the test sample."""

    labels: str
    predictions: str
    detections: str


ACTIVE = Arm("labels", "test_predictions", "test_detections")
CONTROL = Arm("control_labels", "control_predictions", "control_detections")
MAX_CURVE_POINTS = 100  # of a curve; older rounds are thinned out
NEWEST_POINTS = 20  # that are never thinned out
# the same where a metric rests on all detections: a quarter of a second each
MAX_DETECTION_POINTS, NEWEST_DETECTION_POINTS = 20, 5


def agreed_test_answers(project: Project) -> dict[str, str]:
    """Return {position: target} of the test items on which people agree; one query."""
    rows = (
        Annotation.objects.answers().filter(project=project, item__split=Split.TEST).order_by("pk")
    )  # intervals resample them in order
    targets: dict[str, list[str]] = defaultdict(list)
    for position, value in rows.values_list("item__position", "value"):
        targets[str(position)].append(project.kind.answer.target(value or {}))
    return {
        position: agreed
        for position, answers in targets.items()
        if (agreed := project.kind.answer.consensus(answers)) is not None
    }


def test_sample_report(project: Project) -> dict[str, Any]:
    """Return the parts of the progress document that rest on the test sample.

    {measures, test, curve, curve_reason, control_curve, control_curve_reason, estimators, current, trust}; a
    curve is None while there is a reason not to show it.
    """
    test_answers = agreed_test_answers(project)
    rounds = _rounds_with_models(project)
    few = len(test_answers) < MIN_TEST_ANSWERS
    possible = max_test_answers(project, len(test_answers)) if few else None
    reason = _no_metrics_reason(project, len(test_answers), possible, any_model=bool(rounds))
    test = {"answered": len(test_answers), "needed": MIN_TEST_ANSWERS, "possible": possible, "reason": reason}
    if reason:
        unknown = {"curve": None, "curve_reason": reason, "control_curve": None, "control_curve_reason": reason}
        return {
            "measures": metric_descriptions(project),
            "test": test,
            **unknown,
            "estimators": {},
            "current": None,
            "decision": None,
            "trust": reliability_report(project, test_answers, rounds),
        }
    metrics = {row: _test_metrics_of_round(project, row, ACTIVE, test_answers) for row in rounds}
    curve = _curve_points(metrics, ACTIVE)
    control = _curve_points(
        {
            row: _test_metrics_of_round(project, row, CONTROL, test_answers)
            for row in _newest_round_per_control_size(rounds)
        },
        CONTROL,
    )
    no_control = "" if control else _("No model has been trained on the random arm alone yet.")
    return {
        "measures": metric_descriptions(project),
        "test": test,
        "curve": curve,
        "curve_reason": "",
        "control_curve": control or None,
        "control_curve_reason": no_control,
        "estimators": estimator_titles(curve, control),
        "current": _newest_model_report(project, rounds[-1], metrics[rounds[-1]]),
        "decision": decision_threshold_report(project, test_answers, rounds[-1]),
        "trust": reliability_report(project, test_answers, rounds),
    }


def newest_model_metrics(project: Project) -> dict[str, Any]:
    """Return {metric: estimate} of the newest model; empty while too few test answers are there, or no model."""
    newest = with_current_label_names(project, project.rounds.done().order_by("-number")[:1])
    row = next((row for row in newest if row.test_predictions), None)
    metrics = _test_metrics_of_round(project, row, ACTIVE, agreed_test_answers(project)) if row else None
    return _estimates_as_dicts(metrics) if metrics else {}


def metric_descriptions(project: Project) -> list[dict[str, Any]]:
    """Return {key, title, in_points} of the task type's metrics, the first one first, in the reader's language."""
    return [
        {"key": one.key, "title": translate(one.title), "in_points": one.lower_is_better}
        for one in TASK_PROFILES[project.task_type].answers.metrics
    ]


def _no_metrics_reason(project: Project, answered: int, possible: int | None, *, any_model: bool) -> str:
    """Return why no accuracy can be shown, or "" when it can."""
    if answered < MIN_TEST_ANSWERS:
        if loop_options(project).test_size == 0 and not answered:
            return _("This project has no test sample (test_size is 0), so accuracy cannot be measured.")
        if possible is not None and possible < MIN_TEST_ANSWERS and project.item_count:
            return small_test_sample_message(project, answered, possible)
        return ngettext(
            "%(answered)d of the %(needed)d test answers needed so far: "
            "no accuracy is shown because with so few it would mislead.",
            "%(answered)d of the %(needed)d test answers needed so far: "
            "no accuracy is shown because with so few it would mislead.",
            answered,
        ) % {"answered": answered, "needed": MIN_TEST_ANSWERS}
    return "" if any_model else _("There is no model yet: it needs answers with at least two different labels.")


# Curves


def _rounds_with_models(project: Project) -> list[Round]:
    """Return the rounds that made a model, oldest first, many of them thinned out, always with the newest ones."""
    rows = project.rounds.done().order_by("number").values_list("pk", "metrics__classes")
    slow = TASK_PROFILES[project.task_type].answers.needs_detections
    limits = (MAX_DETECTION_POINTS, NEWEST_DETECTION_POINTS) if slow else (MAX_CURVE_POINTS, NEWEST_POINTS)
    chosen = thin_out_older([pk for pk, classes in rows if classes], *limits)
    fields = (
        "number",
        "labels",
        "control_labels",
        "test_predictions",
        "test_detections",
        "control_predictions",
        "control_detections",
        "finished_at",
        "settings",
        "metrics",
        "answers_upto",
    )
    rounds = project.rounds.filter(pk__in=chosen).order_by("number").only("project", *fields)
    return [row for row in with_current_label_names(project, rounds) if row.test_predictions]


def thin_out_older(rows: Sequence[int], max_count: int, newest_count: int) -> list[int]:
    """Return at most `max_count` of the rows: the `newest_count` last ones, and evenly spaced ones of the rest.

    >>> thin_out_older(range(10), 5, 2)
    [0, 4, 7, 8, 9]
    """
    if len(rows) <= max_count:
        return list(rows)
    old, new = rows[:-newest_count], rows[-newest_count:]
    positions = np.unique(np.linspace(0, len(old) - 1, max_count - newest_count).round().astype(int))
    return [old[position] for position in positions] + list(new)


def _newest_round_per_control_size(rounds: Sequence[Round]) -> list[Round]:
    """Return the newest round for each size of the random arm, which grows more slowly than the rounds.

    Where the estimator changed in between, there is one by each.
    """
    newest = {(row.control_labels, estimator_name_of_round(row)): row for row in rounds if row.control_predictions}
    return sorted(newest.values(), key=lambda row: row.number)


def _curve_points(metrics_by_round: Mapping[Round, TaskMetrics | None], arm: Arm) -> list[dict[str, Any]]:
    """Return a point for each round that could be evaluated."""
    points = []
    for row, metrics in metrics_by_round.items():
        if metrics:
            named = {"round": row.number, "labels": getattr(row, arm.labels), "estimator": estimator_name_of_round(row)}
            points.append({**named, **_estimates_as_dicts(metrics)})
    return points


def _test_metrics_of_round(
    project: Project, row: Round, arm: Arm, test_answers: Mapping[str, str]
) -> TaskMetrics | None:
    """Evaluate a round's model on the test items that have an answer and a prediction; None while they are too few.

    Items imported later lack old predictions.
    """
    predictions, detections = getattr(row, arm.predictions), getattr(row, arm.detections)
    truth = {position: target for position, target in test_answers.items() if position in predictions}
    evaluation = evaluation_of_task_type(project.task_type)
    if len(truth) < MIN_TEST_ANSWERS:
        return None
    metrics = evaluation.evaluate(project.kind, list(truth.values()), [predictions[position] for position in truth])
    return (
        evaluation.add_detection_metrics(metrics, project.kind, truth, detections)
        if evaluation.add_detection_metrics and detections
        else metrics
    )


def estimator_name_of_round(row: Round) -> str:
    """Return the estimator that a round's models were fitted by; rounds of before there was a choice had one."""
    return str(row.settings.get("estimator", LoopOptions.estimator)).partition(":")[0]


def estimator_titles(*curves: Sequence[Mapping[str, Any]] | None) -> dict[str, str]:
    """Return {estimator: title} of those that the curves' points name, in the reader's language."""
    titles = choice_descriptions.titles_by_name(choice_descriptions.ESTIMATOR_DESCRIPTIONS)
    names = sorted({point["estimator"] for curve in curves for point in curve or ()})
    return {name: translate(titles.get(name, name)) for name in names}


def _estimates_as_dicts(metrics: TaskMetrics) -> dict[str, Any]:
    return {key: asdict(estimate) for key, estimate in metrics.estimates.items()}


# The newest model


def _newest_model_report(project: Project, row: Round, metrics: TaskMetrics | None) -> dict[str, Any] | None:
    """Return the newest model's metrics, overall and per class, and its confusion matrix where there is one."""
    if metrics is None:
        return None
    keys = {name: key for key, name in enumerate(project.label_names())}

    def label_order_key(name: str) -> tuple[int, str]:
        return keys.get(name, len(keys)), name

    return {
        "round": row.number,
        "labels": row.labels,
        "finished_at": row.finished_at,
        **_estimates_as_dicts(metrics),
        "per_class": sorted(metrics.per_class, key=lambda row: label_order_key(row["label"])),
        "confusion": _ordered_confusion_matrix(metrics, label_order_key),
    }


def _ordered_confusion_matrix(
    metrics: TaskMetrics, label_order_key: Callable[[str], tuple[int, str]]
) -> dict[str, Any] | None:
    if metrics.confusion is None:
        return None
    order = sorted(range(len(metrics.labels)), key=lambda position: label_order_key(metrics.labels[position]))
    counts = [[metrics.confusion[row][column] for column in order] for row in order]
    return {"labels": [metrics.labels[position] for position in order], "counts": counts}
