"""/healthz, /readyz and /metrics, from inside and for strangers."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from annotation.models import Project, User, WorkerHeartbeat

pytestmark = pytest.mark.django_db


@pytest.fixture
def workers(db: None) -> None:
    for queue in ("default", "train", "features"):
        WorkerHeartbeat.touch(queue)


def test_alive_asks_nobody(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")


def test_ready_when_every_part_is_there(client: Client, workers: None) -> None:
    response = client.get("/readyz")
    parts = {
        "database": "ok",
        "migrations": "ok",
        "broker": "ok",
        "worker": "ok",
        "worker-train": "ok",
        "worker-features": "ok",
    }
    assert response.json() == {"status": "ok", "parts": parts}
    assert response.status_code == 200


def test_not_ready_without_a_recent_sign_of_a_worker(client: Client, workers: None, settings: LazySettings) -> None:
    long_ago = timezone.now() - timedelta(seconds=settings.STALE_SECONDS + 1)
    WorkerHeartbeat.objects.filter(queue="train").update(seen_at=long_ago)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert [name for name, state in response.json()["parts"].items() if state == "down"] == ["worker-train"]


def test_not_ready_without_a_broker(client: Client, workers: None, settings: LazySettings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["parts"]["broker"] == "down"


def test_not_ready_before_the_migrations(client: Client, workers: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'learner'")
    assert client.get("/readyz").json()["parts"]["migrations"] == "down"


def test_health_answers_without_tls_and_by_any_inside_name(client: Client, settings: LazySettings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/healthz", headers={"host": "127.0.0.1:8000"}).status_code == 200
    assert client.get("/accounts/", headers={"host": "127.0.0.1:8000"}).status_code == 301


@pytest.mark.parametrize("address", ["/healthz", "/readyz", "/metrics"])
def test_health_is_only_read(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405


def test_metrics_are_not_for_everybody(
    client_of: Callable[..., Client], lead: User, annotator: User, admin: User, settings: LazySettings
) -> None:
    """Anonymous visitors and people without the staff flag learn nothing, with or without a token set."""
    for token in ("", "let-me-in"):
        settings.METRICS_TOKEN = token
        for user in (None, lead, annotator):
            assert client_of(user).get("/metrics").status_code == 404
        for wrong in ("Bearer ", "Bearer wrong", "let-me-in", "Bearer let-me-in\u00e9"):
            assert client_of(None).get("/metrics", headers={"authorization": wrong}).status_code == 404
        assert client_of(admin).get("/metrics").status_code == 200


def test_metrics_say_what_the_database_says(
    client: Client, settings: LazySettings, project: Project, make_items: Any, workers: None
) -> None:
    make_items(project, 3)
    settings.METRICS_TOKEN = "let-me-in"
    response = client.get("/metrics", headers={"authorization": "Bearer let-me-in"})
    families = {family.name: family for family in text_string_to_metric_families(response.content.decode())}
    assert families["margin_items"].samples[0].value == 3
    seen = {sample.labels["queue"]: sample.value for sample in families["margin_worker_seen_timestamp_seconds"].samples}
    assert seen.keys() == {"default", "train", "features"}
    assert abs(seen["train"] - timezone.now().timestamp()) < 60
    assert {
        "margin_answers",
        "margin_queue_entries",
        "margin_runs",
        "margin_rounds",
        "margin_round_seconds",
    } <= families.keys()
