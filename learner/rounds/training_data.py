"""The rows of a project as the arrays of one iteration: answers, what is available, the control arm."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Count, Max, QuerySet
from numpy.typing import NDArray

from annotation.models import Annotation, Assignment, Item, Outcome, Project, Reason, Split
from learner.engine.arrays.sparse import Matrix, first_rows
from learner.engine.contracts.iteration import IterationInput
from learner.engine.loop.fixed_orders import (
    CONTROL_SALT,
    STOP_SALT,
    TEST_SALT,
    first_in_fixed_order,
    fixed_random_keys,
)
from learner.engine.task_profiles import TASK_PROFILES
from learner.models import Round
from learner.rounds.item_contents import CHUNK_ROWS, contents_of_first_items
from learner.rounds.search_columns import NO_SEARCH_COLUMNS, SearchColumns


@dataclass(frozen=True)
class Snapshot:
    """What a round may see; enough to see the same again later."""

    items: int
    answers_upto: int
    leased_positions: list[int]


@dataclass(frozen=True)
class Answers:
    """The settled answers about a project's items; positions ascend."""

    positions: NDArray[np.int64]
    labels: NDArray[Any]
    is_test: NDArray[np.bool_]
    is_random: NDArray[np.bool_]  # leased from the control arm
    live_count: int  # live answers, several people's about one item counted each


def take_snapshot(project: Project) -> Snapshot:
    """Return what a round may see now."""
    leases = Assignment.objects.leased().filter(project=project)
    return Snapshot(
        items=Project.objects.values_list("item_count", flat=True).get(pk=project.pk),
        answers_upto=Annotation.objects.filter(project=project).aggregate(last=Max("pk"))["last"] or 0,
        leased_positions=sorted(leases.values_list("item__position", flat=True)),
    )


def _live_annotations_at(project: Project, upto: int) -> QuerySet[Annotation]:
    """Annotations that were live, neither edited nor undone, when `upto` was the newest."""
    rows = Annotation.objects.filter(project=project, pk__lte=upto)
    return rows.exclude(superseded_by__isnull=False, superseded_by__pk__lte=upto).exclude(outcome=Outcome.UNDO)


def settled_answers(project: Project, upto: int) -> Answers:
    """Return what people agree on, as it was when annotation `upto` was the newest."""
    rows = (
        _live_annotations_at(project, upto)
        .filter(outcome=Outcome.LABEL)
        .order_by("pk")
        .values_list("item__position", "item__split", "reason", "round", "value")
    )
    by_position: dict[int, list[str]] = defaultdict(list)
    splits: dict[int, str] = {}
    random_positions: set[int] = set()
    live_count, kind = 0, project.kind
    for position, split, reason, round_number, value in rows.iterator(chunk_size=CHUNK_ROWS):
        by_position[position].append(kind.answer.target(value or {}))
        splits[position] = split
        live_count += 1
        if reason == Reason.RANDOM and round_number is not None:  # without a round: the queue had run dry
            random_positions.add(position)
    agreed = {
        position: target for position in sorted(by_position) if (target := kind.answer.consensus(by_position[position]))
    }
    return Answers(
        positions=np.fromiter(agreed, dtype=np.int64, count=len(agreed)),
        labels=np.array(list(agreed.values()), dtype=object),
        is_test=np.array([splits[position] == Split.TEST for position in agreed], dtype=bool),
        is_random=np.array([position in random_positions for position in agreed], dtype=bool),
        live_count=live_count,
    )


def build_iteration_input(
    project: Project,
    snapshot: Snapshot,
    features: Matrix,
    answers: Answers,
    *,
    seed: int,
    number: int,
    search_columns: SearchColumns = NO_SEARCH_COLUMNS,
) -> IterationInput:
    """Gather what one turn needs. Reads only rows that were touched, never the whole pool."""
    n = min(snapshot.items, features.shape[0])
    test_rows = np.array(
        Item.objects.filter(project=project, split=Split.TEST, position__lt=n).values_list("position", flat=True),
        dtype=np.int64,
    )
    excluded = _excluded_positions(project, snapshot, n)
    available = np.ones(n, dtype=bool)
    available[test_rows] = False
    available[excluded] = False
    is_training = ~answers.is_test & (answers.positions < n)
    rows, labels = answers.positions[is_training], answers.labels[is_training]
    control = _control_arm_mask(project.seed, rows, answers.is_random[is_training])
    open_rows = np.flatnonzero(available).astype(np.int64)
    open_test = np.setdiff1d(test_rows, excluded)
    return IterationInput(
        features=first_rows(features, n),
        train_rows=rows,
        train_labels=labels,
        control_rows=rows[control],
        control_labels=labels[control],
        available=available,
        random_rows=first_in_fixed_order(project.seed, CONTROL_SALT, open_rows, 1000),
        test_rows=test_rows,
        open_test_rows=first_in_fixed_order(project.seed, TEST_SALT, open_test, 1000),
        seed=seed,
        round_number=number,
        stop_set_rows=_stop_set_rows(project, test_rows, n),
        contents=contents_of_first_items(project, n),
        terms=search_columns.terms,
        topic=search_columns.topic,
        previous_choices=_previous_choices(project, number),
    )


def _previous_choices(project: Project, number: int) -> dict[str, Any]:
    """Return what the model of the round before chose; nothing where that is not known."""
    before = project.rounds.done().filter(number__lt=number).order_by("-number")
    return before.values_list("metrics__choices", flat=True).first() or {}


def _stop_set_rows(project: Project, test_rows: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Positions whose predictions are compared from round to round: a random sample, labelled or not.

    The same in every round until items are imported; then some of them come in, so that it stays a
    sample of all, and the comparison begins again.
    """
    pool = np.ones(n, dtype=bool)
    pool[test_rows] = False
    size = TASK_PROFILES[project.task_type].answers.stop_set_size
    return first_in_fixed_order(project.seed, STOP_SALT, np.flatnonzero(pool).astype(np.int64), size)


def _excluded_positions(project: Project, snapshot: Snapshot, n: int) -> NDArray[np.int64]:
    """Return the sorted positions below n not to rank: answered, flagged, leased, or skipped by all there are."""
    touched = _live_annotations_at(project, snapshot.answers_upto)
    closed = touched.filter(outcome__in=[Outcome.LABEL, Outcome.FLAG]).values_list("item__position", flat=True)
    people = max(1, project.memberships.people().count())
    skipped = (
        touched.filter(outcome=Outcome.SKIP)
        .values("item__position")
        .annotate(people=Count("pk"))
        .filter(people__gte=people)
        .values_list("item__position", flat=True)
    )
    positions = np.array([*closed, *skipped, *snapshot.leased_positions], dtype=np.int64)
    return np.unique(positions[positions < n])


def _control_arm_mask(seed: int, rows: NDArray[np.int64], is_random: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which training rows are a uniform sample of the pool.

    The control arm is served in a fixed random order. Every labelled item up to the last one it
    served belongs to that random sample, also those that the strategy had picked before.
    """
    if not is_random.any():
        return np.zeros(len(rows), dtype=bool)
    keys = fixed_random_keys(seed, CONTROL_SALT, rows)
    arm: NDArray[np.bool_] = keys <= keys[is_random].max()
    return arm


def rebuild_iteration_input(
    current: Round, features: Matrix, search_columns: SearchColumns = NO_SEARCH_COLUMNS
) -> IterationInput:
    """Return the input of a round once more, from the rows as they were at its snapshot."""
    snapshot = Snapshot(current.items, current.answers_upto, current.leased_positions)
    answers = settled_answers(current.project, snapshot.answers_upto)
    return build_iteration_input(
        current.project,
        snapshot,
        features,
        answers,
        seed=current.seed,
        number=current.number,
        search_columns=search_columns,
    )
