"""What a project may do by itself when a limit that its lead has set is reached: hand out nothing new.

Looked at after each round. A lead who resumes is not stopped again by the same limit; another value is a
new limit, and one that is no longer reached takes its pause back.
"""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext_noop

from annotation.models import Project
from annotation.projects import projects
from learner.engine.stopping import History, evaluate_conditions
from learner.engine.stopping.verdict import reached_limits
from learner.engine.task_profiles import TASK_PROFILES
from learner.models import LearnerState
from learner.reports import learning_curves, stopping_advice
from learner.settings import loop_options

PAUSED = {
    "label_budget": gettext_noop("As many labels as were planned have been given."),
    "time_budget": gettext_noop("As much time as was planned has been spent."),
    "target_accuracy": gettext_noop("The target accuracy has been reached."),
    "target_error": gettext_noop("The target error has been reached."),
}


def reached_by(project: Project) -> dict[str, float]:
    """Return {limit: its threshold} of the limits that are reached and may pause the project."""
    if loop_options(project).stop_when != "pause":
        return {}
    thresholds = {name: value for name, value in stopping_advice.thresholds(project).items() if name in PAUSED}
    if all(value is None for value in thresholds.values()):
        return {}
    targets = thresholds["target_accuracy"], thresholds["target_error"]
    figures = learning_curves.newest_figures(project) if any(value is not None for value in targets) else {}
    history = History(
        [stopping_advice.round_record(project, 0, figures)],
        agreement=TASK_PROFILES[project.task_type].answers.agreement,
        **stopping_advice.work_of(project),
    )
    verdicts = evaluate_conditions(history, thresholds)
    return {name: value for name in reached_limits(verdicts) if (value := thresholds[name]) is not None}


def apply_limits(project_pk: int) -> None:
    """Pause the project when a limit is newly reached; take a limit's pause back when none is reached any more."""
    project = Project.objects.get(pk=project_pk)
    now = reached_by(project)
    if not now and project.paused_at is None:
        return
    with transaction.atomic():
        state, _ = LearnerState.objects.select_for_update().get_or_create(project=project)
        known: Mapping[str, float] = state.paused_for
        fresh = [name for name, value in now.items() if known.get(name) != value]
        if fresh:
            projects.pause(project, PAUSED[fresh[0]])
            state.paused_for = {**known, **now}
        elif not now and project.paused_reason in PAUSED.values():
            projects.resume(project)
            state.paused_for = {}
        state.save(update_fields=["paused_for"])
