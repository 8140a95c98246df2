"""Rounds: one iteration of the loop each, with all that is needed to reproduce it; and simulations."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from annotation.models import Job, JobQuerySet, JobStatus, Project, User


class Trigger(models.TextChoices):
    FIRST = "first"  # items but no queue yet
    BATCH = "batch"  # enough new answers
    REQUESTED = "asked"  # a lead wants one; the value is that of the first release


class RoundQuerySet(JobQuerySet):
    def done(self) -> Self:
        return self.filter(status=JobStatus.DONE)

    def stale(self) -> Self:
        """Rounds whose worker has died; one that all workers score is nobody's alone."""
        return super().stale().filter(sharded=False)

    def stalled(self) -> Self:
        """Sharded rounds of which nobody has scored a shard, or put them together, for too long."""
        return super().stale().filter(sharded=True)


class Round(Job):
    """One iteration: claim, fit, evaluate, score, choose, publish.

    A job with a rule of its own: at most one of a project runs, by constraint. It is never queued
    (`scheduling.due_projects` says when one is needed) and never taken over: what a dead worker left has failed, and
    the next has a new number.
    """

    MAX_ATTEMPTS = 1  # the next one is a round of its own
    MAX_STALLS = 5  # of a sharded round, in a row without a scored shard

    # it runs from the moment it is made
    status = models.CharField(max_length=10, choices=JobStatus.choices, default=JobStatus.RUNNING)
    created_at = None  # type: ignore[assignment]  # Django takes the column away
    started_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(default=timezone.now)

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="rounds")
    number = models.PositiveIntegerField()
    trigger = models.CharField(max_length=10, choices=Trigger.choices)
    seed = models.BigIntegerField()
    settings = models.JSONField(default=dict)  # as they were: strategy, beta, shares, estimator, features version
    items = models.PositiveIntegerField(default=0)  # how many items the project had
    leased_positions = models.JSONField(default=list)  # left out, because people were at work on them
    answers_upto = models.BigIntegerField(default=0)  # id of the last annotation it could see
    answers = models.PositiveIntegerField(default=0)  # live answers it saw, test sample included
    labels = models.PositiveIntegerField(default=0)  # of these, used for training
    sharded = models.BooleanField(default=False)  # the model is there, and whoever is free scores a shard
    timings = models.JSONField(default=dict)  # seconds by step
    metrics = models.JSONField(default=dict)  # of the iteration: classes, beta, effective pool size, notes
    test_predictions = models.JSONField(default=dict)  # {position: label} of the frozen test sample, by the model
    test_scores = models.JSONField(default=dict)  # {position: the model's confidence in its prediction}
    control_predictions = models.JSONField(default=dict)  # the same by a model of the random arm alone
    test_detections = models.JSONField(default=dict)  # all that a detector saw there, above its threshold or not
    control_detections = models.JSONField(default=dict)  # the same by a model of the random arm alone
    stop_predictions = models.JSONField(default=dict)  # of the stop set by the model; in the form of engine.stopping
    control_labels = models.PositiveIntegerField(default=0)
    published = models.PositiveIntegerField(default=0)  # entries in the queue it made
    note = models.TextField(blank=True)  # why there is no model yet, or no ranking

    objects = RoundQuerySet.as_manager()  # type: ignore[misc]  # narrower than that of every job

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
    """What a project waits for: a round that somebody wants now, or the next try after failures."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="learner_state")
    requested_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)  # in a row, by an error or by the death of a worker
    retry_at = models.DateTimeField(null=True, blank=True)
    paused_for = models.JSONField(default=dict)  # {limit: threshold} for which handing out was paused
    test_frozen_items = models.PositiveIntegerField(default=0)  # items among which the test sample was drawn
    # what the newest model was measured to be before the project had no test sample any more: reports/earlier_metrics
    earlier_metrics = models.JSONField(default=dict)
    has_searched = models.BooleanField(default=False)  # for all items of a label: answers are no random sample


class Simulation(Job):
    """Replays of a project's own answers, to compare strategies and learners; it changes nothing in the project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="simulations")
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    options = models.JSONField(default=dict)  # as requested, see simulations.requests.Options
    snapshot = models.JSONField(default=dict)  # which answers and features it rests on, and what was made of them
    labels_total = models.PositiveIntegerField(default=0)
    labels_done = models.PositiveIntegerField(default=0)
    trials = models.JSONField(default=list)  # experiments.TrialResult, those that have ended; none once it is done
    full = models.JSONField(default=dict)  # {learner: {metric: score with all labels}}
    comparison = models.JSONField(null=True, blank=True)  # comparison.Comparison, once it is done
    points = models.TextField(blank=True)  # CSV
    plot = models.BinaryField(default=bytes)  # PNG

    class Meta:
        ordering = ["-pk"]
