"""Run the rounds of a project that are due: claim, train, score, publish.

The round of a large pool is sharded: its task ends when the model is fitted, all workers score, and the last of them
finishes it.
"""

import logging
from time import perf_counter

from django.db import transaction
from django.utils import timezone

from annotation import jobs
from learner.engine.arrays.low_priority import run_at_low_priority
from learner.engine.contracts.iteration import FittedIteration, IterationInput
from learner.engine.loop.iteration import fit_models, run_iteration
from learner.models import Round, Trigger
from learner.rounds import column_selection, round_settings, sharding, test_sample, training_data
from learner.rounds.claiming import claim_round, run_claimed_round
from learner.rounds.feature_matrices import ensure_feature_matrix, feature_store
from learner.rounds.publishing import publish_round, run_after_publishing, save_model_of_round
from learner.rounds.recording import predictions_by_position
from learner.rounds.scheduling import due_projects, outlook_of_project
from learner.rounds.search_columns import read_search_columns
from learner.rounds.waking import mute_answers, wake_after_answers, wake_at_next_answer, wake_worker

logger = logging.getLogger(__name__)

MAX_ROUNDS_IN_A_ROW = 20  # that one message may start


def run_due_rounds(project_pk: int) -> int:
    """Run rounds of the project until none is due, or one of another project is; return how many ran.

    Then the project's next round waits behind those of the others: the message that wakes a worker for it goes to the
    end of the line.
    """
    count = 0
    while (trigger := _next_trigger(project_pk)) is not None:
        if count == MAX_ROUNDS_IN_A_ROW or (count and len(due_projects()) > 1):
            wake_worker(project_pk)
            break
        current = claim_round(project_pk, trigger)
        if current is None:
            break
        mute_answers(project_pk)
        count += 1
        if not execute_round(current):
            break
    return count


def _next_trigger(project_pk: int) -> Trigger | None:
    """Return why a round is due, if one is; else arrange which answer wakes a worker for the next one."""
    wake_at_next_answer(project_pk)
    look = outlook_of_project(project_pk)
    if look.answers_left is not None:
        wake_after_answers(project_pk, look.answers_left)
    elif look.trigger is None:
        mute_answers(project_pk)
    return look.trigger


def execute_round(current: Round) -> bool:
    """Run a claimed round until it is published or sharded. Return whether it was; else the round says why not."""
    return run_claimed_round(current, _train_and_publish)


def _train_and_publish(current: Round) -> None:
    """Run a claimed round on a snapshot of the project, or start the scoring of its shards and return."""
    project, started = current.project, perf_counter()
    test_sample.update_test_sample(project)
    snapshot = training_data.take_snapshot(project)
    features, version = ensure_feature_matrix(project, snapshot.items, quick=True)
    answers = training_data.settled_answers(project, snapshot.answers_upto)
    current.items, current.leased_positions = snapshot.items, snapshot.leased_positions
    current.answers_upto, current.answers = snapshot.answers_upto, answers.live_count
    settings = round_settings.settings_from_project(project)
    columns = read_search_columns(project, snapshot.items, settings)
    current.settings = round_settings.settings_to_record(settings) | (
        {"terms": columns.version} if columns.version else {}
    )
    inputs = training_data.build_iteration_input(
        project, snapshot, features, answers, seed=current.seed, number=current.number, search_columns=columns
    )
    inputs, version = column_selection.select_columns(current, inputs, version)
    current.settings["features"] = version
    read = perf_counter() - started
    if inputs.contents is None and sharding.should_shard(snapshot.items):
        feature_store().drop_scores(project.pk)  # of a round that ended badly
        # better to know before the model is fitted
        if not feature_store().hold_features(project.pk, current.number, version):
            raise sharding.Outdated("Better features took the place of this round's before it began.")
        fitted = run_at_low_priority(fit_models, inputs, settings)
        if fitted.model is not None:
            _start_sharded_scoring(current, inputs, fitted, read)
            return
        feature_store().drop_scores(project.pk)
    if current.trigger == Trigger.FIRST:  # somebody may be waiting for it with nothing to label
        result = run_iteration(inputs, settings)
    else:
        result = run_at_low_priority(run_iteration, inputs, settings)
    if result.model is not None:
        save_model_of_round(current, result.model)
    publish_round(current, inputs, result, {"read": read, **result.timings}, started)
    run_after_publishing(current)


def _start_sharded_scoring(current: Round, inputs: IterationInput, fitted: FittedIteration, read: float) -> None:
    """Keep what is known so far, and let all workers score; whoever is last finishes the round."""
    assert fitted.model is not None
    save_model_of_round(current, fitted.model)
    current.control_predictions = predictions_by_position(inputs, fitted.control_predictions)
    current.timings = {"read": read, **fitted.timings}
    current.sharded, current.heartbeat_at = True, timezone.now()
    with transaction.atomic():
        jobs.lock_owned(current)
        current.save()
    sharding.send_shards(feature_store(), current, sharding.missing_shards(feature_store(), current))
