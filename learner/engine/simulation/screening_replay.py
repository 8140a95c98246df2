"""A screening replayed on records whose labels are known: all of one label are to be found, as fast as can be.

As other screening software simulates it: some records of either kind are known to begin with, nothing is held out, the
whole set is read, and what counts is the order. The loop is that of live rounds.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from learner.engine.arrays.sparse import Matrix
from learner.engine.contracts.iteration import FittedIteration, IterationInput, IterationResult, IterationSettings, Rows
from learner.engine.contracts.query_strategy import Topic
from learner.engine.loop.iteration import build_queue, run_iteration
from learner.engine.screening import metrics

RECALL_SHARES = (0.05, 0.1, 0.2, 0.3, 0.5)  # of all records, after which the recall is told
NO_RECORDS: Rows = np.empty(0, np.intp)


@dataclass(frozen=True)
class ScreeningData:
    """Records whose labels are known."""

    features: Matrix  # (n, d)
    labels: NDArray[Any]  # (n,) strings
    target_label: str
    terms: csr_matrix | None = None  # (n, t), of texts
    topic: Topic | None = None

    @property
    def is_relevant(self) -> NDArray[np.bool_]:
        return np.asarray(self.labels.astype(str) == self.target_label)


@dataclass(frozen=True)
class Prior:
    """How many records of either kind are known to begin with, drawn at random."""

    relevant: int = 1
    irrelevant: int = 1


@dataclass(frozen=True)
class ScreeningResult:
    """One replay."""

    strategy: str
    seed: int
    known_rows: Rows  # those known to begin with
    read_rows: Rows  # the others in the order in which they were read; all of them
    is_relevant: NDArray[np.bool_]  # of `read_rows`
    rounds: int  # until all relevant records were found
    cpu_seconds_per_round: float

    @property
    def loss(self) -> float:
        return metrics.screening_loss(self.is_relevant)

    @property
    def wss95(self) -> float:
        return metrics.work_saved_over_random_order(self.is_relevant)

    @property
    def atd(self) -> float:
        return metrics.average_time_to_discovery(self.is_relevant)

    @property
    def recall_at_shares(self) -> list[float]:
        return [metrics.recall_at_share(self.is_relevant, share) for share in RECALL_SHARES]


def _ignore_progress(records: int) -> None:
    """Never abort."""


@dataclass
class _Reading:
    """What has been read so far, in its order."""

    data: ScreeningData
    rows: list[int]
    random_order: Rows  # (n,)
    available: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.available = np.ones(len(self.data.labels), bool)
        self.available[self.rows] = False

    def iteration_input(self, seed: int, number: int) -> IterationInput:
        train_rows = np.array(self.rows, np.intp)
        return IterationInput(
            features=self.data.features,
            train_rows=train_rows,
            train_labels=self.data.labels[train_rows],
            control_rows=NO_RECORDS,
            control_labels=self.data.labels[NO_RECORDS],
            available=self.available.copy(),
            random_rows=self.random_order[self.available[self.random_order]],
            test_rows=NO_RECORDS,
            open_test_rows=NO_RECORDS,
            seed=seed,
            round_number=number,
            terms=self.data.terms,
            topic=self.data.topic,
        )

    def read(self, rows: Sequence[int]) -> None:
        self.rows.extend(rows)
        self.available[list(rows)] = False


def replay_screening(
    data: ScreeningData,
    settings: IterationSettings,
    prior: Prior,
    seed: int,
    progress: Callable[[int], None] = _ignore_progress,
    *,
    with_model: bool = True,
) -> ScreeningResult:
    """Read all records in the order of the loop, a batch of `settings.batch_size` between two rounds.

    Rounds end when all relevant records are found: the order of what is left changes no figure. `progress` is called
    with the records read so far; it may raise to abort. Without `with_model` the project's model is not fitted, for
    strategies that do without: the order is the same, sooner. Raises ValueError where there are not enough records of
    either kind.
    """
    settings = _screening_settings(data, settings)
    is_relevant = data.is_relevant
    known_rows = draw_prior(is_relevant, prior, seed)
    random_order = np.random.default_rng(seed).permutation(len(data.labels))
    reading, number, cpu_seconds = _Reading(data, known_rows.tolist(), random_order), 0, 0.0
    while (is_relevant & reading.available).any():
        number += 1
        started = time.process_time()
        result = _run_round(reading.iteration_input(seed, number), settings, with_model=with_model)
        cpu_seconds += time.process_time() - started
        reading.read([choice.row for choice in result.choices[: settings.batch_size]])
        progress(len(reading.rows))
    reading.read(np.flatnonzero(reading.available).tolist())
    progress(len(reading.rows))
    read_rows = np.array(reading.rows[len(known_rows) :], np.intp)
    return ScreeningResult(
        settings.strategy, seed, known_rows, read_rows, is_relevant[read_rows], number, cpu_seconds / max(number, 1)
    )


def measure_round(
    data: ScreeningData, settings: IterationSettings, known_rows: Rows, number: int, *, with_model: bool
) -> float:
    """Return the CPU seconds of one round, the records at `known_rows` being read."""
    reading = _Reading(data, known_rows.tolist(), np.arange(len(data.labels)))
    inputs = reading.iteration_input(0, number)
    started = time.process_time()
    _run_round(inputs, _screening_settings(data, settings), with_model=with_model)
    return time.process_time() - started


def _screening_settings(data: ScreeningData, settings: IterationSettings) -> IterationSettings:
    """Return the settings of a project that finds all: nothing is held out or drawn at random."""
    return replace(
        settings, target_label=data.target_label, test_share=0.0, random_share=0.0, depth=settings.batch_size
    )


def _run_round(inputs: IterationInput, settings: IterationSettings, *, with_model: bool) -> IterationResult:
    """Run one round, or only the part that chooses."""
    if with_model:
        return run_iteration(inputs, settings)
    return build_queue(inputs, settings, FittedIteration(None, None), None)


def draw_prior(is_relevant: NDArray[np.bool_], prior: Prior, seed: int) -> Rows:
    """Return the rows known to begin with. Raises ValueError where none would be left to find, or too few are there."""
    rng, rows = np.random.default_rng(seed), []
    for members, count in ((is_relevant, prior.relevant), (~is_relevant, prior.irrelevant)):
        candidates = np.flatnonzero(members)
        if len(candidates) <= count:
            raise ValueError(f"{count} known records of {len(candidates)} leave none to read.")
        rows.append(rng.permutation(candidates)[:count])
    return np.concatenate(rows).astype(np.intp)
