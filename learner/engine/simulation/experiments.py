"""Many replays of one labelled data set: every strategy with every estimator and seed, side by side on all cores.

Pure. The features lie in a file that each process maps; a process has one thread of linear algebra. What comes
out does not depend on how many processes there are.
"""

import itertools
import json
import multiprocessing
import signal
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from annotation.tasktypes import TASK_TYPES, TaskType
from learner.engine.arrays.blas_threads import use_one_blas_thread
from learner.engine.contracts.iteration import IterationSettings
from learner.engine.estimators import estimator_named
from learner.engine.simulation.simulated_labelling import (
    CurvePoint,
    InitialLabels,
    LabelledData,
    score_function,
    simulate_labelling,
)
from learner.engine.storage.append_only_arrays import row_files

LIBRARIES_WARNED_OF = r"(sklearn|scipy|numpy|joblib|model2vec|tokenizers|matplotlib|threadpoolctl)\b"
POLL_SECONDS = 0.2  # seconds between two looks at how far the processes are

ProgressCallback = Callable[[int], None]  # labels given so far, over all trials


def _ignore_progress(labels: int) -> None:
    """Never abort."""


@dataclass(frozen=True)
class SimulationData:
    """A labelled pool and the held-out items to evaluate on."""

    pool: LabelledData
    held_out: LabelledData
    task: str = "text_classification"  # a key of TASK_TYPES
    settings: Mapping[str, Any] = field(default_factory=dict)  # of the project, where the task type looks at them

    @property
    def task_type(self) -> TaskType:
        """The task type as the settings have it."""
        return TASK_TYPES[self.task].with_settings(self.settings)

    def save(self, folder: Path) -> None:
        """Write what `load` maps."""
        for name, items in (("pool", self.pool), ("held", self.held_out)):
            _save_items(folder / name, items)
        (folder / "task.json").write_text(json.dumps([self.task, dict(self.settings)]), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "SimulationData":
        """Read what `save` wrote; the features are mapped, read-only."""
        task, settings = json.loads((folder / "task.json").read_text(encoding="utf-8"))
        return cls(_load_items(folder / "pool"), _load_items(folder / "held"), task, settings)


def _save_items(folder: Path, items: LabelledData) -> None:
    """Write labelled items into a folder of their own: the matrix, dense or sparse, and the rest as JSON."""
    folder.mkdir(exist_ok=True)
    rows, dimensions = items.features.shape
    sparse = bool(issparse(items.features))
    entries = row_files(folder, dimensions, sparse=sparse).append(items.features, 0, 0)
    contents = None if items.contents is None else items.contents.tolist()
    shape = {"rows": rows, "dimensions": dimensions, "sparse": sparse, "entries": entries}
    stored = shape | {"labels": items.labels.tolist(), "contents": contents}
    (folder / "items.json").write_text(json.dumps(stored), encoding="utf-8")


def _load_items(folder: Path) -> LabelledData:
    shape = json.loads((folder / "items.json").read_text(encoding="utf-8"))
    features = row_files(folder, shape["dimensions"], sparse=shape["sparse"]).open(shape["rows"], shape["entries"])
    contents = None if shape["contents"] is None else object_array(shape["contents"])
    return LabelledData(features, object_array(shape["labels"]), contents)


def object_array(values: Sequence[Any]) -> NDArray[np.object_]:
    """Return (n,) of any objects, texts of any length among them, each stored once."""
    array = np.empty(len(values), object)
    array[:] = values
    return array


@dataclass(frozen=True)
class SimulationPlan:
    """What every trial has in common."""

    budget: int = 500  # training labels
    test_size: int = 300  # items of the pool that go to the test sample, as in a live project
    initial_labels: InitialLabels = field(default_factory=InitialLabels)
    target_label: str = ""  # the label that is searched for; "": none is
    settings: IterationSettings = field(default_factory=IterationSettings)  # but for the strategy and the estimator


@dataclass(frozen=True)
class Trial:
    """One replay."""

    strategy: str
    estimator: str
    seed: int


@dataclass(frozen=True)
class TrialResult:
    """What one replay found out."""

    trial: Trial
    points: list[CurvePoint]
    readable: int  # items that could be labelled for training
    relevant: int  # of these, with the label that is searched for
    found_at: list[int]  # after how many labels each of them was found, ascending; those that were

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "TrialResult":
        points = [CurvePoint(**point) for point in stored["points"]]
        return cls(Trial(**stored["trial"]), points, stored["readable"], stored["relevant"], stored["found_at"])


def all_trials(strategies: Sequence[str], estimators: Sequence[str], seeds: int) -> list[Trial]:
    """Return every combination, seed by seed: after the first round of them all can be compared already."""
    combinations = itertools.product(range(seeds), estimators, strategies)
    return [Trial(strategy, estimator, seed) for seed, estimator, strategy in combinations]


def run_trial(
    data: SimulationData, plan: SimulationPlan, trial: Trial, progress: ProgressCallback = _ignore_progress
) -> TrialResult:
    """Run one replay. `progress` is called with its labels so far."""
    settings = replace(
        plan.settings,
        strategy=trial.strategy,
        estimator=trial.estimator,
        target_label=plan.target_label or plan.settings.target_label,
    )
    replay = simulate_labelling(
        data.pool,
        settings,
        trial.seed,
        plan.budget,
        test_size=plan.test_size,
        held_out=data.held_out,
        initial_labels=plan.initial_labels,
        progress=progress,
        task_type=data.task_type,
    )
    has_target = has_label(data, plan.target_label)
    found_at = (np.flatnonzero(has_target[replay.train_rows]) + 1).tolist()
    return TrialResult(
        trial, replay.curve, len(replay.trainable_rows), int(has_target[replay.trainable_rows].sum()), found_at
    )


def has_label(data: SimulationData, target_label: str) -> NDArray[np.bool_]:
    """Return (n,) which items of the pool have that label, or it among others; none without a target."""
    if not target_label:
        return np.zeros(len(data.pool.labels), bool)
    named = {
        answer for answer in set(data.pool.labels.tolist()) if target_label in labels_of_target(data.task_type, answer)
    }
    return np.array([answer in named for answer in data.pool.labels.tolist()], bool)


def labels_of_target(task_type: TaskType, answer: str) -> set[str]:
    """Return the labels that an answer, as a target, names."""
    return {name for name, _ in task_type.answer.components(task_type.answer.value(answer))}


def full_data_scores(data: SimulationData, estimators: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return {estimator: {metric: score}} of a model of the whole pool, on the held-out items: what all labels give."""
    score, labels = score_function(data.task_type), data.pool.labels.astype(str)
    return {
        name: score(
            data.held_out.labels,
            estimator_named(name)(data.pool.model_input, labels, 0).predict(data.held_out.model_input),
        )
        for name in estimators
    }


def run_trials(
    data: SimulationData,
    plan: SimulationPlan,
    trials: Sequence[Trial],
    folder: Path,
    processes: int = 1,
    progress: ProgressCallback = _ignore_progress,
) -> list[TrialResult]:
    """Run all trials and return their results in that order; `folder` is for the shared arrays.

    Whatever ends it early (Ctrl+C, an error in a trial) ends its processes too.
    """
    if processes <= 1:
        return list(_run_in_order(data, plan, trials, progress))
    data.save(folder)
    with _process_pool(folder, plan, min(processes, len(trials))) as (pool, labels_given):
        with _ignore_sigint():
            futures = [pool.submit(_run_in_worker, trial) for trial in trials]
        pending: set[Future[TrialResult]] = set(futures)
        while pending:
            done, pending = wait(pending, POLL_SECONDS, FIRST_COMPLETED)
            for future in done:
                future.result()  # raises what went wrong
            progress(labels_given.value)
        return [future.result() for future in futures]


def _run_in_order(
    data: SimulationData, plan: SimulationPlan, trials: Sequence[Trial], progress: ProgressCallback
) -> Iterator[TrialResult]:
    """Yield the result of each trial; `progress` is called with the labels of all so far."""
    before = 0
    for trial in trials:

        def report_total_labels(labels: int, before: int = before) -> None:
            progress(before + labels)

        result = run_trial(data, plan, trial, report_total_labels)
        before += result.points[-1].labels if result.points else 0
        yield result


@contextmanager
def _ignore_sigint() -> Iterator[None]:
    """Let processes that are started meanwhile never hear Ctrl+C, not even while they import: the parent ends them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _process_pool(folder: Path, plan: SimulationPlan, processes: int) -> Iterator[tuple[ProcessPoolExecutor, Any]]:
    """Yield fresh processes and their shared count of labels; none of them outlives the block."""
    context = multiprocessing.get_context("spawn")  # a fork would keep the parent's threads of linear algebra
    labels_given = context.Value("q", 0)
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(processes, context, _init_worker, (folder, plan, labels_given))
    try:
        yield pool, labels_given
    except BaseException:
        for child in set(multiprocessing.active_children()) - others:
            child.terminate()
        pool.shutdown(wait=True, cancel_futures=True)
        raise
    pool.shutdown()


# In a process of the pool

Counter: TypeAlias = Any  # of multiprocessing: a Value that all processes of the pool share
_shared: tuple[SimulationData, SimulationPlan, Counter] | None = None


def ignore_library_warnings() -> None:
    """Keep what libraries warn of out of the log of a simulation, from now on; Margin's own warnings stay."""
    warnings.filterwarnings("ignore", module=LIBRARIES_WARNED_OF)


def _init_worker(folder: Path, plan: SimulationPlan, labels_given: Counter) -> None:
    global _shared
    use_one_blas_thread()
    ignore_library_warnings()
    _shared = SimulationData.load(folder), plan, labels_given


def _run_in_worker(trial: Trial) -> TrialResult:
    assert _shared is not None
    data, plan, labels_given = _shared
    before = 0

    def add_to_shared_count(labels: int) -> None:
        nonlocal before
        with labels_given.get_lock():
            labels_given.value += labels - before
        before = labels

    return run_trial(data, plan, trial, add_to_shared_count)
