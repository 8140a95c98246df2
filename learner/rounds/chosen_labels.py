"""The naive accuracy on the chosen labels, which nobody waits for: five more fits, out of fold."""

import logging

from annotation.models import Project
from learner.engine.arrays.low_priority import run_at_low_priority
from learner.engine.evaluation.cross_validation import count_correct_out_of_fold
from learner.engine.task_profiles import TASK_PROFILES
from learner.models import Round
from learner.rounds.replay import CannotReplay, rebuild_input_and_settings
from learner.rounds.waking import wake_worker

logger = logging.getLogger(__name__)


def request_out_of_fold_accuracy(project: Project) -> None:
    """Have a worker call `add_out_of_fold_accuracy`; rounds that follow each other quickly are not all evaluated."""
    if TASK_PROFILES[project.task_type].answers.cross_validates:
        wake_worker(project.pk, "evaluate_chosen")


def add_out_of_fold_accuracy(project_pk: int) -> None:
    """Add `out_of_fold`, {right, n} of the chosen labels, to the metrics of the project's newest round.

    Not where better features have taken the place of the round's own.
    """
    current = Round.objects.done().filter(project=project_pk).order_by("-number").first()
    if current is None or "out_of_fold" in current.metrics or "ranks" not in current.metrics:
        return
    try:
        inputs, settings = rebuild_input_and_settings(current)
    except CannotReplay as reason:
        logger.info("%s", reason)
        return
    counts = run_at_low_priority(count_correct_out_of_fold, inputs, settings, current.project.kind)
    if counts is not None:
        metrics = current.metrics | {"out_of_fold": dict(zip(("right", "n"), counts, strict=True))}
        Round.objects.filter(pk=current.pk).update(metrics=metrics)
