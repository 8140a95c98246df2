"""How good the models are: each round's predictions of the test sample against what people say about it now.

Every model is measured on all test answers known by now, whenever it was trained, so that the
points of the curve differ by the models alone.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from numpy.typing import NDArray

from annotation.agreement import majority
from annotation.models import Annotation, Project, Split
from learner.metrics import (
    MIN_TEST_ANSWERS,
    Estimate,
    accuracy,
    confusion,
    f1_estimates,
    macro_f1,
    per_class,
    wilson,
)
from learner.models import Round
from learner.trust import trust

MOST_POINTS = 100  # of a curve; older rounds are thinned out
NEWEST_POINTS = 20  # that are never thinned out
STOP_ROUNDS = 5


def gold_answers(project: Project) -> dict[str, str]:
    """Return {position: target} of the test items on which people agree; one query."""
    rows = Annotation.objects.answers().filter(project=project, item__split=Split.TEST).order_by()
    targets: dict[str, list[str]] = defaultdict(list)
    for position, value in rows.values_list("item__position", "value"):
        targets[str(position)].append(project.kind.target(value or {}))
    return {position: gold for position, given in targets.items() if (gold := majority(given)) is not None}


def evaluate(project: Project) -> dict[str, Any]:
    """Return the parts of the progress document that rest on the test sample.

    {test, curve, curve_reason, control_curve, control_curve_reason, current, stop, trust}; a curve is
    None while there is a reason not to show it.
    """
    gold = gold_answers(project)
    rounds = _rounds_with_models(project)
    reason = _why_none(project, len(gold), bool(rounds))
    test = {"answered": len(gold), "needed": MIN_TEST_ANSWERS, "reason": reason}
    if reason:
        unknown = {"curve": None, "curve_reason": reason, "control_curve": None, "control_curve_reason": reason}
        return {
            "test": test,
            **unknown,
            "current": None,
            "stop": {"advice": None, "reason": _("No advice yet: accuracy has to be known first.")},
            "trust": trust(project, gold, rounds),
        }
    curve = _curve(rounds, "labels", "test_predictions", gold)
    control = _curve(_one_per_size(rounds), "control_labels", "control_predictions", gold)
    no_control = "" if control else _("No model has been trained on the random arm alone yet.")
    return {
        "test": test,
        "curve": curve,
        "curve_reason": "",
        "control_curve": control or None,
        "control_curve_reason": no_control,
        "current": _current(project, rounds[-1], gold),
        "stop": stop_advice(curve),
        "trust": trust(project, gold, rounds),
    }


def _why_none(project: Project, answered: int, any_model: bool) -> str:
    """Return why no accuracy can be shown, or "" when it can."""
    if answered < MIN_TEST_ANSWERS:
        if project.setting("test_size") == 0 and not answered:
            return _("This project has no test sample (test_size is 0), so accuracy cannot be measured.")
        return ngettext(
            "%(answered)d of the %(needed)d test answers needed so far: "
            "no accuracy is shown because with so few it would mislead.",
            "%(answered)d of the %(needed)d test answers needed so far: "
            "no accuracy is shown because with so few it would mislead.",
            answered,
        ) % {"answered": answered, "needed": MIN_TEST_ANSWERS}
    return "" if any_model else _("There is no model yet: it needs answers with at least two different labels.")


# Curves


def _rounds_with_models(project: Project) -> list[Round]:
    """Return up to MOST_POINTS rounds that made a model, oldest first, always with the newest ones."""
    rows = project.rounds.done().order_by("number").values_list("pk", "metrics__classes")
    chosen = thin([pk for pk, classes in rows if classes], MOST_POINTS, NEWEST_POINTS)
    fields = ("number", "labels", "control_labels", "test_predictions", "control_predictions", "finished_at")
    found = project.rounds.filter(pk__in=chosen).order_by("number").only("project", "metrics", *fields)
    return [row for row in found if row.test_predictions]


def thin(rows: Sequence[int], most: int, newest: int) -> list[int]:
    """Return at most `most` of the rows: the `newest` last ones, and evenly spaced ones of the rest.

    >>> thin(range(10), 5, 2)
    [0, 4, 7, 8, 9]
    """
    if len(rows) <= most:
        return list(rows)
    old, new = rows[:-newest], rows[-newest:]
    spots = np.unique(np.linspace(0, len(old) - 1, most - newest).round().astype(int))
    return [old[spot] for spot in spots] + list(new)


def _one_per_size(rounds: Sequence[Round]) -> list[Round]:
    """Return the newest round for each size of the random arm, which grows more slowly than the rounds."""
    newest = {row.control_labels: row for row in rounds if row.control_predictions}
    return sorted(newest.values(), key=lambda row: row.number)


def _curve(rounds: Sequence[Round], labels: str, predictions: str, gold: Mapping[str, str]) -> list[dict[str, Any]]:
    points = []
    for row in rounds:
        true, predicted = _paired(gold, getattr(row, predictions))
        if len(true) >= MIN_TEST_ANSWERS:
            _names, table = confusion(true, predicted)
            figures = _figures(table)
            points.append({"round": row.number, "labels": getattr(row, labels), **figures})
    return points


def _paired(gold: Mapping[str, str], predictions: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Return (true, predicted) for the test items that have both; items imported later lack old predictions."""
    both = [position for position in gold if position in predictions]
    return [gold[position] for position in both], [predictions[position] for position in both]


def _figures(table: NDArray[np.int64]) -> dict[str, Any]:
    right, n = int(np.trace(table)), int(table.sum())
    return {"accuracy": asdict(accuracy(right, n)), "macro_f1": asdict(macro_f1(table))}


# The newest model


def _current(project: Project, row: Round, gold: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the newest model's figures, overall and per class, and its confusion table."""
    true, predicted = _paired(gold, row.test_predictions)
    if len(true) < MIN_TEST_ANSWERS:
        return None
    names, table = confusion(true, predicted)
    figures = _figures(table)
    names, table = _in_key_order(project, names, table)
    return {
        "round": row.number,
        "labels": row.labels,
        "finished_at": row.finished_at,
        **figures,
        "per_class": _per_class(names, table),
        "confusion": {"labels": names, "counts": table.tolist()},
    }


def _in_key_order(project: Project, names: list[str], table: NDArray[np.int64]) -> tuple[list[str], NDArray[np.int64]]:
    keys = {name: key for key, name in enumerate(project.label_names())}
    order = sorted(range(len(names)), key=lambda spot: (keys.get(names[spot], len(keys)), names[spot]))
    return [names[spot] for spot in order], table[np.ix_(order, order)]


def _per_class(names: Sequence[str], table: NDArray[np.int64]) -> list[dict[str, Any]]:
    rows, f1 = [], f1_estimates(table)
    for spot, row in enumerate(per_class(names, table)):
        hits = int(table[spot, spot])
        rows.append(
            {
                "label": row.label,
                "precision": _share(hits, row.predicted),
                "recall": _share(hits, row.support),
                "f1": row.f1,
                "f1_estimate": asdict(estimate) if (estimate := f1[spot]) else None,
                "support": row.support,
            }
        )
    return rows


def _share(hits: int, n: int) -> dict[str, Any] | None:
    return asdict(Estimate(hits / n, *wilson(hits, n), n)) if n else None


# When to stop


def stop_advice(curve: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Say whether more labels still change anything that the test sample can tell.

    A plain reading of the curve: the intervals of the last rounds' accuracies all have a value in common.
    """
    if len(curve) < STOP_ROUNDS:
        message = _("No advice yet: it takes %(needed)d rounds with a measured accuracy, and there are %(have)d.")
        return {"advice": None, "reason": message % {"needed": STOP_ROUNDS, "have": len(curve)}}
    last = [point["accuracy"] for point in curve[-STOP_ROUNDS:]]
    given = {"rounds": STOP_ROUNDS, "labels": curve[-1]["labels"] - curve[-STOP_ROUNDS]["labels"]}
    if max(figure["low"] for figure in last) <= min(figure["high"] for figure in last):
        message = _(
            "The last %(rounds)d rounds (%(labels)d more labels) changed accuracy by less than its uncertainty. "
            "If it is good enough, you can stop; if you are not sure, more test answers narrow the interval."
        )
        return {"advice": "flat", "reason": message % given}
    message = _("Accuracy still moves: the last %(rounds)d rounds changed it by more than its uncertainty.")
    return {"advice": "go on", "reason": message % given}
