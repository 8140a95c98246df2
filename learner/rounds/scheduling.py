"""What is due: the database says it, messages (waking.py) only have a worker look.

Numbers stay out of this file, so that the web server, which imports it, needs none.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

from django.db.models import BigIntegerField, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from annotation.models import Annotation, Import, JobStatus, LabelChange, Project
from learner.loop_options import loop_options
from learner.models import LearnerState, Round, Trigger

Annotated: TypeAlias = Any  # a Project with what the query counted of it


@dataclass(frozen=True)
class Outlook:
    """Whether a round of a project is due, and else how many answers are missing until one is."""

    trigger: Trigger | None = None
    answers_left: int | None = None  # None: none can be due before something else has ended


def due_projects() -> list[tuple[int, Trigger]]:
    """Return the projects for which a round is due, each with the reason.

    One query whatever the number of projects; it counts only the answers since the last round.
    """
    something_new = Q(requested_at__isnull=False) | Q(item_count__gt=F("known_items")) | Q(fresh__gt=0)
    triggers = ((project.pk, _due_trigger(project)) for project in _projects_to_check().filter(something_new))
    return [(pk, trigger) for pk, trigger in triggers if trigger is not None]


def outlook_of_project(project_pk: int) -> Outlook:
    """Return whether a round of this project is due, in one query."""
    project = _projects_to_check().filter(pk=project_pk).first()
    if project is None:
        return Outlook()
    if (trigger := _due_trigger(project)) is not None:
        return Outlook(trigger)
    return Outlook(answers_left=loop_options(project).batch_size - project.fresh)


def _projects_to_check() -> QuerySet[Any]:
    """Return the projects in which nothing is under way that a round would have to wait for."""
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
    )


def _due_trigger(project: Annotated) -> Trigger | None:
    """Return why a round of a project of `_projects_to_check` is due; None where none is."""
    if project.requested_at is not None:
        return Trigger.REQUESTED
    if project.item_count > project.known_items:
        return Trigger.FIRST
    return Trigger.BATCH if project.fresh >= loop_options(project).batch_size else None


def stalled_sharded_rounds() -> list[tuple[int, str]]:
    """Return the sharded rounds of which nothing has been done for too long, each with who had it."""
    return list(Round.objects.stalled().values_list("pk", "worker"))


def request_round(project: Project) -> None:
    """Make a round due now because a person wants one, even when it would wait after failures."""
    LearnerState.objects.update_or_create(project=project, defaults={"requested_at": timezone.now(), "retry_at": None})
