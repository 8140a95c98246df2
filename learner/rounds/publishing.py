"""Publish a round: swap the queue, then do what can wait until it is there."""

from time import perf_counter

from django.db import transaction
from django.utils import timezone

from annotation import jobs
from annotation.models import JobStatus
from annotation.queue import publishing
from learner.engine.contracts.iteration import IterationInput, IterationResult
from learner.engine.estimators import Model
from learner.models import LearnerState, Round
from learner.rounds import auto_pause, chosen_labels, feature_selection, queue_entries, search_columns
from learner.rounds.feature_matrices import feature_store
from learner.rounds.recording import record_iteration_result
from learner.rounds.waking import wake_worker


def save_model_of_round(current: Round, model: Model) -> None:
    feature_store().save_model(current.project_id, current.number, model.tag_features(current.settings["features"]))


def publish_round(
    current: Round, inputs: IterationInput, result: IterationResult, timings: dict[str, float], started: float
) -> None:
    """Swap the queue and close the round in one transaction, if it is still this worker's."""
    project, before = current.project, perf_counter()
    entries = publishing.build_entries(
        project, queue_entries.queue_entries_of_choices(project, result.choices), current.number
    )
    record_iteration_result(current, inputs, result)
    with transaction.atomic():
        jobs.lock_owned(current)
        current.published = publishing.replace_queue(project, entries)
        current.status, current.finished_at = JobStatus.DONE, timezone.now()
        current.timings = timings | {"publish": perf_counter() - before, "total": perf_counter() - started}
        current.save()
        state = LearnerState.objects.filter(project=project)
        state.update(failures=0, retry_at=None)
        state.filter(requested_at__lte=current.started_at).update(requested_at=None)


def run_after_publishing(current: Round) -> None:
    """Do what can wait until the queue is there."""
    project = current.project
    feature_store().prune_models(project.pk, current.number)
    chosen_labels.request_out_of_fold_accuracy(project)
    auto_pause.pause_or_resume_at_limits(project.pk)
    feature_set = feature_selection.effective_feature_set_and_reason(project)[0]
    if not (
        feature_store().is_final(project.pk, current.items, feature_set)
        and search_columns.are_terms_final(project, current.items, current.settings["strategy"])
    ):
        wake_worker(project.pk, "build_features", done=True)
