"""When to stop: the rows of a project into the history that the stopping conditions judge, and what they say.

They suggest and a person decides; see `rounds/auto_pause.py` for the one thing that may happen by itself.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from django.db.models import Count, Q, Sum
from numpy.typing import NDArray

from annotation.i18n import translate
from annotation.models import Annotation, Outcome, Project, Split, work_seconds
from learner.engine.answer_evaluations import evaluation_of_task_type
from learner.engine.contracts.agreement import Predictions
from learner.engine.statistics.estimates import Estimate
from learner.engine.stopping import STOPPING, Advice, History, RoundRecord, condition_threshold, evaluate_conditions
from learner.engine.stopping.plateau import extrapolated_curve
from learner.engine.stopping.stop_set import spaced_indices, unpack_stop_set_predictions
from learner.engine.stopping.verdict import combined_advice, combined_search_advice
from learner.engine.task_profiles import TASK_PROFILES
from learner.loop_options import loop_options
from learner.reports.label_renames import with_current_label_names

SEARCH_CONDITIONS = ("label_budget", "time_budget", "expected_recall", "irrelevant_run")  # of find-all projects


def stopping_thresholds(project: Project) -> dict[str, float | None]:
    """Return what the lead has set, by condition."""
    options = loop_options(project)
    return {
        "label_budget": options.label_budget,
        "time_budget": options.time_budget_hours,
        "target_accuracy": options.target_accuracy,
        "target_error": options.target_error,
        "stable_predictions": options.stop_kappa,
        **({"expected_recall": options.target_recall} if project.goal.finds_all else {}),
    }


def stopping_document(
    project: Project,
    curve: Sequence[Mapping[str, Any]] | None,
    counts: Mapping[str, int],
    is_relevant: NDArray[np.bool_] | None,
) -> dict[str, Any]:
    """Return the part of the progress document about stopping; `curve` and `counts` are parts of it too.

    `is_relevant` is what `relevance_in_answer_order` returns.
    """
    history = stopping_history(project, curve or [], counts, is_relevant)
    limits = stopping_thresholds(project)
    advices = evaluate_conditions(history, limits)
    if project.goal.finds_all:
        advices = {name: advices[name] for name in SEARCH_CONDITIONS}
    advice, reason = combined_search_advice(advices) if project.goal.finds_all else combined_advice(advices)
    return {
        "advice": advice,
        "reason": translate(reason),
        "when": loop_options(project).stop_when,
        "paused_at": project.paused_at,
        "paused_reason": translate(project.paused_reason),
        "conditions": [
            _condition_fields(name, one, condition_threshold(name, limits)) for name, one in advices.items()
        ],
        "forecast": _forecast_points(history),
    }


def _condition_fields(name: str, advice: Advice, threshold: float | None) -> dict[str, Any]:
    """Return what the API and the dashboard show of one stop condition."""
    condition = STOPPING[name]
    return {
        "name": name,
        "title": translate(condition.title),
        "kind": condition.kind,
        "stop": advice.stop,
        "reason": translate(advice.reason),
        "n": advice.n,
        "value": advice.value,
        "threshold": threshold,
        "share": advice.progress,
        "numbers": dict(advice.details),
        "applies": advice.applies,
    }


def _forecast_points(history: History) -> list[dict[str, float]] | None:
    forecast = extrapolated_curve(history)
    if forecast is None:
        return None
    columns = (forecast.label_counts.tolist(), forecast.value.tolist(), forecast.low.tolist(), forecast.high.tolist())
    return [
        {"labels": labels, "value": value, "low": low, "high": high}
        for labels, value, low, high in zip(*columns, strict=True)
    ]


# Rows into a history


def stopping_history(
    project: Project,
    curve: Sequence[Mapping[str, Any]],
    counts: Mapping[str, int],
    is_relevant: NDArray[np.bool_] | None,
) -> History:
    """Gather what happened: work done, rounds with models, relevance where a label is searched for."""
    pool = counts["items"] - (0 if project.goal.finds_all else counts["test_items"])
    return History(
        rounds=_round_records(project, {point["round"]: point for point in curve}),
        **labelling_effort(project),
        unlabelled=max(0, pool - (counts["labelled"] if project.goal.finds_all else counts["training_labels"])),
        pool=pool,
        test_items=counts["test_items"],
        is_relevant=is_relevant,
        agreement=evaluation_of_task_type(project.task_type).agreement,
        has_agreement_threshold=TASK_PROFILES[project.task_type].answers.has_agreement_threshold,
        metric_title=TASK_PROFILES[project.task_type].answers.metrics[0].title,
    )


def labelling_effort(project: Project) -> dict[str, Any]:
    """Return {answer_count, seconds, timed_labels}: labels that people gave, and the time they took; one query.

    Only the time in which people were active: a page that is left open costs nothing. Time spent on answers that were
    changed or taken back was spent all the same.
    """
    labels = Q(outcome=Outcome.LABEL)
    measured = Q(active_seconds__isnull=False) | Q(duration_seconds__isnull=False)
    totals = (
        Annotation.objects.filter(project=project, user__is_machine=False)
        .order_by()
        .aggregate(
            answers=Count("pk", filter=labels & Q(live=True)),
            timed=Count("pk", filter=labels & measured & Q(change=None)),
            spent=Sum(work_seconds(project), filter=Q(change=None)),
        )
    )
    return {"answer_count": totals["answers"], "timed_labels": totals["timed"], "seconds": totals["spent"] or 0.0}


def round_record(project: Project, labels: int, metrics: Mapping[str, Any], **more: Any) -> RoundRecord:
    """Return a round with those of its metrics that are held against targets, where they are known."""
    first = TASK_PROFILES[project.task_type].answers.metrics[0].key
    accuracy, error = (Estimate(**metrics[key]) if key in metrics else None for key in (first, "mae"))
    return RoundRecord(labels, accuracy, error=error, **more)


def _round_records(project: Project, measured: Mapping[int, Mapping[str, Any]]) -> list[RoundRecord]:
    """Return the rounds that made a model, oldest first, with what those to compare said of the stop set."""
    rows = [
        row
        for row in project.rounds.done()
        .order_by("number")
        .values("pk", "number", "labels", "metrics__classes", "metrics__mean_uncertainty", "metrics__max_uncertainty")
        if row["metrics__classes"]
    ]
    chosen = [rows[place]["pk"] for place in spaced_indices([row["labels"] for row in rows])]
    compared = project.rounds.filter(pk__in=chosen).only("answers_upto", "stop_predictions")
    packed = {row.pk: row.stop_predictions for row in with_current_label_names(project, compared)}
    return [
        round_record(
            project,
            row["labels"],
            measured.get(row["number"], {}),
            predictions=_stop_set_predictions(project, packed.get(row["pk"], {})),
            stop_set=packed.get(row["pk"], {}).get("set", ""),
            mean_uncertainty=row["metrics__mean_uncertainty"],
            max_uncertainty=row["metrics__max_uncertainty"],
        )
        for row in rows
    ]


def _stop_set_predictions(project: Project, packed: Mapping[str, Any]) -> Predictions | None:
    """Return a model's predictions of the stop set, as they are compared."""
    targets = unpack_stop_set_predictions(packed)
    return (
        None if targets is None else evaluation_of_task_type(project.task_type).agreement.decode(project.kind, targets)
    )


def relevance_in_answer_order(project: Project) -> NDArray[np.bool_] | None:
    """Return whether each labelled item is what is searched for, in the order of the first answers.

    Items of a test sample are left out; a project that finds all items of a label has none.
    """
    relevant_label = project.label_to_find or project.resolve_label(loop_options(project).relevant_label)
    if relevant_label is None:
        return None
    rows = Annotation.objects.live().filter(project=project, outcome=Outcome.LABEL)
    if not project.goal.finds_all:
        rows = rows.exclude(item__split=Split.TEST)
    by_item: dict[int, bool] = {}
    for item, value in rows.order_by("created_at", "pk").values_list("item_id", "value"):
        by_item[item] = relevant_label in [label for label, _ in project.kind.answer.components(value or {})]
    return np.fromiter(by_item.values(), dtype=bool, count=len(by_item))
