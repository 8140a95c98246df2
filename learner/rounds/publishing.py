"""Publish a round: swap the queue, then do what can wait until it is there."""

from time import perf_counter

from django.db import transaction
from django.utils import timezone

from annotation.queue import publishing
from learner.engine.arrays.low_priority import aside
from learner.engine.contracts.iteration import IterationInput, IterationResult, IterationSettings
from learner.engine.estimators import Model
from learner.engine.evaluation.cross_validation import chosen_out_of_fold
from learner.engine.task_profiles import TASK_PROFILES
from learner.models import LearnerState, Round, RoundStatus
from learner.rounds import feature_selection, limits, queue_entries
from learner.rounds.claiming import lock_owned
from learner.rounds.feature_matrices import store
from learner.rounds.recording import record_result
from learner.rounds.scheduling import wake


def save_model(current: Round, model: Model) -> None:
    store().save_model(current.project_id, current.number, model.with_features(current.settings["features"]))


def publish(
    current: Round, given: IterationInput, result: IterationResult, timings: dict[str, float], started: float
) -> None:
    """Swap the queue and close the round in one transaction, if it is still ours."""
    project, before = current.project, perf_counter()
    entries = publishing.build_entries(project, queue_entries.ranked_entries(project, result.choices), current.number)
    record_result(current, given, result)
    with transaction.atomic():
        lock_owned(current)
        current.published = publishing.replace_queue(project, entries)
        current.status, current.finished_at = RoundStatus.DONE, timezone.now()
        current.timings = timings | {"publish": perf_counter() - before, "total": perf_counter() - started}
        current.save()
        state = LearnerState.objects.filter(project=project)
        state.update(failures=0, retry_at=None)
        state.filter(asked_at__lte=current.started_at).update(asked_at=None)


def after_publish(current: Round, given: IterationInput, chosen_settings: IterationSettings) -> None:
    """Do what can wait until the queue is there."""
    project = current.project
    _evaluate_chosen(current, given, chosen_settings)
    limits.hold(project.pk)
    if not store().is_final(project.pk, current.items, feature_selection.chosen(project)[0]):
        wake(project.pk, "build_features")


def _evaluate_chosen(current: Round, given: IterationInput, chosen_settings: IterationSettings) -> None:
    """Add the naive figure of the chosen labels, once nobody waits for the queue any more."""
    if not TASK_PROFILES[current.project.task_type].folds:
        return
    found = aside(chosen_out_of_fold, given, chosen_settings, current.project.kind)
    if found is not None:
        current.metrics = current.metrics | {"out_of_fold": dict(zip(("right", "n"), found, strict=True))}
        Round.objects.filter(pk=current.pk).update(metrics=current.metrics)
