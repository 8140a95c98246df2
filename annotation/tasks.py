"""Celery tasks of the queue `default`: ids in, one call. Idempotent: a run is claimed by one worker only."""

from celery import shared_task

from annotation import jobs
from annotation.exports import exporting
from annotation.imports import importing
from annotation.labels import label_changes


@shared_task
def import_run(pk: int) -> None:
    importing.run(pk)


@shared_task
def export_run(pk: int) -> None:
    exporting.run(pk)


@shared_task
def label_change_run(pk: int) -> None:
    label_changes.run(pk)


@shared_task
def sweep() -> None:
    jobs.sweep()
    label_changes.follow_up()
