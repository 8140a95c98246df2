"""The plain SQL that looks for due rounds finds what the query set would."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from annotation.models import Annotation, Import, Item, JobStatus, LabelChange, Project, User
from annotation.projects.projects import create_project
from learner.models import LearnerState, Round
from learner.rounds import statements
from tests.learner.factories import answer

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def candidates() -> QuerySet[Any]:
    """Projects in which nothing is under way, with the counts of `ProjectNews`."""
    rounds = Round.objects.filter(project=OuterRef("pk"))
    last = rounds.done().order_by("-number")
    running = rounds.filter(status=JobStatus.RUNNING).exclude(pk__in=Round.objects.stale().values("pk"))
    importing = Import.objects.unfinished().filter(project=OuterRef("pk"))
    relabelling = LabelChange.objects.unfinished().filter(project=OuterRef("pk"))
    fresh = Annotation.objects.answers().filter(project=OuterRef("pk"), pk__gt=OuterRef("upto"))
    count = fresh.order_by().values("project").annotate(n=Count("pk")).values("n")
    return (
        Project.objects.filter(~Exists(running), ~Exists(importing), ~Exists(relabelling), item_count__gt=0)
        .filter(Q(learner_state__retry_at__isnull=True) | Q(learner_state__retry_at__lte=timezone.now()))
        .annotate(
            upto=Coalesce(Subquery(last.values("answers_upto")[:1]), 0),
            known=Coalesce(Subquery(last.values("items")[:1]), 0),
            requested_at=F("learner_state__requested_at"),
        )
        .annotate(fresh=Coalesce(Subquery(count), 0))
    )


def news_of(row: Any) -> tuple[Project, bool, int, int]:
    return row, row.requested_at is not None, row.known, row.fresh


def found(news: statements.ProjectNews) -> tuple[Project, bool, int, int]:
    return news.project, news.is_requested, news.known_items, news.new_answers


def test_plain_sql_finds_what_the_query_set_does(lead: User, make_items: Callable[..., list[Item]]) -> None:
    now = timezone.now()
    old, soon = now - timedelta(days=1), now + timedelta(days=1)
    names = ("new", "empty", "asked", "failed", "tried", "busy", "dead", "all")
    projects = {name: create_project(lead, name, "text_classification", [{"name": "a"}]) for name in names}
    items = {name: make_items(project, 3) for name, project in projects.items() if name != "empty"}
    LearnerState.objects.create(project=projects["asked"], requested_at=now)
    LearnerState.objects.create(project=projects["failed"], retry_at=soon)
    LearnerState.objects.create(project=projects["tried"], retry_at=old)
    add_round(projects["busy"], 1, status=JobStatus.RUNNING)
    add_round(projects["dead"], 1, status=JobStatus.RUNNING, heartbeat_at=old)
    answer(items["dead"], lead, ["a", "a", "a"])
    last = answer(items["all"], lead, ["a", "a", "a"])[-1].pk
    add_round(projects["all"], 1, items=2, answers_upto=0, status=JobStatus.DONE)
    add_round(projects["all"], 2, items=3, answers_upto=last, status=JobStatus.DONE)
    expected = {row.pk: news_of(row) for row in candidates()}
    assert {row.name for row, *_ in expected.values()} == {"new", "asked", "tried", "dead", "all"}
    for project in projects.values():
        news = statements.project_to_check(project.pk)
        assert (news and found(news)) == expected.get(project.pk)
    with_news = candidates().filter(Q(requested_at__isnull=False) | Q(item_count__gt=F("known")) | Q(fresh__gt=0))
    assert [found(news) for news in statements.projects_with_news()] == [news_of(row) for row in with_news]
    assert statements.project_to_check(10**30) is None


def test_the_project_is_whole(project: Project, make_items: Callable[..., list[Item]]) -> None:
    make_items(project, 1)
    news = statements.project_to_check(project.pk)
    assert news is not None
    stored = Project.objects.get(pk=project.pk)
    for field in Project._meta.concrete_fields:
        assert getattr(news.project, field.attname) == getattr(stored, field.attname), field.name


def add_round(project: Project, number: int, **fields: Any) -> None:
    Round.objects.create(project=project, number=number, trigger="batch", seed=1, **fields)
