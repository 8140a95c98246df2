"""People, projects, labels, members: who labels what, with which labels."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Self

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from annotation import tasktypes
from annotation.i18n import label_words
from annotation.project_settings.goal import GoalOptions
from annotation.project_settings.labelling import LabellingOptions
from annotation.project_settings.setting_types import LabelReference, resolve_label
from annotation.text.look_alikes import skeleton


class User(AbstractUser):
    """A person, or the `imported` annotator in whose name uploaded labels stand."""

    is_machine = models.BooleanField(default=False)
    time_zone = models.CharField(max_length=64, blank=True, default="")  # empty: the browser's
    # The same for names that look alike; null where an earlier release let several in: all but the first of them.
    name_skeleton = models.CharField(max_length=600, null=True, editable=False)
    sessions_ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    anonymised_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(AbstractUser.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["name_skeleton"], condition=Q(name_skeleton__isnull=False), name="user_name_looks_once"
            )
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save it; raises ValidationError where a new name looks like that of another account."""
        changed = kwargs.get("update_fields")
        if self._state.adding or (self.name_skeleton is not None and (changed is None or "username" in changed)):
            self.name_skeleton = skeleton(self.username)
            if changed is not None:
                kwargs["update_fields"] = {*changed, "name_skeleton"}
        if self._state.adding and User.objects.filter(name_skeleton=self.name_skeleton).exists():
            raise ValidationError({"username": gettext("This user name is taken, or looks like one: choose another.")})
        super().save(*args, **kwargs)

    def get_session_auth_hash(self) -> str:
        """Return what a session must carry: it changes with the password, and when all sessions are ended."""
        return self._of_sessions_now(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        return map(self._of_sessions_now, super().get_session_auth_fallback_hash())

    def _of_sessions_now(self, session_hash: str) -> str:
        if self.sessions_ended_at is None:
            return session_hash
        return salted_hmac(session_hash, self.sessions_ended_at.isoformat(), algorithm="sha256").hexdigest()


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
    def goal(self) -> GoalOptions:
        """What the project is for."""
        return GoalOptions.read(self.settings, self.task_type)

    @property
    def label_to_find(self) -> str | None:
        """The label of which all items are to be found; None where the project has another goal, or no label."""
        goal = self.goal
        if not goal.finds_all:
            return None
        return self.resolve_label(goal.label_to_find) or next(iter(self.label_names()), None)

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
    invitation = models.ForeignKey("Invitation", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "user"], name="member_once")]


def new_invitation_token() -> str:
    return secrets.token_urlsafe(24)


def invitation_expiry() -> datetime:
    return timezone.now() + timedelta(days=14)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> Self:
        """Links that still let somebody in: a link ends by itself, and when its maker may not invite any more."""
        leads = Membership.objects.filter(
            project=models.OuterRef("project"), user=models.OuterRef("created_by"), role=Role.LEAD
        )
        return self.filter(
            Q(max_uses=None) | Q(uses__lt=models.F("max_uses")),
            Q(created_by__is_superuser=True) | models.Exists(leads),
            revoked_at=None,
            expires_at__gt=timezone.now(),
            created_by__is_active=True,
        )


class Invitation(models.Model):
    """A link that makes whoever opens it, signed in, a member with that role. Only the digest of its secret is kept."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.ANNOTATOR)
    digest = models.CharField(max_length=64, unique=True)
    max_uses = models.PositiveIntegerField(null=True, blank=True)  # null: of a release that did not count
    uses = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(default=invitation_expiry)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()


class RemovedMember(models.Model):
    """When somebody was last removed from a project: links of before do not let them in again."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    removed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "user"], name="removed_member_once")]
