"""Run simulations of a project: its settled answers as truth, its own features, replayed by a worker.

Read only: neither answers nor the queue are touched. A simulation runs in slices of a few seconds, between which the
worker takes what else waits; trials that have ended are kept, so that nothing is done twice.
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
from annotation.models import JobStatus, Project
from learner.engine.simulation import plot
from learner.engine.simulation.comparison import compare_trials, default_label_counts, points_csv
from learner.engine.simulation.experiments import (
    SimulationData,
    SimulationPlan,
    TrialResult,
    all_trials,
    full_data_scores,
    run_trial,
)
from learner.engine.simulation.simulated_labelling import LabelledData
from learner.engine.statistics.estimates import MIN_TEST_ANSWERS
from learner.engine.task_profiles import TASK_PROFILES
from learner.models import Simulation
from learner.rounds import feature_matrices, item_contents, round_settings, training_data
from learner.rounds.column_selection import latest_version_with_view
from learner.simulations.requests import MIN_LABELLED, Options, too_few_labels_message

MAX_ITEMS = 20_000  # of the pool that are replayed; of more, so many at random
HELD_OUT_SHARE = 0.2  # to judge by, where too little of the test sample is answered
SLICE_SECONDS = 5.0


def run_simulation(pk: int, worker: str = "") -> None:
    """Work for a while on a simulation that waits; nothing when another worker has it."""
    jobs.run_job(Simulation, pk, run_simulation_slice, worker)


def run_simulation_slice(run: Simulation) -> None:
    """Work for a while on a simulation that this worker has claimed."""
    started, progress = time.monotonic(), jobs.ProgressReporter(run)
    options = Options(**run.options)
    data, snapshot = load_simulation_data(run)
    plan = _simulation_plan(run.project, options, data)
    trials = all_trials(options.strategies, options.learners, options.seeds)
    if run.snapshot != snapshot:  # new features: what was done compares with nothing that follows
        full = full_data_scores(data, options.learners)
        total = len(trials) * plan.budget
        jobs.save_progress(run, snapshot=snapshot, trials=[], full=full, labels_done=0, labels_total=total)
    while len(run.trials) < len(trials):
        before = len(run.trials) * plan.budget

        def report_labels_done(labels: int, before: int = before) -> None:
            progress(labels_done=before + labels)

        result = run_trial(data, plan, trials[len(run.trials)], report_labels_done)
        jobs.save_progress(run, trials=[*run.trials, result.as_json()], labels_done=before + plan.budget)
        if time.monotonic() - started > SLICE_SECONDS and len(run.trials) < len(trials):
            jobs.requeue_job(run)
            return
    _store_comparison(run, plan, options)


def _store_comparison(run: Simulation, plan: SimulationPlan, options: Options) -> None:
    """Compare all trials, store the comparison with its points and plot, and end the simulation."""
    results = [TrialResult.from_json(trial) for trial in run.trials]
    comparison = compare_trials(results, run.full, default_label_counts(plan.budget), options.metric, options.target)
    jobs.save_fields(
        run,
        comparison=comparison.as_json(),
        points=points_csv(results),
        plot=plot.render_png(
            comparison, str(TASK_PROFILES[run.project.task_type].answers.replay_metrics[options.metric])
        ),
        trials=[],
        labels_done=run.labels_total,
        status=JobStatus.DONE,
        finished_at=timezone.now(),
    )


def load_simulation_data(run: Simulation) -> tuple[SimulationData, dict[str, Any]]:
    """Return the pool, what it is judged by, and what they were made of."""
    project = run.project
    upto = run.snapshot.get("answers_upto") or training_data.take_snapshot(project).answers_upto
    store = feature_matrices.feature_store()
    features = store.open(project.pk)
    version = latest_version_with_view(project, store.current_version(project.pk))
    features = store.viewed(project.pk, features, version)
    answers = training_data.settled_answers(project, upto)
    has_features = answers.positions < features.shape[0]
    positions, labels, is_test = (
        answers.positions[has_features],
        answers.labels[has_features],
        answers.is_test[has_features],
    )
    if len(answers.positions) and not has_features.any():
        raise InvalidRequest(gettext("The project's features are not computed yet. Try again in a minute."))
    by_test_sample = bool(is_test.sum() >= MIN_TEST_ANSWERS)
    held_out = is_test if by_test_sample else _random_held_out_mask(len(positions), project.seed)
    pool = np.flatnonzero(~held_out)
    if len(pool) > MAX_ITEMS:
        pool = np.sort(np.random.default_rng(project.seed).choice(pool, MAX_ITEMS, replace=False))
    if len(positions) < MIN_LABELLED or len(set(labels[pool].tolist())) < 2:
        raise InvalidRequest(too_few_labels_message())

    def labelled_data(chosen: NDArray[Any]) -> LabelledData:
        at = positions[chosen]
        return LabelledData(features[at], labels[chosen], item_contents.contents_at_positions(project, at))

    data = SimulationData(labelled_data(pool), labelled_data(held_out), project.task_type, project.settings)
    snapshot = {
        "answers_upto": upto,
        "features": version,
        "pool": len(pool),
        "held": int(held_out.sum()),
        "by_test_sample": by_test_sample,
    }
    return data, snapshot


def _random_held_out_mask(n: int, seed: int) -> NDArray[np.bool_]:
    """Return (n,) which items are held out, drawn at random."""
    mask = np.zeros(n, bool)
    mask[np.random.default_rng(seed).permutation(n)[: math.ceil(HELD_OUT_SHARE * n)]] = True
    return mask


def _simulation_plan(project: Project, options: Options, data: SimulationData) -> SimulationPlan:
    """Replay as the project is set; no test sample is drawn from the pool, as there are items to judge by."""
    base = round_settings.settings_from_project(project)
    settings = replace(base, batch_size=options.batch, depth=max(base.depth, options.batch), test_share=0.0)
    return SimulationPlan(
        min(options.budget, len(data.pool.labels)), test_size=0, target_label=options.target, settings=settings
    )
