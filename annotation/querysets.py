"""Every named set of rows; a filter is written here once and nowhere else."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from annotation.tasktypes import FIELDS

if TYPE_CHECKING:
    from annotation.models import (  # noqa: F401  (named in the base classes)
        Annotation,
        Assignment,
        Item,
        Membership,
        Project,
        QueueEntry,
        User,
    )


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: User) -> Self:
        """Projects in which the user takes part; all for an instance admin."""
        return self if user.is_superuser else self.filter(memberships__user=user)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def people(self) -> Self:
        return self.filter(user__is_machine=False)


class ItemQuerySet(models.QuerySet["Item"]):
    def open(self, overlap: int) -> Self:
        """Items that still want an answer from somebody."""
        return self.filter(answers__lt=overlap)

    def labelled(self) -> Self:
        return self.filter(answers__gt=0)

    def unlabelled(self) -> Self:
        return self.filter(answers=0)

    def with_any(self, annotations: models.QuerySet[Annotation]) -> Self:
        """Items about which there is at least one of these annotations."""
        return self.filter(pk__in=annotations.order_by().values("item"))

    def containing(self, project: Project, words: str) -> Self:
        """Items whose main content (the task type's keys) contains the words, whatever the case."""
        found, kind = Q(), project.kind
        for key in (*kind.required_content, *[FIELDS] * kind.takes_columns):
            # what a picture is, only its file's name says
            field = "external_id" if key == "image" else f"content__{key}"
            found |= Q(**{f"{field}__icontains": words})
        return self.filter(found)

    def with_free_slot(self, overlap: int) -> Self:
        """Items of which not all wanted places are answered or in somebody's hands."""
        from annotation.models import Assignment

        taken = Assignment.objects.taken().filter(item=OuterRef("pk")).order_by().values("item")
        return self.annotate(taken=Coalesce(Subquery(taken.annotate(n=Count("pk")).values("n")), 0)).filter(
            taken__lt=overlap
        )

    def untouched_by(self, user: User) -> Self:
        """Items that the user has neither answered, skipped nor flagged nor holds."""
        from annotation.models import Annotation, Assignment

        mine = {"item": OuterRef("pk"), "user": user}
        return self.filter(
            ~Exists(Annotation.objects.filter(**mine, live=True)), ~Exists(Assignment.objects.filter(**mine))
        )


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def in_hand(self) -> Self:
        return self.filter(answered=False, expires_at__gt=timezone.now())

    def expired(self) -> Self:
        return self.filter(answered=False, expires_at__lte=timezone.now())

    def taken(self, now: datetime | None = None) -> Self:
        """Slots nobody else may have: answered, or in hand by the clock."""
        return self.filter(Q(answered=True) | Q(expires_at__gt=now or timezone.now()))


class QueueEntryQuerySet(models.QuerySet["QueueEntry"]):
    def free_for(self, user: int, overlap: int, now: datetime) -> Self:
        """Entries whose slot is free at this moment and whose item the user has not had, best first."""
        from annotation.models import Annotation, Assignment

        taken = Assignment.objects.taken(now).filter(item=OuterRef("item"), slot=OuterRef("slot"))
        mine = Annotation.objects.filter(item=OuterRef("item"), user=user, live=True)
        held = Assignment.objects.taken(now).filter(item=OuterRef("item"), user=user)
        return self.filter(~Exists(taken), ~Exists(mine), ~Exists(held), item__answers__lt=overlap).order_by(
            "rank", "slot"
        )


class AnnotationQuerySet(models.QuerySet["Annotation"]):
    def live(self) -> Self:
        return self.filter(live=True)

    def answers(self) -> Self:
        """Live answers with a value: what counts, trains and evaluates."""
        return self.filter(live=True, outcome="label")

    def saying(self, project: Project, label: str) -> Self:
        """Live answers that have this label: alone, or in one of their parts."""
        answers = self.answers().filter(project=project)
        if not project.kind.several:
            return answers.filter(value=project.kind.value(label))
        # a value has no text that is the same as a label's and is none; databases differ in how they write it
        text = Cast("value", models.TextField())
        written = {json.dumps(label), json.dumps(label, ensure_ascii=False)}
        return answers.annotate(written=text).filter(
            reduce(or_, [Q(written__contains=name) for name in sorted(written)])
        )


class RunQuerySet(models.QuerySet[Any]):
    def stale(self) -> Self:
        """Runs whose worker has died."""
        limit = timezone.now() - timedelta(seconds=settings.STALE_SECONDS)
        return self.filter(status="running", heartbeat_at__lt=limit)

    def waiting(self) -> Self:
        """Runs that nobody works on: queued, or left by a dead worker."""
        return self.filter(status="queued") | self.stale()


def project_progress(project: Project) -> dict[str, int]:
    """Counts of items: all, labelled, and of the test sample."""
    items = project.items
    return {
        "items": project.item_count,
        "labelled": items.labelled().count(),
        "test": items.filter(split="test").count(),
        "test_labelled": items.filter(split="test").labelled().count(),
    }
