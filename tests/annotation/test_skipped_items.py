"""What a person skipped comes back when the person asks for it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from annotation.models import Annotation, Assignment, Item, Project, Reason, User
from annotation.queue import answering, leasing, publishing, undoing
from annotation.queue.answering import Answer
from annotation.queue.publishing import Ranked
from learner.reports.progress import progress_document

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def leased(project: Project, user: User, n: int = 10, *, skipped: bool = True) -> list[int]:
    return [row.item_id for row in leasing.lease(project, user, n, skipped=skipped)]


def say(project: Project, user: User, item: int, outcome: str = "label") -> Annotation:
    value = {"labels": ["ham"]} if outcome == "label" else None
    return answering.submit_answers(project, user, [Answer(uuid4(), item, outcome, value)]).created[0]


@pytest.fixture
def skipped(project: Project, annotator: User, make_items: Any) -> list[int]:
    """Three items, ranked by a model, all skipped by the annotator in this order."""
    items: list[Item] = make_items(project, 3)
    publishing.publish_queue(project, [Ranked(item.pk, Reason.UNCERTAIN, score=0.5) for item in items], 4)
    pks = leased(project, annotator, skipped=False)
    for pk in pks:
        say(project, annotator, pk, "skip")
    return pks


def test_they_come_only_when_asked_for(project, annotator, skipped) -> None:
    assert leased(project, annotator, skipped=False) == []
    rows = leasing.lease(project, annotator, 2, skipped=True)
    assert [row.item_id for row in rows] == skipped[:2]
    assert {(row.reason, row.round, row.score) for row in rows} == {(Reason.UNCERTAIN, 4, 0.5)}
    assert leased(project, annotator, skipped=False) == skipped[:2]  # in hand now


def test_they_come_after_everything_else(project, annotator, skipped, make_items) -> None:
    project.refresh_from_db()
    [new] = make_items(project, ["one more"])
    assert leased(project, annotator) == [new.pk, *skipped]


def test_an_answer_stands_in_place_of_the_skip(project, annotator, skipped) -> None:
    leased(project, annotator)
    answer = say(project, annotator, skipped[0])
    assert answer.supersedes.outcome == "skip"
    assert Item.objects.get(pk=skipped[0]).answers == 1
    assert skipped[0] not in leased(project, annotator)
    undoing.undo_answer(answer, annotator)
    assert skipped[0] in leased(project, annotator, skipped=False)


def test_what_is_skipped_again_goes_to_the_end(project, annotator, skipped) -> None:
    leased(project, annotator, 1)
    say(project, annotator, skipped[0], "skip")
    assert leased(project, annotator) == [*skipped[1:], skipped[0]]
    assert Annotation.objects.live().count() == 3


def test_not_what_somebody_else_has_or_has_answered(project, annotator, reviewer, skipped) -> None:
    leased(project, reviewer, skipped=False)
    say(project, reviewer, skipped[0])
    assert leased(project, annotator) == []
    Assignment.objects.filter(answered=False).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert leased(project, annotator) == skipped[1:]


def test_not_in_a_pause(project, annotator, skipped) -> None:
    project.paused_at = timezone.now()
    project.save()
    assert leased(project, annotator) == []


def test_the_api_counts_them_for_whoever_asks(project, annotator, reviewer, api_of, skipped) -> None:
    path = f"/api/v1/projects/{project.pk}/"
    assert api_of(annotator).get(path).json()["counts"]["skipped_by_me"] == 3
    assert api_of(reviewer).get(path).json()["counts"]["skipped_by_me"] == 0
    rows = api_of(annotator).post(f"{path}next/", {"limit": 5, "skipped": True}, format="json").json()
    assert [row["item"]["id"] for row in rows] == skipped
    say(project, annotator, skipped[0])
    assert api_of(annotator).get(path).json()["counts"]["skipped_by_me"] == 2


# The dashboard


def queue_text(project: Project) -> tuple[str, str]:
    queue = progress_document(project)["queue"]
    return queue["order"], queue["text"]


def test_the_dashboard_says_that_all_was_skipped(project, annotator, reviewer, lead, skipped) -> None:
    assert queue_text(project)[0] != "none"  # colleagues can have them
    project.memberships.exclude(user=annotator).delete()
    order, text = queue_text(project)
    assert order == "none"
    assert text.startswith("Nothing is left to hand out: what is open was skipped by everybody")


def test_the_dashboard_says_so_of_flags_too(project, annotator, skipped) -> None:
    project.memberships.exclude(user=annotator).delete()
    leased(project, annotator)
    say(project, annotator, skipped[0], "flag")
    say(project, annotator, skipped[1])
    assert queue_text(project)[0] == "none"
    leased(project, annotator)
    say(project, annotator, skipped[2])
    say_again = Annotation.objects.live().get(outcome="flag")
    answering.submit_answers(
        project,
        annotator,
        [Answer(uuid4(), skipped[0], "label", {"labels": ["ham"]}, replaces=say_again.uuid)],
    )
    assert queue_text(project) == ("none", "Every item has its answers.")
