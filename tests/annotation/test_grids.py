"""Grids: what is handed out together, what never is, and what of the loop's promises holds all the same."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from annotation.models import Annotation, Assignment, Item, Project, Reason, User
from annotation.queue import leasing, publishing
from annotation.queue.image_grids import GRID_ITEMS, SINGLE_ITEMS, choose_items
from annotation.queue.publishing import Ranked
from annotation.queue.suggestion_policy import SuggestionPolicy

HAM, SPAM = {"labels": ["ham"]}, {"labels": ["spam"]}
LABELS = [None if n % 4 == 3 else "rose" if n % 3 else "tulip" for n in range(120)]  # a quarter to be asked alone


# Which items


def test_a_grid_is_of_the_best_items_label_and_of_the_best_of_that_label() -> None:
    chosen = choose_items(LABELS, 27)
    tulips = [place for place, label in enumerate(LABELS) if label == "tulip"]
    assert LABELS[0] == "tulip"
    assert chosen[:GRID_ITEMS] == tulips[:GRID_ITEMS]


@pytest.mark.parametrize("n", [7, 20, 27, 54, 60, 100])
def test_what_is_asked_alone_keeps_its_share_however_many_are_wanted(n: int) -> None:
    chosen = choose_items(LABELS, n)
    max_singles = [place for place in chosen if LABELS[place] is None]
    assert len(set(chosen)) == len(chosen) <= n
    assert len(chosen) >= n - 2
    assert len(max_singles) / len(chosen) == pytest.approx(0.25, abs=0.06)
    assert max_singles == [3 + 4 * k for k in range(len(max_singles))]  # in the order of the queue: a lot stays a lot


def test_all_of_a_short_queue_is_handed_out_in_the_end() -> None:
    labels = [*LABELS[:30]]
    assert sorted(choose_items(labels, 100)) == list(range(30))
    assert choose_items([], 10) == []


def test_without_anything_for_a_grid_few_are_handed_out() -> None:
    assert choose_items([None] * 50, 60) == list(range(SINGLE_ITEMS))
    assert choose_items([None] * 50, 60, max_singles=-3) == []


# In a project


@pytest.fixture
def gridded(project: Project) -> Project:
    project.task_type, project.settings = "image_classification", {"suggestion": "shown"}
    project.save()
    return project


def rank(project: Project, items: list[Item], every_fourth: str) -> None:
    """Publish a queue of two classes by turns, whose every fourth item has that reason."""
    publishing.publish_queue(
        project,
        [
            Ranked(
                item.pk,
                every_fourth if n % 4 == 3 else Reason.UNCERTAIN,
                probability=0.1,
                suggestion=HAM if n % 2 else SPAM,
                suggestion_score=0.8,
            )
            for n, item in enumerate(items)
        ],
        7,
    )


MakeItems = Callable[..., list[Item]]


@pytest.mark.django_db
@pytest.mark.both_databases
@pytest.mark.parametrize("reason", [Reason.TEST, Reason.RANDOM])
def test_samples_by_lot_are_asked_alone_and_keep_their_order(
    gridded: Project, annotator: User, make_items: MakeItems, reason: str
) -> None:
    items = make_items(gridded, 80)
    rank(gridded, items, reason)
    rows = leasing.lease(gridded, annotator, 40, for_grids=True)
    policy = SuggestionPolicy.of_project(gridded)
    together = [row for row in rows if policy.is_groupable(row)]
    max_singles = [row.item for row in rows if not policy.is_groupable(row)]
    assert {row.reason for row in together} == {Reason.UNCERTAIN}
    assert max_singles == items[3 : 4 * len(max_singles) : 4]
    assert len(max_singles) >= 8
    assert [row.suggestion for row in together].count(SPAM) == GRID_ITEMS
    assert {row.probability for row in together} == {None}  # the grid chose it, not the draw
    assert {row.round for row in rows} == {7}


@pytest.mark.django_db
@pytest.mark.both_databases
def test_what_is_withheld_is_never_in_a_grid(gridded: Project, annotator: User, make_items: MakeItems) -> None:
    gridded.settings = {"suggestion": "shown", "withhold_share": 0.5}
    gridded.save()
    rank(gridded, make_items(gridded, 80), Reason.UNCERTAIN)
    rows = leasing.lease(gridded, annotator, 80, for_grids=True)
    policy = SuggestionPolicy.of_project(gridded)
    assert {policy.is_withheld(row.item_id) for row in rows} == {True, False}
    assert all(policy.is_groupable(row) != policy.is_withheld(row.item_id) for row in rows)


@pytest.mark.parametrize(
    ("task", "mode"), [("text_classification", "shown"), ("image_classification", "hidden"), ("boxes", "shown")]
)
def test_there_are_grids_of_images_of_one_label_whose_suggestion_is_seen(task: str, mode: str) -> None:
    assert not SuggestionPolicy.of_project(Project(task_type=task, seed=1, settings={"suggestion": mode})).grids
    assert SuggestionPolicy.of_project(
        Project(task_type="image_classification", seed=1, settings={"suggestion": "shown"})
    ).grids


@pytest.mark.django_db
@pytest.mark.both_databases
def test_nobody_gets_what_another_ones_grid_holds_and_the_same_grid_comes_again(
    gridded: Project, annotator: User, reviewer: User, make_items: MakeItems
) -> None:
    rank(gridded, make_items(gridded, 80), Reason.TEST)
    mine, theirs = (leasing.lease(gridded, user, 30, for_grids=True) for user in (annotator, reviewer))
    assert not {row.item_id for row in mine} & {row.item_id for row in theirs}
    assert leasing.lease(gridded, annotator, 30, for_grids=True) == mine  # as after the page was loaded again
    Assignment.objects.filter(user=annotator).update(expires_at="2026-01-01T00:00Z")  # a closed tab
    again = leasing.lease(gridded, reviewer, 80, for_grids=True)
    assert {row.item_id for row in mine} < {row.item_id for row in again}


@pytest.mark.django_db
@pytest.mark.both_databases
def test_before_the_first_model_and_without_a_queue_a_few_come_alone(
    gridded: Project, annotator: User, make_items: MakeItems
) -> None:
    items = make_items(gridded, 40)
    assert len(leasing.lease(gridded, annotator, 60, for_grids=True)) == SINGLE_ITEMS
    leasing.release_leases(gridded)
    publishing.publish_queue(gridded, [Ranked(item.pk, Reason.COLD) for item in items], None)
    for _ in range(2):
        assert len(leasing.lease(gridded, annotator, 60, for_grids=True)) == SINGLE_ITEMS


@pytest.mark.django_db
@pytest.mark.both_databases
def test_over_the_wire_a_grid_is_answered_in_one_call_and_says_what_was_seen(
    gridded: Project, annotator: User, make_items: MakeItems, api_of: Callable[..., Any]
) -> None:
    rank(gridded, make_items(gridded, 40), Reason.TEST)
    client, path = api_of(annotator), f"/api/v1/projects/{gridded.pk}"
    rows = client.post(f"{path}/next/", {"n": 25, "grids": True}, format="json").json()
    grid = [row for row in rows if row["together"]]
    assert {row["suggestion"]["labels"][0] for row in grid} == {"spam"}
    answers = [
        {"uuid": str(uuid4()), "item": row["item"]["id"], "outcome": "label", "suggestion_shown": True}
        | {"value": SPAM if n else HAM}
        for n, row in enumerate(grid)
    ]
    assert client.post(f"{path}/annotations/", answers, format="json").status_code == 201
    assert client.post(f"{path}/annotations/", answers, format="json").status_code == 200
    kept = Annotation.objects.values_list("suggestion_shown", "suggestion_changed", "round", "suggestion_score")
    assert sorted(kept) == [(True, n == len(grid) - 1, 7, 0.8) for n in range(len(grid))]
