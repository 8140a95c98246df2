"""Items, the queue, leases and answers: the rows that are the truth."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, Self

from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, Least
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotation.models.projects import Project, User
from annotation.project_settings.goal import MAX_REASON_CHARACTERS


class Split(models.TextChoices):
    POOL = "pool", _("Pool")
    TEST = "test", _("Test")
    GOLD = "gold", _("Gold")


class ItemQuerySet(models.QuerySet["Item"]):
    def open(self, overlap: int) -> Self:
        """Items that still want an answer from somebody."""
        return self.filter(answers__lt=overlap)

    def to_review(self, project: Project) -> Self:
        """Items answered by more people than were asked for, or by somebody who came late."""
        marked = Annotation.objects.filter(project=project, live=True, mark__isnull=False).values("item")
        return self.filter(Q(answers__gt=project.options.overlap) | Q(pk__in=marked))

    def labelled(self) -> Self:
        return self.filter(answers__gt=0)

    def unlabelled(self) -> Self:
        return self.filter(answers=0)

    def with_any(self, annotations: models.QuerySet[Annotation]) -> Self:
        """Items about which there is at least one of these annotations."""
        return self.filter(pk__in=annotations.order_by().values("item"))

    def containing(self, project: Project, words: str) -> Self:
        """Items whose main content (the task type's keys) contains the words, whatever the case."""
        found, kind = Q(), project.kind
        for key in kind.content.all_keys:
            # what a picture is, only its file's name says
            field = "external_id" if key == "image" else f"content__{key}"
            found |= Q(**{f"{field}__icontains": words})
        return self.filter(found)

    def with_free_slot(self, overlap: int) -> Self:
        """Items of which not all wanted places are answered or in somebody's hands."""
        taken = Assignment.objects.taken().filter(item=OuterRef("pk")).order_by().values("item")
        return self.annotate(taken=Coalesce(Subquery(taken.annotate(n=Count("pk")).values("n")), 0)).filter(
            taken__lt=overlap
        )

    def never_given_to(self, user: User) -> Self:
        """Items that the user has neither answered, skipped nor flagged nor holds."""
        mine = {"item": OuterRef("pk"), "user": user}
        return self.filter(
            ~Exists(Annotation.objects.filter(**mine, live=True)), ~Exists(Assignment.objects.filter(**mine))
        )


class Item(models.Model):
    """One thing to label. `position` is dense per project and is its row in every feature matrix."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="items", db_index=False)
    position = models.PositiveIntegerField()
    external_id = models.CharField(max_length=200, blank=True)
    content = models.JSONField()  # what people and models see: {"text": ...}
    meta = models.JSONField(default=dict, blank=True)  # further columns, shown beside the item
    export_only = models.JSONField(default=dict, blank=True)  # columns that annotators never see
    content_hash = models.CharField(max_length=32)
    split = models.CharField(max_length=5, choices=Split.choices, default=Split.POOL)
    answers = models.PositiveSmallIntegerField(default=0)  # live ones that are labels; kept by queue and labels
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

    @property
    def public_id(self) -> str:
        """The external id as those may see it who do not see the columns for export only.

        Archives of images are sorted into folders by label: without folders, and without any id that has the value of
        such a column in it.
        """
        folders, _slash, name = self.external_id.rpartition("/")
        values = [text for value in self.export_only.values() if len(text := str(value).strip().casefold()) > 1]

        def reveals(text: str) -> bool:
            return any(value in text.casefold() for value in values)

        if reveals(name):
            return ""
        return name if "image" in self.content or reveals(folders) else self.external_id


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
    label_scores = models.JSONField(
        null=True, blank=True
    )  # of the likeliest labels, best first, see tasktypes/label_ranking.py; null: unknown

    PROVENANCE = ("reason", "score", "probability", "round", "suggestion", "suggestion_score", "label_scores")

    class Meta:
        abstract = True

    def provenance(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.PROVENANCE}


class QueueEntryQuerySet(models.QuerySet["QueueEntry"]):
    def free_for(self, user: int, overlap: int, now: datetime) -> Self:
        """Entries whose slot is free at this moment and whose item the user has not had, best first."""
        taken = Assignment.objects.taken(now).filter(item=OuterRef("item"), slot=OuterRef("slot"))
        mine = Annotation.objects.filter(item=OuterRef("item"), user=user, live=True)
        held = Assignment.objects.taken(now).filter(item=OuterRef("item"), user=user)
        return self.filter(~Exists(taken), ~Exists(mine), ~Exists(held), item__answers__lt=overlap).order_by(
            "rank", "slot"
        )


class QueueEntry(Provenance):
    """One ranked place in a project's queue: an item and which of its wanted answers (slot)."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="queue", db_index=False)
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+", db_index=False)
    slot = models.PositiveSmallIntegerField(default=0)
    rank = models.PositiveIntegerField()

    objects = QueueEntryQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "slot"], name="queue_slot_once")]
        indexes = [models.Index(fields=["project", "rank"], name="queue_rank")]


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def leased(self) -> Self:
        return self.filter(answered=False, expires_at__gt=timezone.now())

    def expired(self) -> Self:
        return self.filter(answered=False, expires_at__lte=timezone.now())

    def taken(self, now: datetime | None = None) -> Self:
        """Slots nobody else may have: answered, or in hand by the clock."""
        return self.filter(Q(answered=True) | Q(expires_at__gt=now or timezone.now()))


class Assignment(Provenance):
    """A slot of an item in one person's hands until `expires_at`, or theirs for good once answered.

    The unique constraint on (item, slot) is what keeps two people from the same item: it holds
    whatever the transactions around it do.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="assignments")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="assignments", db_index=False)
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


class Mark(models.TextChoices):
    """What is to be noted of an answer that was stored though nobody waited for it."""

    LATE = "late", _("Late")  # its lease had run out, and others had the item
    UNASSIGNED = "unassigned", _("Unassigned")  # kept by a browser from before assignments were signed


class AnnotationQuerySet(models.QuerySet["Annotation"]):
    def live(self) -> Self:
        return self.filter(live=True)

    def answers(self) -> Self:
        """Live answers with a value: what counts, trains and evaluates."""
        return self.filter(live=True, outcome="label")

    def skipped_by(self, user: User, project: Project) -> Self:
        """The user's skips of items that still want an answer."""
        open_items = {"item__answers__lt": project.options.overlap}
        return self.live().filter(project=project, user=user, outcome="skip", **open_items)

    def naming_label(self, project: Project, label: str) -> Self:
        """Live answers that have this label: alone, or in one of their parts."""
        answers = self.answers().filter(project=project)
        if not project.kind.answer.in_components:
            return answers.filter(value=project.kind.answer.value(label))
        # a value has no text that is the same as a label's and is none; databases differ in how they write it
        text = Cast("value", models.TextField())
        written = {json.dumps(label), json.dumps(label, ensure_ascii=False)}
        return answers.annotate(written=text).filter(
            reduce(or_, [Q(written__contains=name) for name in sorted(written)])
        )


class Annotation(Provenance):
    """One person's answer about one item. Append-only: an edit or undo adds a row that supersedes another.

    `live` marks the newest answer of a person about an item that was not taken back; it can be
    derived from `supersedes` and is kept so that counting and training need no walk.
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="annotations", db_index=False)
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="annotations")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="annotations")
    outcome = models.CharField(max_length=5, choices=Outcome.choices)
    value = models.JSONField(null=True, blank=True)
    duration_seconds = models.FloatField(null=True, blank=True)  # while the item was on the screen
    # of these, those in which the person did something; at most a lease. Null in answers of older releases
    active_seconds = models.FloatField(null=True, blank=True)
    comment = models.TextField(blank=True)
    # why it is not of the label to find: one of the project's reasons as they were then; nearly always null
    exclusion_reason = models.CharField(max_length=MAX_REASON_CHARACTERS, blank=True, null=True)
    suggestion_shown = models.BooleanField(default=False)
    suggestion_changed = models.BooleanField(null=True, blank=True)  # null: nothing was suggested
    slot = models.PositiveSmallIntegerField(null=True, blank=True)
    supersedes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by"
    )
    live = models.BooleanField(default=True)
    mark = models.CharField(max_length=10, choices=Mark.choices, null=True, blank=True)  # nearly always null
    # what made this row of the one it supersedes, without the person; `created_at` is then when the person answered
    change = models.ForeignKey(
        "annotation.LabelChange", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
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
            models.Index(fields=["project"], condition=Q(mark__isnull=False), name="annotation_marked"),
        ]


def work_seconds(project: Project) -> Case:
    """Return the expression for how long the person was at work on an answer; null where nobody measured it.

    Of answers from before active time was counted, the time on the screen, at most a lease.
    """
    lease = Value(60.0 * project.options.lease_minutes)
    counted = When(active_seconds__isnull=False, then=F("active_seconds"))
    elapsed = When(duration_seconds__isnull=False, then=Least(F("duration_seconds"), lease))
    return Case(counted, elapsed, output_field=models.FloatField())


def project_progress(project: Project) -> dict[str, int]:
    """Counts of items: all, labelled, and of the test sample."""
    items = project.items
    return {
        "items": project.item_count,
        "labelled": items.labelled().count(),
        "test": items.filter(split="test").count(),
        "test_labelled": items.filter(split="test").labelled().count(),
    }
