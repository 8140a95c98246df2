"""What is due: the database says it, messages only wake a worker to look.

Numbers stay out of this file, so that the web server, which imports it, needs none.
"""

import logging
from typing import Any, TypeAlias

from celery import current_app
from django.db.models import BigIntegerField, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from kombu.exceptions import OperationalError

from annotation.models import Annotation, Import, JobStatus, LabelChange, Project
from learner.loop_options import loop_options
from learner.models import LearnerState, Round, Trigger

logger = logging.getLogger(__name__)

Annotated: TypeAlias = Any  # a Project with what the query counted of it

QUEUE = "train"  # the Celery queue of features and rounds


def due(project_pk: int | None = None) -> list[tuple[int, Trigger]]:
    """Return the projects (or whether this one) for which a round is due, each with the reason.

    One query whatever the number of projects; it counts only the answers since the last round.
    """
    projects = _projects_to_check()
    if project_pk is not None:
        projects = projects.filter(pk=project_pk)
    triggers = ((project.pk, _trigger(project)) for project in projects)
    return [(pk, trigger) for pk, trigger in triggers if trigger is not None]


def _projects_to_check() -> QuerySet[Any]:
    rounds = Round.objects.filter(project=OuterRef("pk"))
    last = rounds.done().order_by("-number")
    running = rounds.filter(status=JobStatus.RUNNING).exclude(pk__in=Round.objects.stale().values("pk"))
    importing = Import.objects.unfinished().filter(project=OuterRef("pk"))
    relabelling = LabelChange.objects.unfinished().filter(project=OuterRef("pk"))
    fresh = Annotation.objects.answers().filter(project=OuterRef("pk"), pk__gt=OuterRef("upto"))
    fresh_count = fresh.order_by().values("project").annotate(n=Count("pk")).values("n")
    return (
        Project.objects.filter(~Exists(running), ~Exists(importing), ~Exists(relabelling), item_count__gt=0)
        .filter(Q(learner_state__retry_at__isnull=True) | Q(learner_state__retry_at__lte=timezone.now()))
        .annotate(
            upto=Coalesce(Subquery(last.values("answers_upto")[:1]), 0, output_field=BigIntegerField()),
            known_items=Coalesce(Subquery(last.values("items")[:1]), 0, output_field=IntegerField()),
            requested_at=F("learner_state__requested_at"),
        )
        .annotate(fresh=Coalesce(Subquery(fresh_count), 0, output_field=IntegerField()))
        .filter(Q(requested_at__isnull=False) | Q(item_count__gt=F("known_items")) | Q(fresh__gt=0))
    )


def _trigger(project: Annotated) -> Trigger | None:
    if project.requested_at is not None:
        return Trigger.REQUESTED
    if project.item_count > project.known_items:
        return Trigger.FIRST
    return Trigger.BATCH if project.fresh >= loop_options(project).batch_size else None


def stalled() -> list[tuple[int, str]]:
    """Return the sharded rounds of which nothing has been done for too long, each with who had it."""
    return list(Round.objects.stalled().values_list("pk", "worker"))


def request_round(project: Project) -> None:
    """Make a round due now because a person wants one, even when it would wait after failures."""
    LearnerState.objects.update_or_create(project=project, defaults={"requested_at": timezone.now(), "retry_at": None})


def wake(project_pk: int, task: str = "run_rounds", countdown: float = 0, **arguments: bool) -> None:
    """Have a worker look at the project; where no broker answers, the sweep will find it."""
    try:
        current_app.send_task(
            f"learner.tasks.{task}", (project_pk,), arguments, countdown=countdown, ignore_result=True
        )
    except OperationalError:
        logger.warning("no broker: the sweep will find project %s", project_pk)
