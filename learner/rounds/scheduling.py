"""What is due: the database says it, messages (waking.py) only have a worker look.

Numbers stay out of this file, so that the web server, which imports it, needs none.
"""

from dataclasses import dataclass

from django.utils import timezone

from annotation.models import Project
from learner.loop_options import loop_options
from learner.models import LearnerState, Round, Trigger
from learner.rounds import statements


@dataclass(frozen=True)
class Outlook:
    """Whether a round of a project is due, and else how many answers are missing until one is."""

    trigger: Trigger | None = None
    answers_left: int | None = None  # None: none can be due before something else has ended


def due_projects() -> list[tuple[int, Trigger]]:
    """Return the projects for which a round is due, each with the reason.

    One query whatever the number of projects; it counts only the answers since the last round.
    """
    triggers = ((candidate.project.pk, _due_trigger(candidate)) for candidate in statements.projects_with_news())
    return [(pk, trigger) for pk, trigger in triggers if trigger is not None]


def outlook_of_project(project_pk: int) -> Outlook:
    """Return whether a round of this project is due, in one query."""
    candidate = statements.project_to_check(project_pk)
    if candidate is None:
        return Outlook()
    if (trigger := _due_trigger(candidate)) is not None:
        return Outlook(trigger)
    return Outlook(answers_left=loop_options(candidate.project).batch_size - candidate.new_answers)


def _due_trigger(candidate: statements.ProjectNews) -> Trigger | None:
    """Return why a round is due; None where none is."""
    if candidate.is_requested:
        return Trigger.REQUESTED
    if candidate.project.item_count > candidate.known_items:
        return Trigger.FIRST
    return Trigger.BATCH if candidate.new_answers >= loop_options(candidate.project).batch_size else None


def stalled_sharded_rounds() -> list[tuple[int, str]]:
    """Return the sharded rounds of which nothing has been done for too long, each with who had it."""
    return list(Round.objects.stalled().values_list("pk", "worker"))


def request_round(project: Project) -> None:
    """Make a round due now because a person wants one, even when it would wait after failures."""
    LearnerState.objects.update_or_create(project=project, defaults={"requested_at": timezone.now(), "retry_at": None})
