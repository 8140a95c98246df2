"""Background jobs: imports, exports, label changes; and the heartbeat of the workers of a queue."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotation.models.projects import Project, User


class JobStatus(models.TextChoices):
    DRAFT = "draft"  # uploaded, waiting for its mapping to be confirmed
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = (JobStatus.QUEUED, JobStatus.RUNNING)


def oldest_live_heartbeat() -> datetime:
    """Return the time before which a heartbeat is too old: its worker has died."""
    return timezone.now() - timedelta(seconds=settings.STALE_SECONDS)


class JobQuerySet(models.QuerySet[Any]):
    def unfinished(self) -> Self:
        """Jobs that a worker does or will do."""
        return self.filter(status__in=UNFINISHED)

    def stale(self) -> Self:
        """Jobs whose worker has died: they run, but their heartbeat is too old."""
        return self.filter(status=JobStatus.RUNNING, heartbeat_at__lt=oldest_live_heartbeat())

    def waiting(self) -> Self:
        """Jobs for a worker to take: queued and due, or left by a worker that died."""
        due = Q(retry_at__isnull=True) | Q(retry_at__lte=timezone.now())
        return self.filter(due, status=JobStatus.QUEUED, cancel_requested=False) | self.stale()


class Job(models.Model):
    """Work in the background, done by one worker at a time; `annotation.jobs` says how.

    Each model that is a job has a foreign key `project`.
    """

    MAX_ATTEMPTS = 5  # in a row without progress that is kept; then it has failed
    MAX_DEATHS = 3  # attempts after which it has failed where its worker has died: it blocks its place each time

    status = models.CharField(max_length=10, choices=JobStatus.choices, default=JobStatus.QUEUED)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)  # by the first worker
    heartbeat_at = models.DateTimeField(null=True, blank=True)  # while a worker lives that has it
    finished_at = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=64, blank=True)  # who claimed it; a fence for late writers
    attempts = models.PositiveSmallIntegerField(default=0)  # claims since the last progress that is kept
    retry_at = models.DateTimeField(null=True, blank=True)  # after an error that may pass: not before
    cancel_requested = models.BooleanField(default=False)  # the worker sees it at its next report of progress

    objects = JobQuerySet.as_manager()

    class Meta:
        abstract = True


class Import(Job):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="imports")
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    file = models.FileField(upload_to="imports/%Y/%m/")
    name = models.CharField(max_length=255)  # the file's name on the uploader's machine
    size = models.BigIntegerField(default=0)  # bytes
    format = models.CharField(max_length=20, default="auto")
    options = models.JSONField(default=dict, blank=True)  # what was detected: encoding, delimiter, gzip, columns
    mapping = models.JSONField(default=dict, blank=True)  # {text, id?, label?, hidden: [..]}
    bytes_read = models.BigIntegerField(default=0)
    rows_read = models.PositiveIntegerField(default=0)
    rows_added = models.PositiveIntegerField(default=0)
    rows_duplicate = models.PositiveIntegerField(default=0)
    rows_rejected = models.PositiveIntegerField(default=0)
    rows_unanswered = models.PositiveIntegerField(default=0)  # of those added: without the answer that the file has

    class Meta:
        ordering = ["-pk"]


class ImportReject(models.Model):
    """A row that was not added, and why: rejected (must be mended) or duplicate (already there).

    Or one that was added, but unanswered: the answer that the file has about it was not taken.
    """

    run = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rejects")
    row = models.PositiveIntegerField()  # 1 is the first record below the header
    kind = models.CharField(max_length=10, choices=[(kind, kind) for kind in ("rejected", "duplicate", "unanswered")])
    reason = models.CharField(max_length=300)
    excerpt = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["row"]
        constraints = [models.UniqueConstraint(fields=["run", "row"], name="import_reject_once")]


class Export(Job):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="exports")
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    format = models.CharField(max_length=20)
    filters = models.JSONField(default=dict, blank=True)  # {answers: gold|all, unlabelled: bool}
    file = models.FileField(upload_to="exports/%Y/%m/", blank=True)
    size = models.BigIntegerField(default=0)
    rows_total = models.PositiveIntegerField(default=0)
    rows_written = models.PositiveIntegerField(default=0)
    recall = models.JSONField(null=True, blank=True)  # of a find-all project when it was written: exports/recall.py

    class Meta:
        ordering = ["-pk"]


class LabelChange(Job):
    """One change of a label that had answers: who, when, and what became of it. Answers that it made point here.

    A label that was renamed has one name in `into`, one that was merged the label it went into; a label that
    was split has those to choose among now, and its answers were withdrawn.
    """

    class Kind(models.TextChoices):
        RENAME = "rename", _("Rename")
        MERGE = "merge", _("Merge")
        SPLIT = "split", _("Split")

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="label_changes")
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    label = models.CharField(max_length=120)  # the name that is no more
    into = models.JSONField(default=list)  # names
    upto = models.BigIntegerField(default=0)  # id of the last annotation before it
    effects = models.JSONField(default=dict)  # label_changes.Effects, as counted before
    answers_done = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["pk"]


class WorkerHeartbeat(models.Model):
    """When a worker of a Celery queue was last seen at work; no recent heartbeat, no worker."""

    queue = models.CharField(max_length=40, primary_key=True)
    seen_at = models.DateTimeField()

    @classmethod
    def touch(cls, queue: str) -> None:
        cls.objects.update_or_create(queue=queue, defaults={"seen_at": timezone.now()})

    @property
    def is_fresh(self) -> bool:
        return self.seen_at > oldest_live_heartbeat()
