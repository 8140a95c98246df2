"""Rows into arrays, arrays into a published queue: the one file of the learner that knows both sides."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Count, F, Max, QuerySet
from numpy.typing import NDArray

from annotation import grids, queue
from annotation.agreement import settled
from annotation.models import Annotation, Assignment, Item, Outcome, Project, Reason, Split
from annotation.suggesting import Suggesting
from annotation.tasktypes.label_ranking import DIGITS, Likely
from learner import estimatorchoice
from learner.engine.arrays.sparse import Matrix, head
from learner.engine.contracts.iteration import Choice, CycleInput, CycleSettings
from learner.engine.loop.fixed_orders import (
    CONTROL_SALT,
    STOP_SALT,
    TEST_SALT,
    first_in_order,
    random_keys,
    test_items_wanted,
)
from learner.engine.task_profiles import LEARNERS, TaskLearner
from learner.models import LearnerState

CHUNK = 2000  # items read at a time
AHEAD = 10  # items that the annotate screen keeps in hand, one by one


@dataclass(frozen=True)
class Moment:
    """What a round may see; enough to see the same again later."""

    items: int
    answers_upto: int
    in_hand: list[int]  # positions


@dataclass(frozen=True)
class Answers:
    """The settled answers about a project's items; positions ascend."""

    positions: NDArray[np.int64]
    labels: NDArray[Any]
    is_test: NDArray[np.bool_]
    is_random: NDArray[np.bool_]  # handed out by the control arm
    given: int  # live answers, several people's about one item counted each


def now(project: Project) -> Moment:
    """Return what can be seen now."""
    held = Assignment.objects.in_hand().filter(project=project)
    return Moment(
        items=Project.objects.values_list("item_count", flat=True).get(pk=project.pk),
        answers_upto=Annotation.objects.filter(project=project).aggregate(last=Max("pk"))["last"] or 0,
        in_hand=sorted(held.values_list("item__position", flat=True)),
    )


def contents(project: Project, start: int, stop: int) -> Iterator[list[Any]]:
    """Yield what learners read of the items at positions start..stop-1, in order, in chunks."""
    learner = LEARNERS[project.task_type]
    items = Item.objects.filter(project=project)
    for low in range(start, stop, CHUNK):
        part = items.filter(position__gte=low, position__lt=min(low + CHUNK, stop)).order_by("position")
        yield _read(learner, part.values_list("content", flat=True))


def _read(learner: TaskLearner, contents: Iterable[Any]) -> list[Any]:
    """Return what a learner reads of contents, files by their paths."""
    found = [learner.material(content) for content in contents]
    return [default_storage.path(name) for name in found] if learner.files else found


def read_by_models(project: Project, features: Matrix) -> Any:
    """Return what the project's models read of its first items: their features (n, d), or their contents (n,)."""
    contents = _all_contents(project, features.shape[0])
    return features if contents is None else contents


def contents_at(project: Project, positions: NDArray[np.integer[Any]]) -> NDArray[np.object_] | None:
    """Return (m,) what learners read of the items at these positions; None where they read the features."""
    learner = LEARNERS[project.task_type]
    if learner.reads == "features":
        return None
    items, found = Item.objects.filter(project=project), np.empty(len(positions), object)
    for low in range(0, len(positions), CHUNK):
        part = positions[low : low + CHUNK].tolist()
        known = dict(items.filter(position__in=part).values_list("position", "content"))
        found[low : low + len(part)] = _read(learner, (known[position] for position in part))
    return found


def _all_contents(project: Project, n: int) -> NDArray[np.object_] | None:
    """Return (n,) what learners read of the first items; None where they read the features."""
    if LEARNERS[project.task_type].reads == "features":
        return None
    found = np.empty(n, object)
    for place, one in enumerate(chain.from_iterable(contents(project, 0, n))):
        found[place] = one
    return found


def _standing(project: Project, upto: int) -> QuerySet[Annotation]:
    """Annotations that stood, neither edited nor taken back, when `upto` was the newest."""
    rows = Annotation.objects.filter(project=project, pk__lte=upto)
    return rows.exclude(superseded_by__isnull=False, superseded_by__pk__lte=upto).exclude(outcome=Outcome.UNDO)


def answers(project: Project, upto: int) -> Answers:
    """Return what people agree on, as it was when annotation `upto` was the newest."""
    rows = (
        _standing(project, upto)
        .filter(outcome=Outcome.LABEL)
        .order_by("pk")
        .values_list("item__position", "item__split", "reason", "round", "value")
    )
    by_position: dict[int, list[str]] = defaultdict(list)
    splits: dict[int, str] = {}
    random: set[int] = set()
    given, kind = 0, project.kind
    for position, split, reason, round_number, value in rows.iterator(chunk_size=CHUNK):
        by_position[position].append(kind.target(value or {}))
        splits[position] = split
        given += 1
        if reason == Reason.RANDOM and round_number is not None:  # without a round: the queue had run dry
            random.add(position)
    agreed = {position: gold for position in sorted(by_position) if (gold := settled(kind, by_position[position]))}
    return Answers(
        positions=np.fromiter(agreed, dtype=np.int64, count=len(agreed)),
        labels=np.array(list(agreed.values()), dtype=object),
        is_test=np.array([splits[position] == Split.TEST for position in agreed], dtype=bool),
        is_random=np.array([position in random for position in agreed], dtype=bool),
        given=given,
    )


def freeze_test_sample(project: Project) -> None:
    """Draw the random test sample, once; later imports add to it at the same rate."""
    known = LearnerState.objects.filter(project=project, test_frozen_items__gte=F("project__item_count"))
    if known.exists():
        return  # as in nearly every round, and then nobody is kept from writing
    with transaction.atomic():
        state, _ = LearnerState.objects.select_for_update().get_or_create(project=project)
        count = Project.objects.values_list("item_count", flat=True).get(pk=project.pk)
        if count <= state.test_frozen_items:
            return
        items = Item.objects.filter(project=project)
        people = Annotation.objects.live().filter(project=project, user__is_machine=False)
        answered = people.filter(item__split=Split.TEST).exists()
        start = state.test_frozen_items if answered else 0
        if not answered:
            items.filter(split=Split.TEST).update(split=Split.POOL)
        frozen = items.filter(split=Split.TEST).count()
        size = test_items_wanted(
            wanted=project.setting("test_size"),
            items=count,
            frozen=frozen,
            frozen_among=state.test_frozen_items,
            answered=answered,
        )
        held = Assignment.objects.filter(project=project)
        touched = [*people.values_list("item__position", flat=True), *held.values_list("item__position", flat=True)]
        free = np.setdiff1d(np.arange(start, count), np.array(touched, dtype=np.int64))
        chosen = first_in_order(project.seed, TEST_SALT, free, max(0, size - frozen)).tolist()
        for low in range(0, len(chosen), CHUNK):
            items.filter(position__in=chosen[low : low + CHUNK]).update(split=Split.TEST)
        state.test_frozen_items = count
        state.save(update_fields=["test_frozen_items"])


def cycle_settings(project: Project) -> CycleSettings:
    names = (
        "strategy",
        "beta",
        "beta_end",
        "beta_labels",
        "effective_pool",
        "batch_size",
        "random_share",
        "test_share",
    )
    spread = project.setting("spread_share")
    return CycleSettings(
        depth=_depth(project),
        estimator=estimatorchoice.chosen(project)[0],
        target=project.label_setting("target_label"),
        shares={"margin": 1 - spread, "spread": spread} if project.setting("strategy") == "mixture" else {},
        **{name: project.setting(name) for name in names},
    )


def _depth(project: Project) -> int:
    """Return how long the queue is to be: enough while a round runs, and no more, for each round writes it anew."""
    batch_size = int(project.setting("batch_size"))
    ahead = grids.AHEAD if Suggesting.of(project).grids else AHEAD
    ahead *= project.memberships.people().count()  # what all of them take at once when they begin
    return max(200, min(2 * batch_size + ahead, 2000), batch_size)


def cycle_input(
    project: Project, moment: Moment, features: Matrix, seen: Answers, *, seed: int, number: int
) -> CycleInput:
    """Gather what one turn needs. Reads only rows that were touched, never the whole pool."""
    n = min(moment.items, features.shape[0])
    test_rows = np.array(
        Item.objects.filter(project=project, split=Split.TEST, position__lt=n).values_list("position", flat=True),
        dtype=np.int64,
    )
    spent = _spent(project, moment, n)
    available = np.ones(n, dtype=bool)
    available[test_rows] = False
    available[spent] = False
    train = ~seen.is_test & (seen.positions < n)
    rows, labels = seen.positions[train], seen.labels[train]
    control = _control_arm(project.seed, rows, seen.is_random[train])
    open_rows = np.flatnonzero(available).astype(np.int64)
    open_test = np.setdiff1d(test_rows, spent)
    return CycleInput(
        features=head(features, n),
        train_rows=rows,
        train_labels=labels,
        control_rows=rows[control],
        control_labels=labels[control],
        available=available,
        random_rows=first_in_order(project.seed, CONTROL_SALT, open_rows, 1000),
        test_rows=test_rows,
        open_test_rows=first_in_order(project.seed, TEST_SALT, open_test, 1000),
        seed=seed,
        number=number,
        stop_rows=_stop_rows(project, test_rows, n),
        contents=_all_contents(project, n),
    )


def _stop_rows(project: Project, test_rows: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Positions whose predictions are compared from round to round: a random sample, labelled or not.

    The same in every round until items are imported; then some of them come in, so that it stays a
    sample of all, and the comparison begins again.
    """
    pool = np.ones(n, dtype=bool)
    pool[test_rows] = False
    size = LEARNERS[project.task_type].stop_set
    return first_in_order(project.seed, STOP_SALT, np.flatnonzero(pool).astype(np.int64), size)


def _spent(project: Project, moment: Moment, n: int) -> NDArray[np.int64]:
    """Positions not to rank: answered, flagged, in somebody's hands, or skipped by all who could answer."""
    touched = _standing(project, moment.answers_upto)
    closed = touched.filter(outcome__in=[Outcome.LABEL, Outcome.FLAG]).values_list("item__position", flat=True)
    people = max(1, project.memberships.people().count())
    skipped = (
        touched.filter(outcome=Outcome.SKIP)
        .values("item__position")
        .annotate(people=Count("pk"))
        .filter(people__gte=people)
        .values_list("item__position", flat=True)
    )
    positions = np.array([*closed, *skipped, *moment.in_hand], dtype=np.int64)
    return np.unique(positions[positions < n])


def _control_arm(seed: int, rows: NDArray[np.int64], is_random: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which training rows are a uniform sample of the pool.

    The control arm is served in a fixed random order. Every labelled item up to the last one it
    served belongs to that random sample, also those that the strategy had picked before.
    """
    if not is_random.any():
        return np.zeros(len(rows), dtype=bool)
    keys = random_keys(seed, CONTROL_SALT, rows)
    arm: NDArray[np.bool_] = keys <= keys[is_random].max()
    return arm


def ranked(project: Project, choices: Sequence[Choice]) -> list[queue.Ranked]:
    """Turn choices into queue entries; items that still want a second opinion come first."""
    overlap = project.setting("overlap")
    items = Item.objects.filter(project=project)
    entries = []
    if overlap > 1:
        wanting = items.labelled().open(overlap).exclude(split=Split.TEST).values_list("pk", flat=True)[:1000]
        entries = [queue.Ranked(item=pk, reason=Reason.OVERLAP) for pk in wanting]
    rows = [choice.row for choice in choices]
    ids = dict(items.filter(position__in=rows).values_list("position", "pk"))
    open_labels = set(project.label_names())
    ranks = project.kind.ranks_labels and len(open_labels) > DIGITS
    for choice in choices:
        suggestion = project.kind.value(choice.label) if choice.label is not None else None
        entries.append(
            queue.Ranked(
                item=ids[choice.row],
                reason=choice.reason,
                score=choice.score,
                probability=choice.probability,
                suggestion=suggestion,
                suggestion_score=choice.label_score,
                likely=_likely(choice, open_labels) if ranks else None,
            )
        )
    return entries


def _likely(choice: Choice, labels: Set[str]) -> Likely | None:
    """Return the likeliest of the labels that can be given now; None without a model."""
    found = [{"label": name, "score": round(score, 4)} for name, score in choice.likely if name in labels]
    return found or None
