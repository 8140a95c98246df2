"""Uploaded files that nobody needs any more: of imports that have ended, and of drafts that nobody started."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from annotation.models import Import, JobStatus

MAX_REMOVED_UPLOADS = 1000  # in one go; the others next time


def remove_old_uploads() -> int:
    """Remove uploads older than UPLOAD_KEEP_DAYS; drafts with their rows. Return how many files went."""
    if not settings.UPLOAD_KEEP_DAYS:
        return 0
    limit = timezone.now() - timedelta(days=settings.UPLOAD_KEEP_DAYS)
    is_old = Q(finished_at__lt=limit) | Q(status=JobStatus.DRAFT, created_at__lt=limit)
    runs = Import.objects.filter(is_old).exclude(file="").order_by("pk")[:MAX_REMOVED_UPLOADS]
    for run in runs:
        if run.status == JobStatus.DRAFT:
            removed = Import.objects.filter(pk=run.pk, status=JobStatus.DRAFT).delete()[0]
        else:
            removed = Import.objects.filter(pk=run.pk, finished_at__lt=limit).update(file="")
        if removed:
            run.file.storage.delete(run.file.name)
    return len(runs)
