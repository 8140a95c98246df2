"""For those who operate Margin: is it alive, is it ready, how much is it doing."""

from collections.abc import Callable
from secrets import compare_digest

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST
from redis import Redis, RedisError

from annotation.models import WorkerHeartbeat
from annotation.prometheus import render_metrics


@require_safe
@never_cache
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is looked at, so that no outage elsewhere gets it restarted."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Whether each part that labelling needs is there; 503 when one is not."""
    parts = {name: _part_state(part) for name, part in CHECKS.items()}
    fine = all(state == "ok" for state in parts.values())
    return JsonResponse({"status": "ok" if fine else "down", "parts": parts}, status=200 if fine else 503)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Numbers for Prometheus: for whoever knows MARGIN_METRICS_TOKEN, and for signed-in staff."""
    if not (_has_metrics_token(request) or (request.user.is_authenticated and request.user.is_staff)):
        raise Http404
    return HttpResponse(render_metrics(), content_type=CONTENT_TYPE_LATEST)


def _has_metrics_token(request: HttpRequest) -> bool:
    token: str = settings.METRICS_TOKEN
    given = request.headers.get("Authorization", "")
    return bool(token) and compare_digest(given.encode(), f"Bearer {token}".encode())


def _part_state(part: Callable[[], bool]) -> str:
    try:
        return "ok" if part() else "down"
    except (DatabaseError, RedisError):
        return "down"


def _database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def _migrations_are_applied() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _broker_answers() -> bool:
    with Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1) as client:
        return bool(client.ping())


def _worker_takes_messages(queue: str) -> bool:
    """Whether a worker takes messages of this queue: its consumer says so, not the job that it may be doing."""
    last = WorkerHeartbeat.objects.filter(queue=queue).first()
    return last is not None and last.is_fresh


CHECKS: dict[str, Callable[[], bool]] = {
    "database": _database_answers,
    "migrations": _migrations_are_applied,
    "broker": _broker_answers,
    "worker": lambda: _worker_takes_messages("default"),
    "worker-train": lambda: _worker_takes_messages("train"),
    "worker-features": lambda: _worker_takes_messages("features"),
}
