"""Answers about training items held against what was predicted before any model had seen them (prequential)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from annotation.models import Annotation, Project, Reason, Split
from learner.engine.evaluation.importance_weighting import (
    MIN_EFFECTIVE_ANSWERS,
    WeightedAccuracy,
    WeightedSample,
    estimate_weighted_accuracy,
)
from learner.engine.statistics.estimates import MIN_TEST_ANSWERS, Estimate, accuracy_estimate
from learner.engine.task_profiles import TASK_PROFILES
from learner.loop_options import loop_options
from learner.models import Round
from learner.reports.small_samples import too_few_answers_message

NO_FOLDS = {"right": 0, "n": 0}
MAX_ANSWERS = 600  # answers about training items that are looked at: older models say little about the present one


@dataclass(frozen=True)
class PrequentialAnswer:
    """An answer, and how far the model that asked would have given it."""

    reason: str
    round: int
    probability: float | None
    right: float  # 0 to 1
    shown: bool  # the suggestion was on the screen


def prequential_answers(project: Project) -> list[PrequentialAnswer]:
    """Return the newest answers that a model had suggested something for, in the order given; two queries."""
    rows = list(
        Annotation.objects.answers()
        .filter(
            project=project,
            item__split=Split.POOL,
            reason__in=[Reason.UNCERTAIN, Reason.RANDOM],
            round__isnull=False,
            suggestion__isnull=False,
        )
        .order_by("-created_at", "-pk")
        .values_list("item", "reason", "round", "probability", "suggestion", "suggestion_shown")[:MAX_ANSWERS]
    )
    targets: dict[int, list[str]] = defaultdict(list)
    answers_of_items = Annotation.objects.answers().filter(project=project, item__in={row[0] for row in rows})
    for item, value in answers_of_items.order_by().values_list("item", "value"):
        targets[item].append(project.kind.answer.target(value or {}))
    first_rows = {row[0]: row for row in rows}  # with several answers about an item, the first
    answers = []
    for item, reason, number, probability, suggestion, shown in reversed(first_rows.values()):
        agreed = project.kind.answer.consensus(targets[item])
        if agreed is not None and suggestion and number is not None:
            right = project.kind.answer.similarity(project.kind.answer.target(suggestion), agreed)
            answers.append(PrequentialAnswer(reason, number, probability, right, shown))
    return answers


def _accuracy_estimate(answers: Sequence[PrequentialAnswer]) -> dict[str, Any] | None:
    """Return the mean correctness with its interval; None with too few answers."""
    if len(answers) < MIN_TEST_ANSWERS:
        return None
    return asdict(accuracy_estimate(sum(one.right for one in answers), len(answers)))


def random_arm_accuracy_report(answers: Sequence[PrequentialAnswer]) -> dict[str, Any]:
    """Return {accuracy, reason} of the answers to items of the random arm."""
    arm = [one for one in answers if one.reason == Reason.RANDOM]
    share = _accuracy_estimate(arm)
    return {"accuracy": share, "reason": "" if share else too_few_answers_message(len(arm))}


def weighted_accuracy_report(project: Project, answers: Sequence[PrequentialAnswer]) -> dict[str, Any]:
    """Return the importance-weighted accuracy with its n and effective sample size, or why it is hidden."""
    estimate = estimate_weighted_accuracy(_strategy_draws_by_round(project, answers))
    reason = _no_weighted_accuracy_reason(project, estimate)
    shown = None
    if estimate is not None and not reason:
        shown = asdict(Estimate(estimate.value, estimate.low, estimate.high, estimate.n))
    return {
        "accuracy": shown,
        "n": estimate.n if estimate else 0,
        "effective": estimate.effective_sample_size if estimate else None,
        "reach": estimate.coverage if estimate else None,
        "reason": reason,
    }


def _strategy_draws_by_round(project: Project, answers: Sequence[PrequentialAnswer]) -> list[WeightedSample]:
    """Return the strategy's draws by round, of the rounds that noted how many items they drew from.

    A round is left out where an answer has no probability: a grid took it for what the model says of it, and then the
    others are no sequence of draws either.
    """
    by_round: dict[int, list[PrequentialAnswer]] = defaultdict(list)
    for one in answers:
        if one.reason == Reason.UNCERTAIN:
            by_round[one.round].append(one)
    by_round = {number: some for number, some in by_round.items() if all(one.probability for one in some)}
    pools = project.rounds.filter(number__in=by_round).values_list("number", "metrics__pool")
    return [
        WeightedSample(
            pool,
            np.array([one.probability for one in by_round[number]], np.float64),
            np.array([one.right for one in by_round[number]], np.float64),
        )
        for number, pool in pools
        if pool and pool >= len(by_round[number])
    ]


def _no_weighted_accuracy_reason(project: Project, estimate: WeightedAccuracy | None) -> str:
    """Return why the weighted accuracy is not shown; "" when it is."""
    if estimate is None:
        if loop_options(project).strategy == "random":
            return _("The strategy is random, so nothing has to be weighted.")
        return _(
            "No answers yet about items that were drawn with a known probability; "
            "the strategies Boltzmann, Power and Soft rank draw so, where people label one by one."
        )
    if estimate.n < MIN_TEST_ANSWERS:
        return too_few_answers_message(estimate.n)
    if not estimate.covers_pool and estimate.coverage > 1:
        return _(
            "Not shown: a few unlikely answers weigh too much. Together the answers stand for %(reach)s of the items "
            "they were drawn from. A larger effective pool or a smaller beta makes the weights more even."
        ) % {"reach": f"{estimate.coverage:.1%}"}
    if not estimate.covers_pool:
        return _(
            "Not shown: the draw is so sharp that its answers stand for %(reach)s of the items it drew from. "
            "A larger effective pool or a smaller beta reaches more of them."
        ) % {"reach": f"{estimate.coverage:.1%}"}
    if not estimate.has_enough_answers:
        return _(
            "Not shown: the weights are so unequal that %(n)d answers say as much as %(effective)d equal ones; "
            "it takes %(needed)d."
        ) % {"n": estimate.n, "effective": estimate.effective_sample_size, "needed": MIN_EFFECTIVE_ANSWERS}
    return ""


def biased_accuracy_report(
    project: Project, answers: Sequence[PrequentialAnswer], rounds: Sequence[Round]
) -> dict[str, Any]:
    """Return the naive accuracies on chosen labels, prequential and out of fold, or why there is none."""
    chosen = [one for one in answers if one.reason == Reason.UNCERTAIN]
    prequential = _accuracy_estimate(chosen)
    out_of_fold_counts = next(
        (row.metrics["out_of_fold"] for row in reversed(rounds) if "out_of_fold" in row.metrics), NO_FOLDS
    )
    out_of_fold = (
        asdict(accuracy_estimate(out_of_fold_counts["right"], out_of_fold_counts["n"]))
        if out_of_fold_counts["n"] >= MIN_TEST_ANSWERS
        else None
    )
    few = too_few_answers_message(out_of_fold_counts["n"])
    if not TASK_PROFILES[project.task_type].answers.cross_validates:
        few = _("Not measured: it takes five more models, each of which learns long.")
    return {
        "before_training": prequential,
        "before_training_reason": "" if prequential else too_few_answers_message(len(chosen)),
        "out_of_fold": out_of_fold,
        "out_of_fold_reason": "" if out_of_fold else few,
    }
