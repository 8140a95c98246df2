"""Simulations of a project, worked off: its settled answers as truth, its own features, replayed by a worker.

Read only: neither answers nor the queue are touched. A simulation is worked off in slices of a few seconds, between
which the worker takes what else waits; trials that have ended are kept, so that nothing is done twice.
"""

import math
import time
from dataclasses import replace
from typing import Any

import numpy as np
from django.utils import timezone
from django.utils.translation import gettext
from numpy.typing import NDArray

from annotation import jobs
from annotation.errors import InvalidRequest
from annotation.models import Project, RunStatus
from learner.engine.simulation import plot
from learner.engine.simulation.comparison import compare, default_marks, points_csv
from learner.engine.simulation.experiments import Data, Plan, TrialResult, full_scores, run_trial, trials
from learner.engine.simulation.replay import Known
from learner.engine.statistics.estimates import MIN_TEST_ANSWERS
from learner.engine.task_profiles import TASK_PROFILES
from learner.models import Simulation
from learner.rounds import feature_matrices, heartbeat, item_contents, round_settings, training_data
from learner.simulations.requests import MIN_LABELLED, Options, too_few

MOST_ITEMS = 20_000  # of the pool that are replayed; of more, so many by lot
HELD_SHARE = 0.2  # set aside to judge by, where too little of the test sample is answered
SLICE_SECONDS = 5.0


def run(pk: int, worker: str = "") -> None:
    """Go on with a waiting simulation for a while, or anew with one whose worker died."""
    jobs.perform(Simulation, pk, _work, worker)


def _work(run: Simulation) -> None:
    mine = Simulation.objects.filter(pk=run.pk, worker=run.worker, status=RunStatus.RUNNING)
    with heartbeat.sign_of_life(
        mine, jobs.QUEUE
    ):  # a turn of a slow learner may take longer than a worker may be silent
        _replay(run)


def _replay(run: Simulation) -> None:
    started, pulse = time.monotonic(), jobs.Pulse(run)
    options = Options(**run.options)
    data, moment = _data(run)
    plan = _plan(run.project, options, data)
    wanted = trials(options.strategies, options.learners, options.seeds)
    if run.moment != moment:  # new features: what was done compares with nothing that follows
        full = full_scores(data, options.learners)
        jobs.save(run, moment=moment, trials=[], full=full, labels_done=0, labels_total=len(wanted) * plan.budget)
    while len(run.trials) < len(wanted):
        before = len(run.trials) * plan.budget

        def beat(labels: int, before: int = before) -> None:
            pulse(labels_done=before + labels)

        found = run_trial(data, plan, wanted[len(run.trials)], beat)
        jobs.save(run, trials=[*run.trials, found.as_json()], labels_done=before + plan.budget)
        if time.monotonic() - started > SLICE_SECONDS and len(run.trials) < len(wanted):
            jobs.save(run, status=RunStatus.QUEUED)
            jobs.wake(Simulation, run.pk)
            return
    _finish(run, plan, options)


def _finish(run: Simulation, plan: Plan, options: Options) -> None:
    results = [TrialResult.from_json(facts) for facts in run.trials]
    found = compare(results, run.full, default_marks(plan.budget), options.metric, options.target)
    jobs.save(
        run,
        comparison=found.as_json(),
        points=points_csv(results),
        plot=plot.png(found, str(TASK_PROFILES[run.project.task_type].shares[options.metric])),
        trials=[],
        labels_done=run.labels_total,
        status=RunStatus.DONE,
        finished_at=timezone.now(),
    )


def _data(run: Simulation) -> tuple[Data, dict[str, Any]]:
    """Return the pool, what it is judged by, and what they were made of."""
    project = run.project
    upto = run.moment.get("answers_upto") or training_data.now(project).answers_upto
    store = feature_matrices.store()
    features, version = store.open(project.pk), store.version(project.pk)
    seen = training_data.answers(project, upto)
    here = seen.positions < features.shape[0]
    positions, labels, is_test = seen.positions[here], seen.labels[here], seen.is_test[here]
    if len(seen.positions) and not here.any():
        raise InvalidRequest(gettext("The project's features are not computed yet. Try again in a minute."))
    held = is_test if is_test.sum() >= MIN_TEST_ANSWERS else _by_lot(len(positions), project.seed)
    pool = np.flatnonzero(~held)
    if len(pool) > MOST_ITEMS:
        pool = np.sort(np.random.default_rng(project.seed).choice(pool, MOST_ITEMS, replace=False))
    if len(positions) < MIN_LABELLED or len(set(labels[pool].tolist())) < 2:
        raise InvalidRequest(too_few())

    def items(chosen: NDArray[Any]) -> Known:
        at = positions[chosen]
        return Known(features[at], labels[chosen], item_contents.contents_at(project, at))

    data = Data(items(pool), items(held), project.task_type, project.settings)
    moment = {
        "answers_upto": upto,
        "features": version,
        "pool": len(pool),
        "held": int(held.sum()),
        "by_test_sample": bool(is_test.sum() >= MIN_TEST_ANSWERS),
    }
    return data, moment


def _by_lot(n: int, seed: int) -> NDArray[np.bool_]:
    held = np.zeros(n, bool)
    held[np.random.default_rng(seed).permutation(n)[: math.ceil(HELD_SHARE * n)]] = True
    return held


def _plan(project: Project, options: Options, data: Data) -> Plan:
    """Replay as the project is set; no test sample is drawn from the pool, as there are items to judge by."""
    base = round_settings.iteration_settings(project)
    settings = replace(base, batch_size=options.batch, depth=max(base.depth, options.batch), test_share=0.0)
    return Plan(min(options.budget, len(data.pool.labels)), test_size=0, target=options.target, settings=settings)
