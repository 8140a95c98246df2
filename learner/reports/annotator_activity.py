"""What people did: label counts, pace and agreement of a project. Sets of rows in, plain numbers out."""

from collections import Counter, defaultdict
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import combinations
from statistics import median
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import TruncHour
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation.models import Annotation, Outcome, Project, Split, work_seconds
from annotation.time_zones import hour_aligned_zone, hour_starts_until
from learner.engine.statistics.estimates import accuracy_estimate

HOURS = 24
NEWEST_ANSWERS = 5000  # from which the median active seconds of an answer are taken
BIN_COLOR = "label-1"
NEWEST_PAIRED = 2000  # items answered by several people that agreement is taken from


def answer_counts_report(project: Project) -> dict[str, Any]:
    """Count live answers by person, outcome and label; one query.

    Returns {answers, labels, skipped, flagged, overall: [{label, n, color}],
    by_person: [{user, machine, total, labels}]}.
    """
    rows = (
        Annotation.objects.live()
        .filter(project=project)
        .order_by()
        .values_list("user__username", "user__is_machine", "outcome", "value")
        .annotate(n=Count("pk"))
    )
    overall_counts: Counter[str] = Counter()
    outcome_counts: Counter[str] = Counter()
    counts_by_person: dict[tuple[str, bool], Counter[str]] = defaultdict(Counter)
    for user, machine, outcome, value, n in rows:
        outcome_counts[outcome] += n
        if outcome == Outcome.LABEL:
            for label in project.kind.answer.labels_or_bins(value):
                overall_counts[label] += n
                counts_by_person[user, machine][label] += n
    colors = _label_colors(project, overall_counts)
    names = list(colors)
    return {
        "answers": sum(outcome_counts.values()),
        "labels": outcome_counts[Outcome.LABEL],
        "skipped": outcome_counts[Outcome.SKIP],
        "flagged": outcome_counts[Outcome.FLAG],
        "overall": [{"label": name, "n": overall_counts[name], "color": colors[name]} for name in names],
        "by_person": [
            {
                "user": user,
                "machine": machine,
                "total": counts.total(),
                "labels": [{"label": name, "n": counts[name]} for name in names],
            }
            for (user, machine), counts in sorted(counts_by_person.items(), key=lambda pair: -pair[1].total())
        ],
    }


def _label_colors(project: Project, label_counts: Counter[str]) -> dict[str, str]:
    """Return {label: colour}: those that may be given, in the order of their keys, then others that answers have.

    Of numbers, the bins of the scale.
    """
    if (bins := project.kind.answer.bins()) is not None:
        return dict.fromkeys(bins, BIN_COLOR)
    known = {label.name: label for label in project.labels.all()}
    names = [name for name, label in known.items() if label.retired_at is None or name in label_counts]
    others = sorted(set(label_counts) - set(names))
    return {name: known[name].color if name in known else "" for name in names + others}


def throughput_report(project: Project) -> dict[str, Any]:
    """Count labels that people gave in the last hour and day, and by person and clock hour; two queries."""
    now = timezone.now()
    hours = hour_starts_until(now, HOURS)
    answers = Annotation.objects.answers().filter(project=project, user__is_machine=False)
    rows = (
        answers.filter(created_at__gt=now - timedelta(hours=HOURS))
        .annotate(at=TruncHour("created_at", tzinfo=hour_aligned_zone(now)))
        .order_by()
        .values_list("user__username", "at")
        .annotate(n=Count("pk"), lately=Count("pk", filter=Q(created_at__gt=now - timedelta(hours=1))))
    )
    counts: dict[str, Counter[datetime]] = defaultdict(Counter)
    last_hour: Counter[str] = Counter()
    for user, at, n, recent in rows:
        counts[user][at] += n
        last_hour[user] += recent
    median_seconds = _median_seconds(project)
    return {
        "hour": last_hour.total(),
        "day": sum(by_hour.total() for by_hour in counts.values()),
        "hours": hours,
        "by_person": [
            {
                "user": user,
                "last_hour": last_hour[user],
                "counts": [by_hour[hour] for hour in hours],
                "median_seconds": median_seconds.get(user),
            }
            for user, by_hour in sorted(counts.items())
        ],
    }


def _median_seconds(project: Project) -> dict[str, float]:
    """Return {user: median of the seconds of an answer}, of the newest answers."""
    rows = (
        Annotation.objects.answers()
        .filter(project=project, user__is_machine=False)
        .order_by("-pk")
        .values_list("user__username", work_seconds(project))[:NEWEST_ANSWERS]
    )
    by_user: dict[str, list[float]] = defaultdict(list)
    for user, seconds in rows:
        if seconds is not None:
            by_user[user].append(seconds)
    return {user: median(seconds) for user, seconds in by_user.items()}


def agreement_report(project: Project) -> dict[str, Any]:
    """Return how far pairs of people's answers to the same item agree in the mean, and why there is none.

    Taken from the newest items that several people have answered; with overlap 1 those are items that somebody
    answered after the lease had run out. `disagreeing` of these have no answer that most gave, so that they train no
    model; `extra` items of the project have more answers than were asked for, or late ones.
    """
    overlap, kind, extra = project.options.overlap, project.kind, _count_items_with_extra_answers(project)
    by_item: dict[int, list[str]] = defaultdict(list)
    if overlap > 1 or extra:
        paired = project.items.filter(split__in=Split.values, answers__gt=1).order_by("-pk").values("pk")
        rows = Annotation.objects.answers().filter(item__in=paired[:NEWEST_PAIRED], user__is_machine=False).order_by()
        for item, value in rows.values_list("item_id", "value"):
            by_item[item].append(kind.answer.target(value or {}))
    answers_of_several = [answers for answers in by_item.values() if len(answers) > 1]
    counts = {
        "items": len(answers_of_several),
        "disagreeing": sum(kind.answer.consensus(answers) is None for answers in answers_of_several),
        "extra": extra,
        "overlap": overlap,
    }
    similarities = [kind.answer.similarity(a, b) for answers in answers_of_several for a, b in combinations(answers, 2)]
    if similarities:
        return {**counts, "share": asdict(accuracy_estimate(sum(similarities), len(similarities))), "reason": ""}
    if overlap > 1:
        return {**counts, "share": None, "reason": _("No item has answers of two people yet.")}
    why = _("Each item is asked of one person, and no item has answers of two. Set “People per item” above 1.")
    return {**counts, "share": None, "reason": why}


def _count_items_with_extra_answers(project: Project) -> int:
    """Count the items of `to_review`; one query, each half of which has its index."""
    beyond = project.items.filter(split__in=Split.values, answers__gt=project.options.overlap).order_by()
    marked = Annotation.objects.live().filter(project=project, mark__isnull=False).order_by()
    return beyond.values("pk").union(marked.values("item")).count()
