"""What imports, exports and simulations tell of themselves alike: each is one background run with progress."""

from typing import Any

from rest_framework import serializers

from annotation.i18n import translated
from annotation.models import RunStatus


class RunOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    status = serializers.ChoiceField(choices=RunStatus.choices)
    progress = serializers.FloatField(help_text="0 to 1.")
    error = serializers.CharField()
    created_by = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    worker_running = serializers.BooleanField(help_text="Whether a worker has been seen lately.")


def run_out(run: Any, share: float, worker_running: bool) -> dict[str, Any]:
    """The plain form of a run; `share` is how much of it is done, as far as that is known."""
    return {
        "id": run.pk,
        "status": run.status,
        "progress": 1.0 if run.status == RunStatus.DONE else round(min(1.0, share), 4),
        "error": translated(run.error),
        "created_by": run.created_by.username if run.created_by else None,
        "created_at": run.created_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "worker_running": worker_running,
    }
