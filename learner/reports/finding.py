"""How much has been found in a project that finds all items of a label, and what reading on would bring.

Every item that nobody has answered counts as unread: also those that were skipped or flagged.
"""

from collections import Counter
from collections.abc import Mapping
from math import floor
from typing import Any

import numpy as np
from django.db.models import Count
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from annotation.models import Annotation, Project
from learner.engine.screening.recall import RecallEstimate, estimate_recall, expected_finds
from learner.engine.stopping.verdict import STOP
from learner.loop_options import loop_options
from learner.reports.earlier_metrics import earlier_metrics_report
from learner.reports.stopping_advice import relevance_in_answer_order

MAX_FINDS_POINTS = 200
NEXT_RECORDS = 100  # of which it is told how many would be finds
MAX_RATE_TO_TELL = 0.5  # of finds, as a share of their mean rate so far, from which on the number of those left is told


def finding_report(
    project: Project, counts: Mapping[str, int], is_relevant: NDArray[np.bool_] | None
) -> dict[str, Any] | None:
    """Return the `finding` part of the progress document; None where the project has another goal, or no label.

    `is_relevant` is what `relevance_in_answer_order` returns.
    """
    label = project.label_to_find
    if label is None or is_relevant is None:
        return None
    unread = max(counts["items"] - len(is_relevant), 0)
    estimate, next_records = estimate_recall(is_relevant, unread), min(NEXT_RECORDS, unread)
    next_finds = expected_finds(is_relevant, unread, next_records)
    can_tell = estimate.found > 0 and _has_slowed(estimate, next_finds, next_records)
    return {
        "label": label,
        "records": counts["items"],
        "read": estimate.read,
        "unread": unread,
        "found": estimate.found,
        "recall": estimate.recall if can_tell else None,
        "recall_lower_bound": estimate.recall_lower_bound if estimate.found else None,
        "confidence": estimate.confidence,
        "target_recall": loop_options(project).target_recall,
        "work_saved": estimate.work_saved if can_tell else None,
        "expected_relevant_unread": estimate.expected_relevant_unread if can_tell else None,
        "next": {"records": next_records, "finds": next_finds if estimate.found else None},
        "curve": curve_of_finds(is_relevant),
        "assumption": _(
            "The lower bound assumes that the ranking was never worse than random and that the answers are right "
            "(hypergeometric test, Callaghan and Müller-Hansen 2020)."
        ),
        "exclusion_reasons": _exclusion_reason_counts(project),
        "earlier": earlier_metrics_report(project),
    }


def with_recall_in_words(stop: Mapping[str, Any], finding: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the `stop` part of the progress document, which tells the bound and the target where recall decides."""
    limits = [one for one in stop["conditions"] if one["kind"] == "limit" and one["stop"]]
    if finding is None or finding["recall_lower_bound"] is None or stop["advice"] is None or limits:
        return dict(stop)
    if stop["advice"] == STOP:
        text = _(
            "You can stop: at least %(bound)s of “%(label)s” has been found, %(sure)s sure. The target is %(target)s."
        )
    else:
        text = _("Go on: at least %(bound)s of “%(label)s” has been found, %(sure)s sure. The target is %(target)s.")
    values = {
        "bound": f"{floor(100 * finding['recall_lower_bound'])}%",  # a lower bound is never rounded up
        "label": finding["label"],
        "sure": f"{finding['confidence']:.0%}",
        "target": f"{finding['target_recall']:.0%}",
    }
    return {**stop, "reason": text % values}


def recall_for_export(project: Project) -> dict[str, Any] | None:
    """Return the part of it that exports keep; see `annotation.exports.recall`."""
    report = finding_report(project, {"items": project.item_count}, relevance_in_answer_order(project))
    kept = ("label", "read", "unread", "found", "recall", "recall_lower_bound", "confidence")
    return None if report is None else {name: report[name] for name in kept}


def _has_slowed(estimate: RecallEstimate, next_finds: float, next_records: int) -> bool:
    """Whether finds have become so much rarer that one can tell how many are left; the lower bound can be told before.

    While every other item is a find, nobody knows whether that goes on for hundreds of items or thousands.
    """
    mean_rate = estimate.found / estimate.read
    return not next_records or next_finds / next_records <= MAX_RATE_TO_TELL * mean_rate


def curve_of_finds(is_relevant: NDArray[np.bool_]) -> list[dict[str, int]]:
    """Return {read, found} along the answers, from none to all, at most MAX_FINDS_POINTS of them.

    >>> curve_of_finds(np.array([True, False, True]))
    [{'read': 0, 'found': 0}, {'read': 1, 'found': 1}, {'read': 2, 'found': 1}, {'read': 3, 'found': 2}]
    """
    found = np.concatenate([[0], np.cumsum(is_relevant)])
    places = np.unique(np.linspace(0, len(is_relevant), MAX_FINDS_POINTS).round().astype(int))
    return [{"read": int(place), "found": int(found[place])} for place in places]


def _exclusion_reason_counts(project: Project) -> list[dict[str, Any]]:
    """Return how often each reason was given, those of the project's list first, in its order."""
    rows = Annotation.objects.answers().filter(project=project, exclusion_reason__isnull=False).order_by()
    counts = Counter(dict(rows.values_list("exclusion_reason").annotate(n=Count("pk"))))
    names = dict.fromkeys([*project.goal.exclusion_reasons, *sorted(counts)])
    return [{"reason": name, "count": counts[name]} for name in names]
