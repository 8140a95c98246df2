"""What imports, exports, changes of labels and simulations tell of themselves alike: each runs in the background."""

from datetime import datetime
from typing import Annotated, Any

from annotation.api.answer_objects import Doc, answer_object
from annotation.i18n import translated
from annotation.models import Run, RunStatus, User


@answer_object
class RunOut:
    id: int
    status: Annotated[str, Doc(choices=tuple(RunStatus.values))]
    progress: Annotated[float, Doc("0 to 1.")]
    error: str
    created_by: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    worker_running: Annotated[bool, Doc("Whether a worker has been seen lately.")]


@answer_object
class FileRunOut(RunOut):
    format: str
    size: Annotated[int, Doc("Bytes.")]


def run_fields(run: Run, created_by: User | None, share: float, *, worker_running: bool) -> dict[str, Any]:
    """Return the fields of RunOut; `share` is how much of it is done, as far as that is known."""
    return {
        "id": run.pk,
        "status": run.status,
        "progress": 1.0 if run.status == RunStatus.DONE else round(min(1.0, share), 4),
        "error": translated(run.error),
        "created_by": created_by.username if created_by else None,
        "created_at": run.created_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "worker_running": worker_running,
    }
