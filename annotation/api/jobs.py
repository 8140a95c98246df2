"""What imports, exports, changes of labels and simulations tell of themselves alike: each runs in the background."""

from datetime import datetime
from typing import Annotated, Any

from annotation.api.response_objects import Doc, response_object
from annotation.i18n import translate
from annotation.models import Job, JobStatus, User


@response_object
class JobOut:
    id: int
    status: Annotated[str, Doc(choices=tuple(JobStatus.values))]
    progress: Annotated[float, Doc("0 to 1.")]
    cancel_requested: Annotated[bool, Doc("Whether somebody has cancelled it; it may still run.")]
    error: str
    created_by: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    worker_running: Annotated[bool, Doc("Whether a worker has been seen lately.")]


@response_object
class FileJobOut(JobOut):
    format: str
    size: Annotated[int, Doc("Bytes.")]


def job_fields(job: Job, created_by: User | None, share: float, *, worker_running: bool) -> dict[str, Any]:
    """Return the fields of JobOut; `share` is how much of it is done, as far as that is known."""
    return {
        "id": job.pk,
        "status": job.status,
        "progress": 1.0 if job.status == JobStatus.DONE else round(min(1.0, share), 4),
        "cancel_requested": job.cancel_requested,
        "error": translate(job.error),
        "created_by": created_by.username if created_by else None,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "worker_running": worker_running,
    }
