"""Keys with which programs call the API in a person's name."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotation.models.projects import User


class Scope(models.TextChoices):
    """What a token may do; each one what those before it may, too."""

    READ = "read", _("Read")
    ANNOTATE = "annotate", _("Annotate")
    MANAGE = "manage", _("Manage")


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def expired(self) -> Self:
        return self.filter(expires_at__lte=timezone.now())

    def current(self) -> Self:
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()))


class ApiToken(models.Model):
    """A key of which only the digest is kept. It is long and random, so that a plain digest cannot be guessed."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=12)  # by which people recognise it
    scope = models.CharField(max_length=10, choices=Scope.choices)
    by_password = models.BooleanField(default=False)  # made by a program's sign-in, not on the account page
    is_legacy = models.BooleanField(default=False)  # of a release that kept the keys themselves
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)  # to some minutes

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name

    def is_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    def allows(self, scope: Scope) -> bool:
        order = list(Scope)
        return order.index(Scope(self.scope)) >= order.index(scope)
