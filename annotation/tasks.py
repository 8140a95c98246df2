"""Celery tasks of the queue `default`. Each message wakes a worker, which does the next job (`jobs.waiting_jobs`).

The messages name the job for which they were sent; what is done, the database says.
"""

from celery import shared_task
from django.utils.translation import override

from annotation import file_storage, jobs
from annotation.accounts import reset_links
from annotation.events.retention import delete_old_events
from annotation.imports import uploads
from annotation.labels import label_changes


@shared_task
def import_run(pk: int) -> None:
    jobs.run_next_job()


@shared_task
def export_run(pk: int) -> None:
    jobs.run_next_job()


@shared_task
def label_change_run(pk: int) -> None:
    jobs.run_next_job()


@shared_task
def sweep() -> None:
    jobs.sweep()
    label_changes.change_late_answers()


@shared_task
def send_reset_links(email: str, site: str, language: str) -> None:
    with override(language):
        reset_links.mail_reset_links(email, site)


@shared_task
def clean_up() -> None:
    file_storage.remove_unfinished_files()
    uploads.remove_old_uploads()


@shared_task
def sweep_events() -> None:
    delete_old_events()
