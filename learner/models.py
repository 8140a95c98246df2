"""Rounds: one turn of the loop each, with all that is needed to reproduce it."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from annotation.models import Project, Run, User


class RoundStatus(models.TextChoices):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Trigger(models.TextChoices):
    FIRST = "first"  # items but no queue yet
    BATCH = "batch"  # enough new answers
    ASKED = "asked"  # a lead asked


class RoundQuerySet(models.QuerySet["Round"]):
    def done(self) -> Self:
        return self.filter(status=RoundStatus.DONE)

    def stale(self) -> Self:
        """Running, but the worker gave no sign of life for too long."""
        return self._silent().filter(handed_out=False)

    def forgotten(self) -> Self:
        """Handed out, but nobody has scored a shard of it, or put them together, for too long."""
        return self._silent().filter(handed_out=True)

    def _silent(self) -> Self:
        limit = timezone.now() - timedelta(seconds=settings.STALE_SECONDS)
        return self.filter(status=RoundStatus.RUNNING, heartbeat_at__lt=limit)


class Round(models.Model):
    """One turn: claim, fit, evaluate, score, choose, publish."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="rounds")
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=RoundStatus.choices, default=RoundStatus.RUNNING)
    trigger = models.CharField(max_length=10, choices=Trigger.choices)
    seed = models.BigIntegerField()
    settings = models.JSONField(default=dict)  # as they were: strategy, beta, shares, learner, features version
    items = models.PositiveIntegerField(default=0)  # how many items the project had
    in_hand = models.JSONField(default=list)  # positions left out because people held them
    answers_upto = models.BigIntegerField(default=0)  # id of the last annotation it could see
    answers = models.PositiveIntegerField(default=0)  # live answers it saw, test sample included
    labels = models.PositiveIntegerField(default=0)  # of these, used for training
    started_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=64, blank=True)  # fence: a worker thought dead cannot publish
    handed_out = models.BooleanField(default=False)  # the model is there, and whoever is free scores a shard
    timings = models.JSONField(default=dict)  # seconds by step
    metrics = models.JSONField(default=dict)  # what cycle.py said: classes, beta, effective pool size, notes
    test_predictions = models.JSONField(default=dict)  # {position: label} of the frozen test sample, by the model
    test_scores = models.JSONField(default=dict)  # {position: how probable the model found what it said}
    control_predictions = models.JSONField(default=dict)  # the same by a model of the random arm alone
    test_found = models.JSONField(default=dict)  # all that the model found there, sure or not, where its kind tells
    control_found = models.JSONField(default=dict)  # the same by a model of the random arm alone
    stop_predictions = models.JSONField(default=dict)  # of the stop set by the model; learner.stopping.stopset's form
    control_labels = models.PositiveIntegerField(default=0)
    published = models.PositiveIntegerField(default=0)  # entries in the queue it made
    note = models.TextField(blank=True)  # why there is no model yet, or no ranking
    error = models.TextField(blank=True)

    objects = RoundQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="round_number_once"),
            models.UniqueConstraint(fields=["project"], condition=Q(status="running"), name="round_running_once"),
        ]

    @property
    def seconds(self) -> float | None:
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None


class LearnerState(models.Model):
    """What a project waits for: a round somebody asked for, or the next try after failures."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="learner_state")
    asked_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)  # in a row
    retry_at = models.DateTimeField(null=True, blank=True)
    paused_for = models.JSONField(default=dict)  # {limit: threshold} for which handing out was paused
    test_frozen_items = models.PositiveIntegerField(default=0)  # items among which the test sample was drawn


class Simulation(Run):
    """Replays of a project's own answers, to compare strategies and learners; it changes nothing in the project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="simulations")
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    options = models.JSONField(default=dict)  # as asked for, see simulations.Options
    moment = models.JSONField(default=dict)  # which answers and features it rests on, and what was made of them
    labels_total = models.PositiveIntegerField(default=0)
    labels_done = models.PositiveIntegerField(default=0)
    trials = models.JSONField(default=list)  # trials.TrialResult, those that have ended; none any more once it is done
    full = models.JSONField(default=dict)  # {learner: {metric: score with all labels}}
    comparison = models.JSONField(null=True, blank=True)  # comparison.Comparison, once it is done
    points = models.TextField(blank=True)  # CSV
    plot = models.BinaryField(default=bytes)  # PNG

    class Meta:
        ordering = ["-pk"]
