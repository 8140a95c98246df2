"""People, projects, labels, members: who labels what, with which labels."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Self

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotation import tasktypes
from annotation.i18n import label_words
from annotation.project_settings.labelling import LabellingOptions
from annotation.project_settings.setting_types import LabelReference, resolve_label


class User(AbstractUser):
    """A person, or the `imported` annotator in whose name uploaded labels stand."""

    is_machine = models.BooleanField(default=False)
    time_zone = models.CharField(max_length=64, blank=True, default="")  # empty: the browser's


def new_seed() -> int:
    return secrets.randbits(62)


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: User) -> Self:
        """Projects in which the user takes part; all for an instance admin."""
        return self if user.is_superuser else self.filter(memberships__user=user)


class Project(models.Model):
    name = models.CharField(max_length=120)
    task_type = models.CharField(max_length=40)
    guidelines = models.TextField(blank=True)  # Markdown
    settings = models.JSONField(default=dict, blank=True)
    seed = models.BigIntegerField(default=new_seed, editable=False)
    item_count = models.PositiveIntegerField(default=0, editable=False)  # also the next free position
    paused_at = models.DateTimeField(null=True, blank=True, editable=False)  # since when nothing new is handed out
    paused_reason = models.CharField(max_length=200, blank=True, default="", editable=False)  # a marked sentence
    # until when answers about items of the pool come in from browsers that kept them before assignments were signed
    unsigned_until = models.DateTimeField(null=True, blank=True, editable=False)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    members = models.ManyToManyField(User, through="Membership", related_name="projects")

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def options(self) -> LabellingOptions:
        """How people label; other apps read their own groups of settings."""
        return LabellingOptions.read(self.settings, self.task_type)

    @property
    def kind(self) -> tasktypes.TaskType:
        return tasktypes.TASK_TYPES[self.task_type].with_settings(self.settings)

    def label_names(self) -> list[str]:
        """Names of the labels that may be given now, in the order of their keys."""
        return [label.name for label in self.labels.all() if label.retired_at is None]

    def resolve_label(self, reference: LabelReference) -> str | None:
        """Return the label that a setting's value names; None where it names none that may be given now."""
        return resolve_label(reference, self.label_names())


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


class MembershipQuerySet(models.QuerySet["Membership"]):
    def people(self) -> Self:
        return self.filter(user__is_machine=False)


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


def invitation_expiry() -> datetime:
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
