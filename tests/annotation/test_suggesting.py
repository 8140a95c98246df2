"""Suggestions are withheld from a share of the items, the same for everybody."""

from collections.abc import Callable
from typing import Any

import pytest

from annotation.models import Assignment, Item, Project, Reason, User
from annotation.projects import projects
from annotation.queue import leasing, publishing
from annotation.queue.suggestion_policy import SuggestionPolicy
from annotation.views.annotate import annotate_page_data

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

HAM = {"labels": ["ham"]}


def test_the_share_is_kept_and_a_larger_one_holds_a_smaller() -> None:
    small, large = (SuggestionPolicy("shown", share, 7) for share in (0.1, 0.3))
    few, more = ({item for item in range(5000) if one.is_withheld(item)} for one in (small, large))
    assert 430 <= len(few) <= 570
    assert 1400 <= len(more) <= 1600
    assert few < more
    assert not any(SuggestionPolicy("shown", 0.0, 7).is_withheld(item) for item in range(100))
    assert few != {item for item in range(5000) if SuggestionPolicy("shown", 0.1, 8).is_withheld(item)}


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
    assert SuggestionPolicy(mode, 0.0, 1).is_shown(Assignment(item_id=3, reason=reason)) is shows


def test_the_api_hands_out_none_where_it_is_withheld(
    project: Project, annotator: User, make_items: Callable[..., list[Item]], api_of: Callable[..., Any]
) -> None:
    project.settings = {"suggestion": "shown", "withhold_share": 0.4}
    project.save()
    items = make_items(project, 40)
    publishing.publish_queue(project, [publishing.Ranked(item.pk, "uncertain", suggestion=HAM) for item in items], 1)
    rows = api_of(annotator).post(f"/api/v1/projects/{project.pk}/next/", {"n": 40}, format="json").json()
    policy = SuggestionPolicy.of_project(project)
    withheld = {row["item"]["id"] for row in rows if row["suggestion"] is None}
    assert withheld == {item.pk for item in items if policy.is_withheld(item.pk)}
    assert 5 <= len(withheld) <= 30


def test_the_likeliest_labels_travel_only_with_suggestions_that_are_shown(
    project: Project, annotator: User, make_items: Callable[..., list[Item]], api_of: Callable[..., Any]
) -> None:
    names = [f"label {n}" for n in range(11)]
    projects.update_project(project, labels=[{"name": name} for name in names])
    likely = [{"label": name, "score": 0.2} for name in names[6:]]
    items = make_items(project, 40)

    def seen(**settings: Any) -> tuple[list[int], dict[str, Any]]:
        changed = projects.update_project(project, settings=settings)
        leasing.release_leases(changed)
        publishing.publish_queue(
            changed, [publishing.Ranked(item.pk, "uncertain", suggestion=HAM, label_scores=likely) for item in items], 1
        )
        rows = api_of(annotator).post(f"/api/v1/projects/{project.pk}/next/", {"n": 40}, format="json").json()
        assert all(row["likely"] in (None, likely) for row in rows)
        return [row["item"]["id"] for row in rows if row["likely"]], annotate_page_data(changed, annotator)

    shown, page = seen(suggestion="shown", withhold_share=0.4)
    withheld = {
        item.pk
        for item in items
        if SuggestionPolicy.of_project(Project.objects.get(pk=project.pk)).is_withheld(item.pk)
    }
    assert set(shown) == {item.pk for item in items} - withheld
    assert page["likely"] == 5
    assert {label["key"] for label in page["labels"]} == {""}  # the digits are theirs
    for mode in ("hidden", "after"):
        shown, page = seen(suggestion=mode)
        assert not shown
        assert page["likely"] == 0
        assert page["labels"][2]["key"] == "3"


def test_as_many_labels_as_digits_keep_their_places(project: Project, annotator: User) -> None:
    names = [{"name": f"label {n}"} for n in range(10)]
    page = annotate_page_data(
        projects.update_project(project, labels=names, settings={"suggestion": "shown"}), annotator
    )
    assert page["likely"] == 0
    assert [label["key"] for label in page["labels"]] == list("1234567890")
