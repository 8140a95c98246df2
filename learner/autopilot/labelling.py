"""Label a project to a given number of answers, batch by batch, as people do: each batch sees the newest model."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Max

from annotation.models import Annotation, Item, Project, Split
from learner.autopilot.annotator_pool import AnnotatorPool
from learner.loop_options import loop_options
from learner.models import Round
from learner.rounds.scheduling import request_round
from learner.rounds.waking import wake_worker

POLL_SECONDS = 0.02
ENDLESS = 10**9


class NoRound(Exception):
    """The round that should have come did not; the message says what is known."""


@dataclass(frozen=True)
class LabellingPlan:
    """When to stop, and whether every batch waits for the model of the one before."""

    labels: int | None = None  # answers given in this run
    training_labels: int | None = None  # labelled items outside the test sample, whoever labelled them
    wait: bool = True
    patience: float = 180.0  # seconds to wait for a round


def label_by_plan(
    project: Project, pool: AnnotatorPool, plan: LabellingPlan, on_round: Callable[[Round], None] = lambda _: None
) -> int:
    """Let the pool label by the plan; return how many answers they gave. Raises CallFailed or NoRound."""
    start = pool.answer_count
    if plan.wait:
        on_round(wait_for_model(project, plan.patience, upto=0))
    while (count := _answers_before_next_check(project, plan, pool.answer_count - start)) > 0:
        if pool.give_answers(count) < count:
            break  # nothing is left
        if plan.wait and _count_answers_since_model(project) >= loop_options(project).batch_size:
            on_round(_wait_for_batch(project, plan.patience))
    if plan.wait and _count_answers_since_model(project):
        request_round_now(project)
        on_round(wait_for_model(project, plan.patience))
    return pool.answer_count - start


def _answers_before_next_check(project: Project, plan: LabellingPlan, answered: int) -> int:
    """Return how many answers may come before the next look at where we are."""
    left = ENDLESS if plan.labels is None else plan.labels - answered
    if plan.training_labels is not None:
        left = min(left, plan.training_labels - count_training_labels(project))
    return (
        min(left, max(1, loop_options(project).batch_size - _count_answers_since_model(project))) if plan.wait else left
    )


def count_training_labels(project: Project) -> int:
    """Count the labelled items that may train."""
    items = Item.objects.filter(project=project, split__in=[Split.POOL, Split.GOLD])
    return items.labelled().count()


def _newest_done_round(project: Project) -> Round | None:
    return Round.objects.done().filter(project=project).order_by("-number").first()


def _count_answers_since_model(project: Project) -> int:
    """Count the answers since the newest model, as `due_projects` does."""
    newest = _newest_done_round(project)
    answers = Annotation.objects.answers().filter(project=project)
    return answers.filter(pk__gt=newest.answers_upto if newest else 0).count()


def request_round_now(project: Project) -> None:
    """Ask for a round now; the sweep finds it where the message does not arrive."""
    request_round(project)
    wake_worker(project.pk)


def _wait_for_batch(project: Project, patience: float) -> Round:
    """Wait until no whole batch waits for a model: a round asked for meanwhile may have seen most of one."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        newest = _newest_done_round(project)
        if newest and _count_answers_since_model(project) < loop_options(project).batch_size:
            return newest
        time.sleep(POLL_SECONDS)
    return wait_for_model(project, 0)  # says what went wrong


def wait_for_model(project: Project, patience: float, upto: int | None = None) -> Round:
    """Wait for a done round that saw all answers given so far (or those up to `upto`); raises NoRound."""
    if upto is None:
        upto = Annotation.objects.filter(project=project).aggregate(last=Max("pk"))["last"] or 0
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        newest = _newest_done_round(project)
        if newest and newest.answers_upto >= upto:
            return newest
        time.sleep(POLL_SECONDS)
    failed = Round.objects.filter(project=project, status="failed").order_by("-number").first()
    why = f" Round {failed.number} failed: {failed.error}" if failed else " Is a worker running?"
    raise NoRound(f"No round came within {patience:g} seconds.{why}")
