"""Many replays of one labelled data set: every strategy with every learner and seed, side by side on all cores.

Pure. The features lie in a file that each process maps; a process has one thread of linear algebra. What comes
out does not depend on how many processes there are.
"""

import itertools
import json
import multiprocessing
import signal
import threading
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
from learner.engine.arrays.blas_threads import one_thread
from learner.engine.contracts.iteration import IterationSettings
from learner.engine.estimators import estimator
from learner.engine.simulation.replay import Known, Point, Start, score_of, simulate
from learner.engine.storage.append_only_arrays import row_files

LOOK = 0.2  # seconds between two looks at how far the processes are

Progress = Callable[[int], None]  # labels given so far, over all trials


def _go_on(labels: int) -> None:
    """Never abort."""


@dataclass(frozen=True)
class Data:
    """A labelled pool and the items to judge by."""

    pool: Known
    held: Known
    task: str = "text_classification"  # a key of TASK_TYPES
    settings: Mapping[str, Any] = field(default_factory=dict)  # of the project, where the task type looks at them

    @property
    def task_type(self) -> TaskType:
        """The task type as the settings have it."""
        return TASK_TYPES[self.task].with_settings(self.settings)

    def save(self, folder: Path) -> None:
        """Write what `load` maps."""
        for name, items in (("pool", self.pool), ("held", self.held)):
            _keep(folder / name, items)
        (folder / "task.json").write_text(json.dumps([self.task, dict(self.settings)]), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Data":
        """Read what `save` wrote; the features are mapped, read-only."""
        task, settings = json.loads((folder / "task.json").read_text(encoding="utf-8"))
        return cls(_kept(folder / "pool"), _kept(folder / "held"), task, settings)


def _keep(folder: Path, items: Known) -> None:
    """Write labelled items into a folder of their own: the matrix, dense or sparse, and the rest as JSON."""
    folder.mkdir(exist_ok=True)
    rows, dimensions = items.features.shape
    sparse = bool(issparse(items.features))
    entries = row_files(folder, dimensions, sparse=sparse).append(items.features, 0, 0)
    contents = None if items.contents is None else items.contents.tolist()
    facts = {"rows": rows, "dimensions": dimensions, "sparse": sparse, "entries": entries}
    known = facts | {"labels": items.labels.tolist(), "contents": contents}
    (folder / "items.json").write_text(json.dumps(known), encoding="utf-8")


def _kept(folder: Path) -> Known:
    facts = json.loads((folder / "items.json").read_text(encoding="utf-8"))
    features = row_files(folder, facts["dimensions"], sparse=facts["sparse"]).open(facts["rows"], facts["entries"])
    contents = None if facts["contents"] is None else objects(facts["contents"])
    return Known(features, objects(facts["labels"]), contents)


def objects(values: Sequence[Any]) -> NDArray[np.object_]:
    """Return (n,) of any things, texts of any length among them, each stored once."""
    found = np.empty(len(values), object)
    found[:] = values
    return found


@dataclass(frozen=True)
class Plan:
    """What every trial has in common."""

    budget: int = 500  # training labels
    test_size: int = 300  # items of the pool that go to the test sample, as in a live project
    start: Start = field(default_factory=Start)
    target: str = ""  # the label that is searched for; "": none is
    settings: IterationSettings = field(default_factory=IterationSettings)  # but for the strategy and the learner


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
    points: list[Point]
    readable: int  # items that could be labelled for training
    relevant: int  # of these, with the label that is searched for
    found_at: list[int]  # after how many labels each of them was found, ascending; those that were

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, facts: dict[str, Any]) -> "TrialResult":
        points = [Point(**point) for point in facts["points"]]
        return cls(Trial(**facts["trial"]), points, facts["readable"], facts["relevant"], facts["found_at"])


def trials(strategies: Sequence[str], estimators: Sequence[str], seeds: int) -> list[Trial]:
    """Return every combination, seed by seed: after the first round of them all can be compared already."""
    every = itertools.product(range(seeds), estimators, strategies)
    return [Trial(strategy, estimator, seed) for seed, estimator, strategy in every]


def run_trial(data: Data, plan: Plan, trial: Trial, progress: Progress = _go_on) -> TrialResult:
    """Run one replay. `progress` is called with its labels so far."""
    settings = replace(
        plan.settings,
        strategy=trial.strategy,
        estimator=trial.estimator,
        target=plan.target or plan.settings.target_label,
    )
    replay = simulate(
        data.pool,
        settings,
        trial.seed,
        plan.budget,
        test_size=plan.test_size,
        held=data.held,
        start=plan.start,
        progress=progress,
        task_type=data.task_type,
    )
    wanted = with_label(data, plan.target)
    found = (np.flatnonzero(wanted[replay.train_rows]) + 1).tolist()
    return TrialResult(trial, replay.curve, len(replay.readable), int(wanted[replay.readable].sum()), found)


def with_label(data: Data, target: str) -> NDArray[np.bool_]:
    """Return (n,) which items of the pool have that label, or it among others; none without a target."""
    if not target:
        return np.zeros(len(data.pool.labels), bool)
    named = {answer for answer in set(data.pool.labels.tolist()) if target in names_in(data.task_type, answer)}
    return np.array([answer in named for answer in data.pool.labels.tolist()], bool)


def names_in(task_type: TaskType, answer: str) -> set[str]:
    """Return the labels that a target names."""
    return {name for name, _ in task_type.answer.components(task_type.answer.value(answer))}


def full_scores(data: Data, estimators: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return {learner: {figure: value}} of a model of the whole pool, on the held items: what all labels give."""
    score, labels = score_of(data.task_type), data.pool.labels.astype(str)
    return {
        name: score(data.held.labels, estimator(name)(data.pool.model_input, labels, 0).predict(data.held.model_input))
        for name in estimators
    }


def run_trials(
    data: Data, plan: Plan, wanted: Sequence[Trial], folder: Path, processes: int = 1, progress: Progress = _go_on
) -> list[TrialResult]:
    """Run all trials and return their results in that order; `folder` is a place for the shared arrays.

    Whatever ends it early (Ctrl+C, an error in a trial) ends its processes too.
    """
    if processes <= 1:
        return list(_one_by_one(data, plan, wanted, progress))
    data.save(folder)
    with _pool(folder, plan, min(processes, len(wanted))) as (pool, given):
        with _ignore_sigint():
            futures = [pool.submit(_run, trial) for trial in wanted]
        pending: set[Future[TrialResult]] = set(futures)
        while pending:
            done, pending = wait(pending, LOOK, FIRST_COMPLETED)
            for future in done:
                future.result()  # raises what went wrong
            progress(given.value)
        return [future.result() for future in futures]


def _one_by_one(data: Data, plan: Plan, wanted: Sequence[Trial], progress: Progress) -> Iterator[TrialResult]:
    before = 0
    for trial in wanted:

        def on(labels: int, before: int = before) -> None:
            progress(before + labels)

        result = run_trial(data, plan, trial, on)
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
def _pool(folder: Path, plan: Plan, processes: int) -> Iterator[tuple[ProcessPoolExecutor, Any]]:
    """Yield fresh processes and their shared count of labels; none of them outlives the block."""
    fresh = multiprocessing.get_context("spawn")  # a fork would keep the parent's threads of linear algebra
    given = fresh.Value("q", 0)
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(processes, fresh, _begin, (folder, plan, given))
    try:
        yield pool, given
    except BaseException:
        for child in set(multiprocessing.active_children()) - others:
            child.terminate()
        pool.shutdown(wait=True, cancel_futures=True)
        raise
    pool.shutdown()


# In a process of the pool

Counter: TypeAlias = Any  # of multiprocessing: a Value that all processes of the pool share
_shared: tuple[Data, Plan, Counter] | None = None


def _begin(folder: Path, plan: Plan, given: Counter) -> None:
    global _shared
    one_thread()
    _shared = Data.load(folder), plan, given


def _run(trial: Trial) -> TrialResult:
    assert _shared is not None
    data, plan, given = _shared
    before = 0

    def on(labels: int) -> None:
        nonlocal before
        with given.get_lock():
            given.value += labels - before
        before = labels

    return run_trial(data, plan, trial, on)
