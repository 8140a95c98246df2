"""How far to trust the figures: other estimates beside the test sample's, whether the model knows how sure it may be,
and what was gained over random labels.

An answer about a training item comes with what the round that chose it would have said, before any model had seen
the answer. That gives three figures about the last models: of the random arm (honest, as it is a random sample), of
the strategy's draws weighted by their probabilities (honest within limits), and of the strategy's draws as they are
(biased: it asks about what is hard).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from numpy.typing import NDArray

from annotation.agreement import in_common, say_the_same, settled
from annotation.models import Annotation, Project, Reason, Split
from learner.anchoring import anchoring
from learner.engine.estimators.regression.bagging import SURE
from learner.engine.evaluation.calibration import calibration
from learner.engine.evaluation.importance_weighting import LEAST_EFFECTIVE, Drawn, Weighted, weighted
from learner.engine.evaluation.label_savings import FARTHEST, LEAST_POINTS, Needed, needed, paired
from learner.engine.statistics.estimates import MIN_TEST_ANSWERS, Estimate, accuracy
from learner.engine.task_profiles import LEARNERS
from learner.models import Round

NEWEST = 600  # answers about training items that are looked at: older models say little about the present one
NEAR = 0.1  # label counts that differ by less than this share, or by NEAR_LABELS, count as equal
NEAR_LABELS = 5

Gold = Mapping[str, str]


@dataclass(frozen=True)
class Before:
    """An answer, and how far the model that asked would have given it."""

    reason: str
    round: int
    probability: float | None
    right: float  # 0 to 1
    shown: bool  # the suggestion was on the screen


def trust(project: Project, gold: Gold, rounds: Sequence[Round]) -> dict[str, Any]:
    """Return the `trust` part of the progress document; every figure has its n, or a reason instead.

    `gold` are the settled test answers by position, `rounds` those with models, oldest first.
    """
    found = _answers_before_training(project)
    numbers = [one.round for one in found]
    return {
        "from_round": min(numbers, default=None),
        "to_round": max(numbers, default=None),
        "in_parts": project.kind.several,
        "suggestions_seen": sum(one.shown for one in found),
        "test_sample": _test_sample(project, gold, rounds),
        "anchoring": anchoring(project),
        "random_arm": _random_arm(found),
        "weighted": _weighted(project, found),
        "biased": _biased(project, found, rounds),
        "calibration": _calibration(project, gold, rounds),
        "equal_labels": _equal_labels(project, gold, rounds),
        "labels_saved": _labels_saved(project, gold, rounds),
    }


# Answers judged before training


def _answers_before_training(project: Project) -> list[Before]:
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
        .values_list("item", "reason", "round", "probability", "suggestion", "suggestion_shown")[:NEWEST]
    )
    said: dict[int, list[str]] = defaultdict(list)
    items = Annotation.objects.answers().filter(project=project, item__in={row[0] for row in rows})
    for item, value in items.order_by().values_list("item", "value"):
        said[item].append(project.kind.target(value or {}))
    first = {row[0]: row for row in rows}  # with several answers about an item, the first
    found = []
    for item, reason, number, probability, suggestion, shown in reversed(first.values()):
        agreed = settled(project.kind, said[item])
        if agreed is not None and suggestion and number is not None:
            right = in_common(project.kind, project.kind.target(suggestion), agreed)
            found.append(Before(reason, number, probability, right, shown))
    return found


def _share(found: Sequence[Before]) -> dict[str, Any] | None:
    if len(found) < MIN_TEST_ANSWERS:
        return None
    return asdict(accuracy(sum(one.right for one in found), len(found)))


def _too_few(n: int) -> str:
    message = ngettext(
        "%(n)d answer so far; it is shown from %(needed)d on.",
        "%(n)d answers so far; it is shown from %(needed)d on.",
        n,
    )
    return message % {"n": n, "needed": MIN_TEST_ANSWERS}


def _test_sample(project: Project, gold: Gold, rounds: Sequence[Round]) -> dict[str, Any] | None:
    """The newest model's figure, measured as the others are; None while it is unknown."""
    said = rounds[-1].test_predictions if rounds else {}
    right = _right(project, gold, [spot for spot in gold if spot in said], said)
    return asdict(accuracy(float(right.sum()), len(right))) if len(right) >= MIN_TEST_ANSWERS else None


def _random_arm(found: Sequence[Before]) -> dict[str, Any]:
    arm = [one for one in found if one.reason == Reason.RANDOM]
    share = _share(arm)
    return {"accuracy": share, "reason": "" if share else _too_few(len(arm))}


def _weighted(project: Project, found: Sequence[Before]) -> dict[str, Any]:
    """The importance-weighted estimate, or why it is hidden."""
    estimate = weighted(_draws(project, found))
    reason = _why_not_weighted(project, estimate)
    shown = None
    if estimate is not None and not reason:
        shown = asdict(Estimate(estimate.value, estimate.low, estimate.high, estimate.n))
    return {
        "accuracy": shown,
        "n": estimate.n if estimate else 0,
        "effective": estimate.effective if estimate else None,
        "reach": estimate.reach if estimate else None,
        "reason": reason,
    }


def _draws(project: Project, found: Sequence[Before]) -> list[Drawn]:
    """Return the strategy's draws by round, of the rounds that noted how many items they drew from.

    A round is left out where an answer has no probability: a grid took it for what the model says of it, and then the
    others are no sequence of draws either.
    """
    by_round: dict[int, list[Before]] = defaultdict(list)
    for one in found:
        if one.reason == Reason.UNCERTAIN:
            by_round[one.round].append(one)
    by_round = {number: some for number, some in by_round.items() if all(one.probability for one in some)}
    pools = project.rounds.filter(number__in=by_round).values_list("number", "metrics__pool")
    return [
        Drawn(
            pool,
            np.array([one.probability for one in by_round[number]], np.float64),
            np.array([one.right for one in by_round[number]], np.float64),
        )
        for number, pool in pools
        if pool and pool >= len(by_round[number])
    ]


def _why_not_weighted(project: Project, estimate: Weighted | None) -> str:
    if estimate is None:
        if project.setting("strategy") == "random":
            return _("The strategy is random, so nothing has to be weighted.")
        return _(
            "No answers yet about items that were drawn with a known probability; "
            "the strategies Boltzmann, Power and Soft rank draw so, where people label one by one."
        )
    if estimate.n < MIN_TEST_ANSWERS:
        return _too_few(estimate.n)
    if not estimate.is_reached and estimate.reach > 1:
        return _(
            "Not shown: a few unlikely answers weigh too much. Together the answers stand for %(reach)s of the items "
            "they were drawn from. A larger effective pool or a smaller beta makes the weights more even."
        ) % {"reach": f"{estimate.reach:.1%}"}
    if not estimate.is_reached:
        return _(
            "Not shown: the draw is so sharp that its answers stand for %(reach)s of the items it drew from. "
            "A larger effective pool or a smaller beta reaches more of them."
        ) % {"reach": f"{estimate.reach:.1%}"}
    if not estimate.is_enough:
        return _(
            "Not shown: the weights are so unequal that %(n)d answers say as much as %(effective)d equal ones; "
            "it takes %(needed)d."
        ) % {"n": estimate.n, "effective": estimate.effective, "needed": LEAST_EFFECTIVE}
    return ""


def _biased(project: Project, found: Sequence[Before], rounds: Sequence[Round]) -> dict[str, Any]:
    """The naive figures on chosen labels, to be shown as nothing else."""
    chosen = [one for one in found if one.reason == Reason.UNCERTAIN]
    before = _share(chosen)
    folded = (rounds[-1].metrics.get("out_of_fold") if rounds else None) or {"right": 0, "n": 0}
    folds = asdict(accuracy(folded["right"], folded["n"])) if folded["n"] >= MIN_TEST_ANSWERS else None
    few = _too_few(folded["n"])
    if not LEARNERS[project.task_type].folds:
        few = _("Not measured: it takes five more models, each of which learns long.")
    return {
        "before_training": before,
        "before_training_reason": "" if before else _too_few(len(chosen)),
        "out_of_fold": folds,
        "out_of_fold_reason": "" if folds else few,
    }


# Calibration


def _calibration(project: Project, gold: Gold, rounds: Sequence[Round]) -> dict[str, Any]:
    """Whether the newest model is right as often as it says, on the test sample."""
    empty: dict[str, Any] = {
        "bins": [],
        "error": None,
        "by_chance": None,
        "by_chance_high": None,
        "round": None,
        "what": "",
    }
    if not rounds:
        return {
            **empty,
            "n": 0,
            "reason": _("There is no model yet: it needs answers with at least two different labels."),
        }
    newest = rounds[-1]
    both = [spot for spot in gold if spot in newest.test_predictions and spot in newest.test_scores]
    if len(both) < MIN_TEST_ANSWERS:
        return {**empty, "n": len(both), "reason": _too_few(len(both))}
    if project.kind.scale is not None:
        return {**empty, "n": len(both), "round": newest.number, "reason": _held(gold, both, newest)}
    sure, right, what = _surety(project, {spot: gold[spot] for spot in both}, newest)
    if len(sure) < MIN_TEST_ANSWERS:
        return {**empty, "n": len(sure), "reason": _("The model says too little of the test sample yet.")}
    return {**asdict(calibration(sure, right, newest.number)), "round": newest.number, "what": what, "reason": ""}


def _surety(project: Project, gold: Gold, newest: Round) -> tuple[NDArray[np.float64], NDArray[np.bool_], str]:
    """Return how sure the model was of what it said, whether that is right, and what it is that was counted."""
    surety = LEARNERS[project.task_type].surety
    if surety is not None:
        return *surety(project.kind, gold, newest.test_predictions, newest.test_found), _("boxes in test images")
    sure = np.array([newest.test_scores[spot] for spot in gold], np.float64)
    right = np.array([say_the_same(project.kind, newest.test_predictions[spot], gold[spot]) for spot in gold], bool)
    return sure, right, _("whole test answers") if project.kind.several else _("test answers")


def _held(gold: Gold, spots: Sequence[str], newest: Round) -> str:
    """Say how many of the test answers lie in the intervals that the model gave with its numbers."""
    off = [abs(float(gold[spot]) - float(newest.test_predictions[spot])) for spot in spots]
    held = accuracy(sum(far <= newest.test_scores[spot] for far, spot in zip(off, spots, strict=True)), len(spots))
    message = _(
        "The model gives an interval with each number, which is to hold the answer in %(wanted)d %% of cases. It held "
        "%(value)s of %(n)d test answers (%(low)s to %(high)s)."
    )
    shares = {name: f"{getattr(held, name):.1%}" for name in ("value", "low", "high")}
    return message % {"wanted": round(100 * SURE), "n": held.n, **shares}


# The random arm beside the strategy


def _arms(project: Project, rounds: Sequence[Round]) -> tuple[list[Round], str]:
    """Return the newest round of each size of the random arm, or why there is nothing to compare."""
    if project.setting("strategy") == "random":
        return [], _("The strategy is random: there is nothing to compare it with.")
    newest = {row.control_labels: row for row in rounds if row.control_predictions and row.control_labels}
    arms = sorted(newest.values(), key=lambda row: row.control_labels)
    return arms, "" if arms else _("No model has been trained on the random arm alone yet.")


def _right(project: Project, gold: Gold, spots: Sequence[str], said: Mapping[str, str]) -> NDArray[np.float64]:
    """Return (n,) how far what was said of each test item is right, 0 to 1."""
    return np.array([in_common(project.kind, said[spot], gold[spot]) for spot in spots], np.float64)


def _equal_labels(project: Project, gold: Gold, rounds: Sequence[Round]) -> dict[str, Any]:
    """Compare the arms at the largest number of labels that a model of each of them had, on the same answers."""
    arms, reason = _arms(project, rounds)
    for arm in reversed(arms):
        active = min(rounds, key=lambda row: (abs(row.labels - arm.control_labels), -row.number))
        if abs(active.labels - arm.control_labels) > max(NEAR_LABELS, NEAR * arm.control_labels):
            continue
        spots = [s for s in gold if s in arm.control_predictions and s in active.test_predictions]
        if len(spots) < MIN_TEST_ANSWERS:
            reason = _too_few(len(spots))
            continue
        first = _right(project, gold, spots, active.test_predictions)
        second = _right(project, gold, spots, arm.control_predictions)
        return {
            "difference": asdict(paired(first, second)),
            "active": {"labels": active.labels, "accuracy": asdict(accuracy(float(first.sum()), len(first)))},
            "random": {"labels": arm.control_labels, "accuracy": asdict(accuracy(float(second.sum()), len(second)))},
            "reason": "",
        }
    reason = reason or _("Not yet known: no two models of the arms had about equally many labels.")
    return {"difference": None, "active": None, "random": None, "reason": reason}


def _labels_saved(project: Project, gold: Gold, rounds: Sequence[Round]) -> dict[str, Any]:
    """Estimate how many random labels would be as good as the newest model's, by the random arm's curve."""
    arms, reason = _arms(project, rounds)
    spots = _in_all(gold, [*(row.control_predictions for row in arms), *(row.test_predictions for row in rounds[-1:])])
    if not reason and len(spots) < MIN_TEST_ANSWERS:
        reason = _too_few(len(spots))
    if not reason and len(arms) < LEAST_POINTS:
        message = _("Not yet known: it takes the random arm at %(needed)d sizes, and there are %(have)d.")
        reason = message % {"needed": LEAST_POINTS, "have": len(arms)}
    if reason:
        return _saving(None, 0, reason)
    newest = rounds[-1]
    sizes, curve = (
        [row.control_labels for row in arms],
        [_right(project, gold, spots, row.control_predictions) for row in arms],
    )
    found = needed(sizes, np.array(curve), _right(project, gold, spots, newest.test_predictions), newest.number)
    if found is None:
        return _saving(None, newest.labels, _("Not yet known: the random arm's curve does not rise yet."))
    if found.value is None:
        message = _(
            "Not yet known: the random arm would need more than %(limit)d labels, "
            "and its curve is not to be believed beyond %(times)d times the labels that it has."
        )
        return _saving(found, newest.labels, message % {"limit": found.limit, "times": FARTHEST})
    return _saving(found, newest.labels, "")


def _in_all(gold: Gold, predictions: Sequence[Mapping[str, str]]) -> list[str]:
    return [spot for spot in gold if all(spot in said for said in predictions)]


def _saving(found: Needed | None, labels: int, reason: str) -> dict[str, Any]:
    """`saved` may be negative; an end of an interval is None where it is too far to tell."""
    ends = {name: getattr(found, name) if found else None for name in ("value", "low", "high")}
    return {
        "labels": labels,
        "random_labels": ends,
        "saved": {name: None if end is None else end - labels for name, end in ends.items()},
        "limit": found.limit if found else None,
        "n": found.n if found else 0,
        "reason": reason,
    }
