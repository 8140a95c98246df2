"""People, projects, items, answers: the rows that are the truth."""

import secrets
import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotation import tasktypes
from annotation.i18n import label_words
from annotation.project_settings import label_meant, setting
from annotation.querysets import (
    AnnotationQuerySet,
    AssignmentQuerySet,
    ItemQuerySet,
    MembershipQuerySet,
    ProjectQuerySet,
    QueueEntryQuerySet,
    RunQuerySet,
)


class User(AbstractUser):
    """A person, or the `imported` annotator in whose name uploaded labels stand."""

    is_machine = models.BooleanField(default=False)


def new_seed() -> int:
    return secrets.randbits(62)


class Project(models.Model):
    name = models.CharField(max_length=120)
    task_type = models.CharField(max_length=40)
    guidelines = models.TextField(blank=True)  # Markdown
    settings = models.JSONField(default=dict, blank=True)
    seed = models.BigIntegerField(default=new_seed, editable=False)
    item_count = models.PositiveIntegerField(default=0, editable=False)  # also the next free position
    paused_at = models.DateTimeField(null=True, blank=True, editable=False)  # since when nothing new is handed out
    paused_reason = models.CharField(max_length=200, blank=True, default="", editable=False)  # a marked sentence
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    members = models.ManyToManyField(User, through="Membership", related_name="projects")

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def setting(self, name: str) -> Any:
        return setting(self.settings, name, self.task_type)

    @property
    def kind(self) -> tasktypes.TaskType:
        return tasktypes.TASK_TYPES[self.task_type].within(self.settings)

    def label_names(self) -> list[str]:
        """Names of the labels that may be given now, in the order of their keys."""
        return [label.name for label in self.labels.all() if label.retired_at is None]

    def label_setting(self, name: str) -> str | None:
        """Return the label that a setting names; None where it names none that may be given now."""
        return label_meant(self.setting(name), self.label_names())


class Label(models.Model):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="labels")
    name = models.CharField(max_length=120)
    key = models.CharField(max_length=1, blank=True)
    color = models.CharField(max_length=20, blank=True)
    description = models.CharField(max_length=500, blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["order", "pk"]
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="label_name_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def words(self) -> str:
        """What people read: the name, or the words that the task type has for it, in the reader's language."""
        return label_words(self.project.task_type).get(self.name, self.name)


class Role(models.TextChoices):
    ANNOTATOR = "annotator", _("Annotator")
    REVIEWER = "reviewer", _("Reviewer")
    LEAD = "lead", _("Lead")


class Membership(models.Model):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.ANNOTATOR)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "user"], name="member_once")]


def new_invitation_token() -> str:
    return secrets.token_urlsafe(24)


def invitation_expiry() -> Any:
    return timezone.now() + timedelta(days=14)


class Invitation(models.Model):
    """A link that makes whoever opens it, signed in, a member with that role."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.ANNOTATOR)
    token = models.CharField(max_length=64, unique=True, default=new_invitation_token)
    created_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(default=invitation_expiry)
    revoked_at = models.DateTimeField(null=True, blank=True)

    @property
    def is_open(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()


class RunStatus(models.TextChoices):
    DRAFT = "draft"  # uploaded, waiting for its mapping to be confirmed
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Run(models.Model):
    """What an import and an export have in common: one background run with progress."""

    status = models.CharField(max_length=10, choices=RunStatus.choices, default=RunStatus.QUEUED)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=64, blank=True)  # who claimed it; a fence for late writers

    objects = RunQuerySet.as_manager()

    class Meta:
        abstract = True


class Import(Run):
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

    class Meta:
        ordering = ["-pk"]


class ImportReject(models.Model):
    """A row that was not added, and why: rejected (must be mended) or duplicate (already there)."""

    run = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rejects")
    row = models.PositiveIntegerField()  # 1 is the first record below the header
    kind = models.CharField(max_length=10, choices=[("rejected", "rejected"), ("duplicate", "duplicate")])
    reason = models.CharField(max_length=300)
    excerpt = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["row"]
        constraints = [models.UniqueConstraint(fields=["run", "row"], name="import_reject_once")]


class Export(Run):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="exports")
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    format = models.CharField(max_length=20)
    filters = models.JSONField(default=dict, blank=True)  # {answers: gold|all, unlabelled: bool}
    file = models.FileField(upload_to="exports/%Y/%m/", blank=True)
    size = models.BigIntegerField(default=0)
    rows_total = models.PositiveIntegerField(default=0)
    rows_written = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-pk"]


class LabelChange(Run):
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
    effects = models.JSONField(default=dict)  # labelchanges.Effects, as foreseen
    answers_done = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["pk"]


class Split(models.TextChoices):
    POOL = "pool", _("Pool")
    TEST = "test", _("Test")
    GOLD = "gold", _("Gold")


class Item(models.Model):
    """One thing to label. `position` is dense per project and is its row in every feature matrix."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    external_id = models.CharField(max_length=200, blank=True)
    content = models.JSONField()  # what people and models see: {"text": ...}
    meta = models.JSONField(default=dict, blank=True)  # further columns, shown beside the item
    hidden = models.JSONField(default=dict, blank=True)  # columns kept for export and checks, never shown to annotators
    content_hash = models.CharField(max_length=32)
    split = models.CharField(max_length=5, choices=Split.choices, default=Split.POOL)
    answers = models.PositiveSmallIntegerField(default=0)  # live ones that are labels; kept by queue, labelchanges
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["project", "position"], name="item_position_once"),
            models.UniqueConstraint(fields=["project", "content_hash"], name="item_content_once"),
            models.UniqueConstraint(
                fields=["project", "external_id"], condition=~Q(external_id=""), name="item_external_id_once"
            ),
        ]
        indexes = [
            models.Index(fields=["project", "split", "answers"], name="item_split_answers"),
        ]


class Reason(models.TextChoices):
    """Why an item was handed out; shown to the person."""

    UNCERTAIN = "uncertain", _("Uncertain")
    COLD = "cold", _("Cold")
    RANDOM = "random", _("Random")
    TEST = "test", _("Test")
    GOLD = "gold", _("Gold")
    OVERLAP = "overlap", _("Overlap")
    SEARCH = "search", _("Search")
    REVIEW = "review", _("Review")
    IMPORTED = "imported", _("Imported")  # nobody was asked: the answer came with the upload


class Provenance(models.Model):
    """Why and how an item was chosen; copied from queue to assignment to annotation."""

    reason = models.CharField(max_length=10, choices=Reason.choices)
    score = models.FloatField(null=True, blank=True)  # the strategy's score; higher is more worth asking
    probability = models.FloatField(null=True, blank=True)  # chance of this choice when it was drawn; null: unknown
    round = models.PositiveIntegerField(null=True, blank=True)  # number of the round that chose it; null: no model yet
    suggestion = models.JSONField(null=True, blank=True)  # a value of the task type
    suggestion_score = models.FloatField(null=True, blank=True)
    likely = models.JSONField(null=True, blank=True)  # see likely.py; null: nothing tells which are

    PROVENANCE = ("reason", "score", "probability", "round", "suggestion", "suggestion_score", "likely")

    class Meta:
        abstract = True

    def provenance(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.PROVENANCE}


class QueueEntry(Provenance):
    """One ranked place in a project's queue: an item and which of its wanted answers (slot)."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="queue")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+")
    slot = models.PositiveSmallIntegerField(default=0)
    rank = models.PositiveIntegerField()

    objects = QueueEntryQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "slot"], name="queue_slot_once")]
        indexes = [models.Index(fields=["project", "rank"], name="queue_rank")]


class Assignment(Provenance):
    """A slot of an item in one person's hands until `expires_at`, or theirs for good once answered.

    The unique constraint on (item, slot) is what keeps two people from the same item: it holds
    whatever the transactions around it do.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="assignments")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="assignments")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="assignments")
    slot = models.PositiveSmallIntegerField(default=0)
    rank = models.PositiveIntegerField(default=0)
    answered = models.BooleanField(default=False)
    leased_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "slot"], name="assignment_slot_once"),
            models.UniqueConstraint(fields=["item", "user"], name="assignment_user_once"),
        ]
        indexes = [
            models.Index(
                fields=["project", "user", "expires_at"], condition=Q(answered=False), name="assignment_in_hand"
            ),
        ]


class Outcome(models.TextChoices):
    LABEL = "label"
    SKIP = "skip"
    FLAG = "flag"
    UNDO = "undo"


class Annotation(Provenance):
    """One person's answer about one item. Append-only: an edit or undo adds a row that supersedes another.

    `live` marks the newest answer of a person about an item that was not taken back; it can be
    derived from `supersedes` and is kept so that counting and training need no walk.
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="annotations")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="annotations")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="annotations")
    outcome = models.CharField(max_length=5, choices=Outcome.choices)
    value = models.JSONField(null=True, blank=True)
    seconds = models.FloatField(null=True, blank=True)
    comment = models.TextField(blank=True)
    suggestion_shown = models.BooleanField(default=False)
    suggestion_changed = models.BooleanField(null=True, blank=True)  # null: nothing was suggested
    slot = models.PositiveSmallIntegerField(null=True, blank=True)
    supersedes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by"
    )
    live = models.BooleanField(default=True)
    # what made this row of the one it supersedes, without the person; `created_at` is then when the person answered
    change = models.ForeignKey(LabelChange, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects = AnnotationQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["item", "user"], condition=Q(live=True), name="annotation_live_once"),
        ]
        indexes = [
            models.Index(fields=["project", "id"], name="annotation_by_project"),
            models.Index(fields=["project", "user", "id"], name="annotation_by_user"),
            models.Index(fields=["change"], condition=Q(change__isnull=False), name="annotation_by_change"),
        ]


class WorkerSign(models.Model):
    """When a worker of a Celery queue was last seen at work; no recent sign, no worker."""

    queue = models.CharField(max_length=40, primary_key=True)
    seen_at = models.DateTimeField()

    @classmethod
    def leave(cls, queue: str) -> None:
        cls.objects.update_or_create(queue=queue, defaults={"seen_at": timezone.now()})

    @property
    def is_fresh(self) -> bool:
        return self.seen_at > timezone.now() - timedelta(seconds=settings.STALE_SECONDS)
