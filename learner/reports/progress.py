"""Rows into the numbers of /progress/: what the dashboard shows, and nothing else computes.

The document is cached with a fingerprint of all that it depends on, so that polling costs one
query while nothing changes, and people who watch together share one computation.
"""

import hashlib
import json
import logging
import time
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from redis import RedisError
from rest_framework.utils.encoders import JSONEncoder

from annotation.i18n import translate
from annotation.models import (
    Annotation,
    Assignment,
    Item,
    JobStatus,
    Outcome,
    Project,
    QueueEntry,
    Reason,
    Split,
    WorkerHeartbeat,
)
from annotation.time_zones import hour_aligned_zone
from learner.engine.choice_descriptions import VIEW_DESCRIPTIONS
from learner.engine.column_views import view_of_version
from learner.loop_options import loop_options
from learner.models import LearnerState, Round
from learner.reports import annotator_activity, learning_curves, stopping_advice
from learner.reports.estimator_switches import switch_sentence
from learner.reports.finding import finding_report, with_recall_in_words
from learner.reports.table_columns import table_columns_report
from learner.reports.unmeasured import unmeasured_report

logger = logging.getLogger(__name__)

DOCUMENT_VERSION = 9  # raise it when a field of the document or of Progress changes, so that no old one is served
CACHE_SECONDS = 120
CHEAP_SECONDS = 0.2  # what takes less is computed at every change
REST_FACTOR = 5  # what takes more stays for this many times its cost: at most a sixth of a process goes into it
LOGGED_ROUNDS = 50
TRAIN_QUEUE = "train"


def progress_fingerprint(project: Project) -> str:
    """Return a digest of everything that the document depends on; one query.

    The minute is part of it because some figures change by the clock alone.
    """
    now = timezone.now()
    last_round = Round.objects.filter(project=OuterRef("pk")).order_by("-number")
    state = LearnerState.objects.filter(project=OuterRef("pk"))
    heartbeat = WorkerHeartbeat.objects.filter(queue=TRAIN_QUEUE)
    leases = Assignment.objects.leased().filter(project=OuterRef("pk")).order_by().values("project")
    parts = (
        Project.objects.filter(pk=project.pk)
        .annotate(
            round=Subquery(last_round.values("number")[:1]),
            status=Subquery(last_round.values("status")[:1]),
            stale=Exists(Round.objects.stale().filter(project=OuterRef("pk"))),
            requested=Subquery(state.values("requested_at")[:1]),
            failures=Subquery(state.values("failures")[:1]),
            answer=Subquery(Annotation.objects.filter(project=OuterRef("pk")).order_by("-pk").values("pk")[:1]),
            leased=Subquery(leases.annotate(n=Count("pk")).values("n")),
            seen=Subquery(heartbeat.values("seen_at")[:1]),
            open_labels=Count("labels", filter=Q(labels__retired_at=None)),
        )
        .values_list(
            *("item_count", "settings", "paused_at", "round", "status", "stale", "requested", "failures"),
            *("answer", "leased", "open_labels", "seen"),
        )
        .get()
    )
    alive = WorkerHeartbeat(seen_at=parts[-1]).is_fresh if parts[-1] else False
    reader = (get_language(), str(hour_aligned_zone(now)))
    text = repr((DOCUMENT_VERSION, project.pk, reader, f"{now:%d%H%M}", alive, parts[:-1]))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Progress:
    """The document as JSON has it, and the fingerprint of what it was computed from."""

    fingerprint: str
    document: dict[str, Any]
    computed_at: float  # Unix time
    cost: float  # seconds it took

    def is_too_costly_to_refresh(self) -> bool:
        """Whether computing it again so soon would take too much of a process."""
        return self.cost > CHEAP_SECONDS and time.time() - self.computed_at < REST_FACTOR * self.cost


def current_progress(project: Project) -> Progress:
    """Return the document for the project as it is now; a costly one may be a few seconds old."""
    current = progress_fingerprint(project)
    key = f"progress:{DOCUMENT_VERSION}:{project.pk}:{get_language()}:{hour_aligned_zone(timezone.now())}"
    known = _read_cached_progress(key)
    if known is not None and (known.fingerprint == current or known.is_too_costly_to_refresh()):
        return known
    began = time.perf_counter()
    document = json.loads(
        json.dumps(progress_document(project), cls=JSONEncoder)
    )  # as a reader of the cache will have it
    fresh = Progress(current, document, time.time(), time.perf_counter() - began)
    try:
        cache.set(key, json.dumps(vars(fresh)), CACHE_SECONDS)
    except RedisError:
        logger.warning("no cache: the progress of project %s is computed at each look", project.pk)
    return fresh


def _read_cached_progress(key: str) -> Progress | None:
    """Return what is cached: as text, for a class that is pickled could not be read after an upgrade that moves it."""
    try:
        text = cache.get(key)
    except RedisError:
        return None
    return None if text is None else Progress(**json.loads(text))


def progress_document(project: Project) -> dict[str, Any]:
    """Return the progress document: `counts`, `stop`, `queue`, `rounds`, ... and the keys of `test_sample_report`."""
    answers = annotator_activity.answer_counts_report(project)
    large_fields = (
        "test_predictions",
        "test_scores",
        "test_detections",
        "control_predictions",
        "control_detections",
        "stop_predictions",
    )
    rounds = list(project.rounds.defer(*large_fields)[:LOGGED_ROUNDS])
    finds_all = project.goal.finds_all
    test_sample_parts = unmeasured_report(project) if finds_all else learning_curves.test_sample_report(project)
    counts = _item_and_answer_counts(project, answers, test_sample_parts)
    is_relevant = stopping_advice.relevance_in_answer_order(project)
    finding = finding_report(project, counts, is_relevant) if finds_all else None
    return {
        "project": {
            "id": project.pk,
            "name": project.name,
            "task_type": project.task_type,
            "goal": project.goal.goal,
        },
        "generated_at": timezone.now(),
        "counts": counts,
        **test_sample_parts,
        "stop": with_recall_in_words(
            stopping_advice.stopping_document(project, test_sample_parts["curve"], counts, is_relevant), finding
        ),
        "labels": {"overall": answers["overall"], "by_person": answers["by_person"]},
        "throughput": annotator_activity.throughput_report(project),
        "queue": _queue_document(project, rounds, counts),
        "rounds": [round_document(row) for row in rounds],
        "columns": table_columns_report(project),
        "worker": training_worker_state(project),
        "agreement": annotator_activity.agreement_report(project),
        "finding": finding,
    }


def _item_and_answer_counts(
    project: Project, answers: dict[str, Any], test_sample_parts: dict[str, Any]
) -> dict[str, int]:
    """Return the `counts` of the progress document: numbers of items, of labelled ones and of answers."""
    items = Item.objects.filter(project=project).order_by()
    labelled = dict(items.filter(split__in=Split.values, answers__gt=0).values_list("split").annotate(n=Count("pk")))
    random_arm = Annotation.objects.answers().filter(project=project, reason=Reason.RANDOM, round__isnull=False)
    labelled_count = sum(labelled.values())
    return {
        "items": project.item_count,
        "labelled": labelled_count,
        "unlabelled": project.item_count - labelled_count,
        "test_items": items.filter(split=Split.TEST).count(),
        "test_answered": test_sample_parts["test"]["answered"],
        "training_labels": labelled.get(Split.POOL, 0),
        "random_arm_labels": random_arm.exclude(item__split=Split.TEST).values("item").distinct().count(),
        "answers": answers["answers"],
        "skipped": answers["skipped"],
        "flagged": answers["flagged"],
    }


def round_document(row: Round) -> dict[str, Any]:
    """The plain form of a round, without its predictions."""
    return {
        "number": row.number,
        "status": row.status,
        "trigger": row.trigger,
        "answers": row.answers,
        "labels": row.labels,
        "control_labels": row.control_labels,
        "started_at": row.started_at,
        "finished_at": row.finished_at,
        "seconds": row.seconds,
        "timings": row.timings,
        "metrics": row.metrics,
        "settings": row.settings,
        "seed": str(row.seed),  # too long for a number in JavaScript
        "published": row.published,
        "note": " ".join(filter(None, (translate(row.note), switch_sentence(row.metrics)))),
        "columns": translate(VIEW_DESCRIPTIONS.get(view_of_version(str(row.settings.get("features", ""))), "")),
        "error": translate(row.error),
    }


# Queue


def _queue_document(project: Project, rounds: list[Round], counts: dict[str, int]) -> dict[str, Any]:
    """Tell by what the next items are ranked, how many are ready, and what the loop waits for."""
    ready = _count_leasable_entries(project)
    newest = next((row for row in rounds if row.status == JobStatus.DONE), None)
    running = next((row for row in rounds if row.status == JobStatus.RUNNING), None)
    state = LearnerState.objects.filter(project=project).first()
    answers_since = Annotation.objects.answers().filter(project=project, pk__gt=newest.answers_upto if newest else 0)
    nothing_left = _nothing_left_reason(project, counts)
    order, text = ("none", nothing_left) if nothing_left else _queue_order(project, ready, newest, running)
    return {
        "order": order,
        "text": text,
        "round": newest.number if newest else None,
        "ranked_at": newest.finished_at if newest else None,
        "ready": sum(ready.values()),
        "ready_by_reason": ready,
        "in_hand": Assignment.objects.leased().filter(project=project).count(),
        "answers_since": answers_since.count(),
        "batch_size": loop_options(project).batch_size,
        "running": {"number": running.number, "started_at": running.started_at} if running else None,
        "asked_at": state.requested_at if state else None,
        "failures": state.failures if state else 0,
        "retry_at": state.retry_at if state else None,
    }


def _count_leasable_entries(project: Project) -> dict[str, int]:
    """Count the entries that can be leased now, by reason."""
    taken = Assignment.objects.taken().filter(item=OuterRef("item"), slot=OuterRef("slot"))
    entries = QueueEntry.objects.filter(
        ~Exists(taken), project=project, item__answers__lt=project.options.overlap
    ).order_by()
    return dict(entries.values_list("reason").annotate(n=Count("pk")))


def _nothing_left_reason(project: Project, counts: dict[str, int]) -> str:
    """Return why nobody can get an item, or "" where somebody can."""
    if not project.item_count:
        return _("There are no items yet.")
    if counts["skipped"] + counts["flagged"] < counts["unlabelled"]:
        return ""  # some item has neither an answer nor a skip nor a flag
    open_items = Item.objects.filter(project=project).open(project.options.overlap)
    if not open_items.exists():
        return _("Every item has its answers.")
    people = max(1, project.memberships.people().count())
    touched = Annotation.objects.live().filter(item=OuterRef("pk")).order_by().values("item")
    passed = touched.annotate(n=Count("pk")).filter(n__gte=people).values("n")
    flags = Annotation.objects.live().filter(item=OuterRef("pk"), outcome=Outcome.FLAG)
    if open_items.filter(~Exists(passed), ~Exists(flags)).exists():
        return ""
    return _(
        "Nothing is left to hand out: what is open was skipped by everybody, or flagged. "
        "Who skipped an item can take it again on the annotate page."
    )


def _queue_order(
    project: Project, ready: dict[str, int], newest: Round | None, running: Round | None
) -> tuple[str, str]:
    """Return (model, spread or random, a sentence that says so and why)."""
    if ready.get(Reason.SEARCH) and newest and not newest.metrics.get("classes"):
        return "model", _("The items most like the topic, or like what is known to be relevant, come first.")
    if (ready.get(Reason.UNCERTAIN) or ready.get(Reason.SEARCH)) and newest:
        return "model", _("Ranked by model %(number)d.") % {"number": newest.number}
    if ready.get(Reason.COLD):
        text = _("Spread over the data, so that the first model sees a bit of everything.")
        return "spread", f"{text} {translate(newest.note)}".strip() if newest else text
    if newest is None:
        why = _("the first round is under way") if running else _("no round has run yet")
        return "random", _("Random, because %(reason)s.") % {"reason": why}
    if sum(ready.values()):
        return "random", _random_order_reason(project, newest)
    return "random", _("Random, because everything that was ranked has been handed out.")


def _random_order_reason(project: Project, newest: Round) -> str:
    if loop_options(project).strategy == "random":
        return _("Random, because that is the project's strategy.")
    return translate(newest.note) or _("Random, because the ranked items have been handed out.")


# Worker


def training_worker_state(project: Project) -> dict[str, Any]:
    """Tell whether a worker that trains has a heartbeat: its own, or that of a running round."""
    heartbeats = list(WorkerHeartbeat.objects.filter(queue=TRAIN_QUEUE))
    running = project.rounds.filter(status=JobStatus.RUNNING, heartbeat_at__isnull=False)
    heartbeats += [WorkerHeartbeat(seen_at=seen_at) for seen_at in running.values_list("heartbeat_at", flat=True)]
    newest = max(heartbeats, key=lambda heartbeat: heartbeat.seen_at, default=None)
    return {"alive": bool(newest and newest.is_fresh), "seen_at": newest.seen_at if newest else None}
