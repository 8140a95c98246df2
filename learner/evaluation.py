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
from annotation.projectsettings import SETTINGS
from annotation.translation import translated
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


def gold_answers(project: Project) -> dict[str, str]:
    """Return {position: target} of the test items on which people agree; one query."""
    rows = Annotation.objects.answers().filter(project=project, item__split=Split.TEST).order_by()
    targets: dict[str, list[str]] = defaultdict(list)
    for position, value in rows.values_list("item__position", "value"):
        targets[str(position)].append(project.kind.target(value or {}))
    return {position: gold for position, given in targets.items() if (gold := majority(given)) is not None}


def evaluate(project: Project) -> dict[str, Any]:
    """Return the parts of the progress document that rest on the test sample.

    {test, curve, curve_reason, control_curve, control_curve_reason, estimators, current, trust}; a
    curve is None while there is a reason not to show it.
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
            "estimators": {},
            "current": None,
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
        "estimators": estimator_titles(curve, control),
        "current": _current(project, rounds[-1], gold),
        "trust": trust(project, gold, rounds),
    }


def newest_accuracy(project: Project) -> Estimate | None:
    """Return the newest model's accuracy; None while too few test answers are there, or no model."""
    row = next((row for row in project.rounds.done().order_by("-number")[:1] if row.test_predictions), None)
    true, predicted = _paired(gold_answers(project), row.test_predictions) if row else ([], [])
    if len(true) < MIN_TEST_ANSWERS:
        return None
    return accuracy(sum(a == b for a, b in zip(true, predicted, strict=True)), len(true))


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
    fields = (
        "number",
        "labels",
        "control_labels",
        "test_predictions",
        "control_predictions",
        "finished_at",
        "settings",
        "metrics",
    )
    found = project.rounds.filter(pk__in=chosen).order_by("number").only("project", *fields)
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
    """Return the newest round for each size of the random arm, which grows more slowly than the rounds.

    Where the estimator changed in between, there is one by each.
    """
    newest = {(row.control_labels, estimator_of(row)): row for row in rounds if row.control_predictions}
    return sorted(newest.values(), key=lambda row: row.number)


def _curve(rounds: Sequence[Round], labels: str, predictions: str, gold: Mapping[str, str]) -> list[dict[str, Any]]:
    points = []
    for row in rounds:
        true, predicted = _paired(gold, getattr(row, predictions))
        if len(true) >= MIN_TEST_ANSWERS:
            _names, table = confusion(true, predicted)
            figures = _figures(table)
            named = {"round": row.number, "labels": getattr(row, labels), "estimator": estimator_of(row)}
            points.append({**named, **figures})
    return points


def estimator_of(row: Round) -> str:
    """Return the estimator that a round's models were fitted by; rounds of before there was a choice had one."""
    return str(row.settings.get("estimator", SETTINGS["estimator"].default))


def estimator_titles(*curves: Sequence[Mapping[str, Any]] | None) -> dict[str, str]:
    """Return {estimator: title} of those that the curves' points name, in the reader's language."""
    titles = SETTINGS["estimator"].choices
    names = sorted({point["estimator"] for curve in curves for point in curve or ()})
    return {name: translated(titles.get(name, name)) for name in names}


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
