"""What the newest model of a test sample was measured to be, for projects that have no such sample any more."""

from typing import Any

from django.utils import timezone

from annotation.models import Project
from learner.models import LearnerState
from learner.reports.learning_curves import agreed_test_answers, metric_descriptions, newest_model_metrics


def newest_metrics_to_keep(project: Project) -> dict[str, Any]:
    """Return {measured_at, round, test_answers, metrics} of the newest model; empty where nothing was measured."""
    metrics = newest_model_metrics(project)
    if not metrics:
        return {}
    newest = project.rounds.done().order_by("-number").values_list("number", flat=True).first()
    return {
        "measured_at": timezone.now().isoformat(),
        "round": newest,
        "test_answers": len(agreed_test_answers(project)),
        "metrics": metrics,
    }


def earlier_metrics_report(project: Project) -> dict[str, Any] | None:
    """Return the kept metrics with the names of the figures: {measured_at, round, test_answers, figures}; or None."""
    state = LearnerState.objects.filter(project=project).first()
    if state is None or not state.earlier_metrics:
        return None
    kept = state.earlier_metrics
    figures = [
        {"name": one["key"], "title": one["title"], "estimate": kept["metrics"][one["key"]]}
        for one in metric_descriptions(project)
        if one["key"] in kept["metrics"]
    ]
    return {name: kept[name] for name in ("measured_at", "round", "test_answers")} | {"figures": figures}
