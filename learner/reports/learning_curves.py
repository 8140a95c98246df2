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

from annotation.i18n import translated
from annotation.models import Annotation, Project, Split
from learner.engine import choice_descriptions
from learner.engine.evaluation.task_metrics import TaskMetrics
from learner.engine.statistics.estimates import MIN_TEST_ANSWERS
from learner.engine.task_profiles import TASK_PROFILES
from learner.models import Round
from learner.reports.decision_threshold import decision_out
from learner.reports.label_renames import as_called_now
from learner.reports.reliability import trust
from learner.settings import LoopOptions, loop_options


@dataclass(frozen=True)
class Arm:
    """The names of a round's columns about a model: its labels, and what it said and found in the test sample."""

    labels: str
    predictions: str
    found: str


ACTIVE = Arm("labels", "test_predictions", "test_detections")
CONTROL = Arm("control_labels", "control_predictions", "control_detections")
MAX_CURVE_POINTS = 100  # of a curve; older rounds are thinned out
NEWEST_POINTS = 20  # that are never thinned out
# the same where a figure rests on all detections: a quarter of a second each
MAX_DETECTION_POINTS, NEWEST_DETECTION_POINTS = 20, 5


def gold_answers(project: Project) -> dict[str, str]:
    """Return {position: target} of the test items on which people agree; one query."""
    rows = Annotation.objects.answers().filter(project=project, item__split=Split.TEST).order_by()
    targets: dict[str, list[str]] = defaultdict(list)
    for position, value in rows.values_list("item__position", "value"):
        targets[str(position)].append(project.kind.answer.target(value or {}))
    return {
        position: gold
        for position, given in targets.items()
        if (gold := project.kind.answer.consensus(given)) is not None
    }


def evaluate(project: Project) -> dict[str, Any]:
    """Return the parts of the progress document that rest on the test sample.

    {measures, test, curve, curve_reason, control_curve, control_curve_reason, estimators, current, trust}; a
    curve is None while there is a reason not to show it.
    """
    gold = gold_answers(project)
    rounds = _rounds_with_models(project)
    reason = _why_none(project, len(gold), any_model=bool(rounds))
    test = {"answered": len(gold), "needed": MIN_TEST_ANSWERS, "reason": reason}
    if reason:
        unknown = {"curve": None, "curve_reason": reason, "control_curve": None, "control_curve_reason": reason}
        return {
            "measures": measures(project),
            "test": test,
            **unknown,
            "estimators": {},
            "current": None,
            "decision": None,
            "trust": trust(project, gold, rounds),
        }
    judged = {row: _metrics_of_counts(project, row, ACTIVE, gold) for row in rounds}
    curve = _curve(judged, ACTIVE)
    control = _curve({row: _metrics_of_counts(project, row, CONTROL, gold) for row in _one_per_size(rounds)}, CONTROL)
    no_control = "" if control else _("No model has been trained on the random arm alone yet.")
    return {
        "measures": measures(project),
        "test": test,
        "curve": curve,
        "curve_reason": "",
        "control_curve": control or None,
        "control_curve_reason": no_control,
        "estimators": estimator_titles(curve, control),
        "current": _current(project, rounds[-1], judged[rounds[-1]]),
        "decision": decision_out(project, gold, rounds[-1]),
        "trust": trust(project, gold, rounds),
    }


def newest_figures(project: Project) -> dict[str, Any]:
    """Return the newest model's figures; none while too few test answers are there, or no model."""
    newest = as_called_now(project, project.rounds.done().order_by("-number")[:1])
    row = next((row for row in newest if row.test_predictions), None)
    judged = _metrics_of_counts(project, row, ACTIVE, gold_answers(project)) if row else None
    return _as_dicts(judged) if judged else {}


def measures(project: Project) -> list[dict[str, Any]]:
    """Return {key, title, in_points} of the task type's figures, the first one first, in the reader's language."""
    return [
        {"key": one.key, "title": translated(one.title), "in_points": one.in_points}
        for one in TASK_PROFILES[project.task_type].answers.metrics
    ]


def _why_none(project: Project, answered: int, *, any_model: bool) -> str:
    """Return why no accuracy can be shown, or "" when it can."""
    if answered < MIN_TEST_ANSWERS:
        if loop_options(project).test_size == 0 and not answered:
            return _("This project has no test sample (test_size is 0), so accuracy cannot be measured.")
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
    slow = TASK_PROFILES[project.task_type].answers.add_detection_metrics is not None
    most = (MAX_DETECTION_POINTS, NEWEST_DETECTION_POINTS) if slow else (MAX_CURVE_POINTS, NEWEST_POINTS)
    chosen = thin([pk for pk, classes in rows if classes], *most)
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
    found = project.rounds.filter(pk__in=chosen).order_by("number").only("project", *fields)
    return [row for row in as_called_now(project, found) if row.test_predictions]


def thin(rows: Sequence[int], most: int, newest: int) -> list[int]:
    """Return at most `most` of the rows: the `newest` last ones, and evenly spaced ones of the rest.

    >>> thin(range(10), 5, 2)
    [0, 4, 7, 8, 9]
    """
    if len(rows) <= most:
        return list(rows)
    old, new = rows[:-newest], rows[-newest:]
    spots = np.unique(np.linspace(0, len(old) - 1, most - newest).round().astype(int))
    return [old[spot] for spot in spots] + list(new)


def _one_per_size(rounds: Sequence[Round]) -> list[Round]:
    """Return the newest round for each size of the random arm, which grows more slowly than the rounds.

    Where the estimator changed in between, there is one by each.
    """
    newest = {(row.control_labels, estimator_of(row)): row for row in rounds if row.control_predictions}
    return sorted(newest.values(), key=lambda row: row.number)


def _curve(found: Mapping[Round, TaskMetrics | None], arm: Arm) -> list[dict[str, Any]]:
    """Return a point for each round that could be judged."""
    points = []
    for row, judged in found.items():
        if judged:
            named = {"round": row.number, "labels": getattr(row, arm.labels), "estimator": estimator_of(row)}
            points.append({**named, **_as_dicts(judged)})
    return points


def _metrics_of_counts(project: Project, row: Round, arm: Arm, gold: Mapping[str, str]) -> TaskMetrics | None:
    """Judge a round's model on the test items that have an answer and a prediction; None while they are too few.

    Items imported later lack old predictions.
    """
    said, found, learner = getattr(row, arm.predictions), getattr(row, arm.found), TASK_PROFILES[project.task_type]
    true = {position: target for position, target in gold.items() if position in said}
    if len(true) < MIN_TEST_ANSWERS:
        return None
    judged = learner.answers.evaluate(project.kind, list(true.values()), [said[position] for position in true])
    return (
        learner.answers.add_detection_metrics(judged, project.kind, true, found)
        if learner.answers.add_detection_metrics and found
        else judged
    )


def estimator_of(row: Round) -> str:
    """Return the estimator that a round's models were fitted by; rounds of before there was a choice had one."""
    return str(row.settings.get("estimator", LoopOptions.estimator)).partition(":")[0]


def estimator_titles(*curves: Sequence[Mapping[str, Any]] | None) -> dict[str, str]:
    """Return {estimator: title} of those that the curves' points name, in the reader's language."""
    titles = choice_descriptions.titles(choice_descriptions.ESTIMATOR_DESCRIPTIONS)
    names = sorted({point["estimator"] for curve in curves for point in curve or ()})
    return {name: translated(titles.get(name, name)) for name in names}


def _as_dicts(judged: TaskMetrics) -> dict[str, Any]:
    return {key: asdict(estimate) for key, estimate in judged.estimates.items()}


# The newest model


def _current(project: Project, row: Round, judged: TaskMetrics | None) -> dict[str, Any] | None:
    """Return the newest model's figures, overall and per class, and its confusion table where there is one."""
    if judged is None:
        return None
    keys = {name: key for key, name in enumerate(project.label_names())}

    def place(name: str) -> tuple[int, str]:
        return keys.get(name, len(keys)), name

    return {
        "round": row.number,
        "labels": row.labels,
        "finished_at": row.finished_at,
        **_as_dicts(judged),
        "per_class": sorted(judged.per_class, key=lambda row: place(row["label"])),
        "confusion": _confusion(judged, place),
    }


def _confusion(judged: TaskMetrics, place: Callable[[str], tuple[int, str]]) -> dict[str, Any] | None:
    if judged.confusion is None:
        return None
    order = sorted(range(len(judged.labels)), key=lambda spot: place(judged.labels[spot]))
    counts = [[judged.confusion[row][column] for column in order] for row in order]
    return {"labels": [judged.labels[spot] for spot in order], "counts": counts}
