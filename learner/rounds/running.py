"""Run the rounds of a project that are due: claim, train, score, publish.

The round of a large pool is sharded: its task ends when the model is fitted, all workers score, and the last of them
finishes it.
"""

import logging
from dataclasses import asdict
from time import perf_counter

from django.db import transaction
from django.utils import timezone

from learner.engine.arrays.low_priority import aside
from learner.engine.contracts.iteration import FittedIteration, IterationInput
from learner.engine.loop.iteration import learn, run_iteration
from learner.models import Round
from learner.rounds import round_settings, sharding, test_sample, training_data
from learner.rounds.claiming import claim, lock_owned, run_claimed
from learner.rounds.feature_matrices import feature_matrix, store
from learner.rounds.publishing import after_publish, publish, save_model
from learner.rounds.recording import by_position
from learner.rounds.scheduling import due

logger = logging.getLogger(__name__)

MAX_ROUNDS_IN_A_ROW = 20  # rounds one message may start; the sweep goes on


def run_due(project_pk: int) -> int:
    """Run rounds of the project until none is due; return how many ran."""
    count = 0
    while count < MAX_ROUNDS_IN_A_ROW and (found := due(project_pk)):
        current = claim(project_pk, found[0][1])
        if current is None:
            break
        count += 1
        if not execute(current):
            break
    return count


def execute(current: Round) -> bool:
    """Run a claimed round until it is published or handed out. Return whether it was; else the round says why not."""
    return run_claimed(current, _run)


def _run(current: Round) -> None:
    project, started = current.project, perf_counter()
    test_sample.freeze_test_sample(project)
    moment = training_data.now(project)
    features, version = feature_matrix(project, moment.items, quick=True)
    seen = training_data.answers(project, moment.answers_upto)
    current.items, current.in_hand = moment.items, moment.in_hand
    current.answers_upto, current.answers = moment.answers_upto, seen.given
    chosen_settings = round_settings.iteration_settings(project)
    current.settings = asdict(chosen_settings) | {"features": version}
    given = training_data.iteration_input(project, moment, features, seen, seed=current.seed, number=current.number)
    read = perf_counter() - started
    if given.contents is None and sharding.worth_it(moment.items):
        learnt = aside(learn, given, chosen_settings)
        if learnt.model is not None:
            _start_sharding(current, given, learnt, read)
            return
    result = aside(run_iteration, given, chosen_settings)
    if result.model is not None:
        save_model(current, result.model)
    publish(current, given, result, {"read": read, **result.timings}, started)
    after_publish(current, given, chosen_settings)


def _start_sharding(current: Round, given: IterationInput, learnt: FittedIteration, read: float) -> None:
    """Write down what is known so far, and let all workers score; whoever is last goes on from there."""
    assert learnt.model is not None
    save_model(current, learnt.model)
    current.control_predictions = by_position(given, learnt.control_predictions)
    current.timings = {"read": read, **learnt.timings}
    current.handed_out, current.heartbeat_at = True, timezone.now()
    with transaction.atomic():
        lock_owned(current)
        current.save()
    store().drop_scores(current.project_id)  # of a round that ended badly
    sharding.send(store(), current, sharding.missing(store(), current))
