"""Suggestions are withheld from a share of the items, the same for everybody."""

from collections.abc import Callable
from typing import Any

import pytest

from annotation import queue
from annotation.models import Assignment, Item, Project, Reason, User
from annotation.suggesting import Suggesting

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

HAM = {"labels": ["ham"]}


def test_the_share_is_kept_and_a_larger_one_holds_a_smaller() -> None:
    small, large = (Suggesting("shown", share, 7) for share in (0.1, 0.3))
    few, more = ({item for item in range(5000) if one.withholds(item)} for one in (small, large))
    assert 430 <= len(few) <= 570
    assert 1400 <= len(more) <= 1600
    assert few < more
    assert not any(Suggesting("shown", 0.0, 7).withholds(item) for item in range(100))
    assert few != {item for item in range(5000) if Suggesting("shown", 0.1, 8).withholds(item)}


@pytest.mark.parametrize(
    ("mode", "reason", "shows"),
    [
        ("shown", Reason.UNCERTAIN, True),
        ("after", Reason.RANDOM, True),
        ("hidden", Reason.UNCERTAIN, False),
        ("shown", Reason.TEST, False),
    ],
)
def test_never_of_the_test_sample_nor_where_hidden(mode: str, reason: str, shows: bool) -> None:
    assert Suggesting(mode, 0.0, 1).shows(Assignment(item_id=3, reason=reason)) is shows


def test_the_api_hands_out_none_where_it_is_withheld(
    project: Project, annotator: User, make_items: Callable[..., list[Item]], api_of: Callable[..., Any]
) -> None:
    project.settings = {"suggestion": "shown", "withhold_share": 0.4}
    project.save()
    items = make_items(project, 40)
    queue.publish(project, [queue.Ranked(item.pk, "uncertain", suggestion=HAM) for item in items], 1)
    rows = api_of(annotator).post(f"/api/v1/projects/{project.pk}/next/", {"n": 40}, format="json").json()
    suggesting = Suggesting.of(project)
    withheld = {row["item"]["id"] for row in rows if row["suggestion"] is None}
    assert withheld == {item.pk for item in items if suggesting.withholds(item.pk)}
    assert 5 <= len(withheld) <= 30
