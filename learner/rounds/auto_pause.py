"""What a project may do by itself when a limit that its lead has set is reached: hand out nothing new.

Looked at after each round. A lead who resumes is not stopped again by the same limit; another value is a
new limit, and one that is no longer reached takes its pause back.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from annotation.models import Project
from annotation.projects import projects
from learner.engine.answer_evaluations import evaluation_of_task_type
from learner.engine.stopping import History, evaluate_conditions
from learner.engine.stopping.verdict import limits_reached
from learner.loop_options import loop_options
from learner.models import LearnerState
from learner.reports import learning_curves, stopping_advice

PAUSE_REASONS = {
    "label_budget": gettext_noop("As many labels as were planned have been given."),
    "time_budget": gettext_noop("As much time as was planned has been spent."),
    "target_accuracy": gettext_noop("The target accuracy has been reached."),
    "target_error": gettext_noop("The target error has been reached."),
    "expected_recall": gettext_noop("The target recall has been reached."),
}


def reached_limits(project: Project) -> dict[str, float]:
    """Return {limit: its threshold} of the limits that are reached and may pause the project."""
    if loop_options(project).stop_when != "pause":
        return {}
    stopping_thresholds = {
        name: value for name, value in stopping_advice.stopping_thresholds(project).items() if name in PAUSE_REASONS
    }
    if all(value is None for value in stopping_thresholds.values()):
        return {}
    targets = stopping_thresholds["target_accuracy"], stopping_thresholds["target_error"]
    metrics = learning_curves.newest_model_metrics(project) if any(value is not None for value in targets) else {}
    history = History(
        [stopping_advice.round_record(project, 0, metrics)],
        agreement=evaluation_of_task_type(project.task_type).agreement,
        **stopping_advice.labelling_effort(project),
        **_search_so_far(project),
    )
    verdicts = evaluate_conditions(history, stopping_thresholds)
    names = limits_reached(verdicts) + (["expected_recall"] if verdicts["expected_recall"].stop else [])
    return {name: value for name in names if (value := stopping_thresholds.get(name)) is not None}


def _search_so_far(project: Project) -> dict[str, Any]:
    """Return what recall rests on in a project that finds all items of a label; there its target is a limit."""
    if not project.goal.finds_all:
        return {}
    return {"pool": project.item_count, "is_relevant": stopping_advice.relevance_in_answer_order(project)}


def pause_or_resume_at_limits(project_pk: int) -> None:
    """Pause the project when a limit is newly reached; take a limit's pause back when none is reached any more."""
    project = Project.objects.get(pk=project_pk)
    reached_now = reached_limits(project)
    if not reached_now and project.paused_at is None:
        return
    with transaction.atomic():
        state, _ = LearnerState.objects.select_for_update().get_or_create(project=project)
        paused_for: Mapping[str, float] = state.paused_for
        newly_reached = [name for name, value in reached_now.items() if paused_for.get(name) != value]
        if newly_reached:
            projects.pause_project(project, PAUSE_REASONS[newly_reached[0]])
            state.paused_for = {**paused_for, **reached_now}
        elif not reached_now and project.paused_reason in PAUSE_REASONS.values():
            projects.resume_project(project)
            state.paused_for = {}
        state.save(update_fields=["paused_for"])
