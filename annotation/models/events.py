"""The audit log: rows that are written once, and removed only when they are old."""

from __future__ import annotations

from typing import Any, NoReturn

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MIN_KEPT_DAYS = 30  # PostgreSQL refuses to remove younger rows


class EventKind(models.TextChoices):
    """What can be recorded. A value stays for good: rows have it."""

    SIGN_IN = "sign_in", _("Signed in")
    SIGN_IN_FAILED = "sign_in_failed", _("Sign-in failed")
    SIGN_OUT = "sign_out", _("Signed out")
    PASSWORD_CHANGED = "password_changed", _("Password changed")
    ACCOUNT_CREATED = "account_created", _("Account created")
    ACCOUNT_CHANGED = "account_changed", _("Account changed")
    ACCOUNT_ANONYMISED = "account_anonymised", _("Account anonymised")
    TOKEN_CREATED = "token_created", _("Token created")
    TOKEN_REVOKED = "token_revoked", _("Token revoked")
    PROJECT_CREATED = "project_created", _("Project created")
    PROJECT_CHANGED = "project_changed", _("Project changed")
    PROJECT_PAUSED = "project_paused", _("Project paused")
    PROJECT_RESUMED = "project_resumed", _("Project resumed")
    PROJECT_DELETED = "project_deleted", _("Project deleted")
    LABEL_CHANGED = "label_changed", _("Label changed")
    MEMBER_ADDED = "member_added", _("Member added")
    MEMBER_ROLE_CHANGED = "member_role_changed", _("Role changed")
    MEMBER_REMOVED = "member_removed", _("Member removed")
    INVITATION_CREATED = "invitation_created", _("Invitation created")
    INVITATION_REVOKED = "invitation_revoked", _("Invitation revoked")
    IMPORT_STARTED = "import_started", _("Import started")
    IMPORT_CANCELLED = "import_cancelled", _("Import cancelled")
    EXPORT_CREATED = "export_created", _("Export created")
    EXPORT_CANCELLED = "export_cancelled", _("Export cancelled")
    EXPORT_DOWNLOADED = "export_downloaded", _("Export downloaded")


class AppendOnlyError(TypeError):
    """Somebody tries to change the audit log."""


class EventQuerySet(models.QuerySet["Event"]):
    def update(self, **_fields: object) -> NoReturn:
        raise AppendOnlyError

    def bulk_update(self, *_args: object, **_options: object) -> NoReturn:
        raise AppendOnlyError

    def delete(self) -> NoReturn:
        raise AppendOnlyError


class Event(models.Model):
    """One thing that somebody did. People and projects are numbers, not keys: rows outlive what they are about."""

    kind = models.CharField(max_length=30)  # an EventKind; no choices: a new one needs no migration
    at = models.DateTimeField(default=timezone.now)
    actor = models.BigIntegerField(null=True)  # who; none: nobody signed in, or the server itself
    address = models.GenericIPAddressField(null=True)
    request_id = models.CharField(max_length=64, blank=True)
    project = models.BigIntegerField(null=True)
    user = models.BigIntegerField(null=True)  # whom it was done to
    subject = models.CharField(max_length=200, blank=True)  # the name of what it was done to
    details = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["at"], name="event_at"),
            models.Index(fields=["project", "id"], name="event_project"),
        ]

    def save(self, *args: Any, **options: Any) -> None:
        """Insert the row; one that is there is not changed."""
        if not self._state.adding:
            raise AppendOnlyError
        super().save(*args, **{**options, "force_insert": True})

    def delete(self, *_args: object, **_options: object) -> NoReturn:
        raise AppendOnlyError
