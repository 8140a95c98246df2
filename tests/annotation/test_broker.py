"""A broker that hangs, refuses or is back: no call waits long, and whoever posts does not wait at all."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from celery import Celery
from django.conf import LazySettings
from django.core.cache import caches
from django.test import Client
from django.urls import reverse
from kombu.exceptions import OperationalError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError

from annotation import broker, jobs
from annotation.models import Export, Project, User
from annotation.outbox import Outbox
from tests.conftest import PASSWORD

TIMEOUT_SECONDS = 1.0


@pytest.fixture(autouse=True)
def breaker(monkeypatch: pytest.MonkeyPatch) -> broker.Breaker:
    """Each test has a breaker of its own, and leaves that of the process alone."""
    made = broker.Breaker()
    monkeypatch.setattr(broker, "BREAKER", made)
    return made


@pytest.fixture
def hung(settings: LazySettings) -> Iterator[str]:
    """The address of a Redis that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.REDIS_URL = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        yield settings.REDIS_URL


@pytest.fixture
def outbox(monkeypatch: pytest.MonkeyPatch) -> Outbox:
    """A real one: elsewhere tests tell the broker at once."""
    monkeypatch.undo()
    return Outbox()


def fail(error: Exception) -> None:
    raise error


def call(breaker: broker.Breaker, error: Exception | None) -> None:
    with breaker:
        if error is not None:
            raise error


def test_after_a_failure_nothing_is_tried_for_a_while_and_then_once(
    breaker: broker.Breaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    with pytest.raises(OSError, match="gone"):
        call(breaker, OSError("gone"))
    with pytest.raises(broker.BrokerAway):
        call(breaker, None)
    now[0] += broker.PAUSE_SECONDS
    with breaker, pytest.raises(broker.BrokerAway):  # one finds out, the others are refused meanwhile
        call(breaker, None)
    call(breaker, None)  # it was well


def test_an_answer_that_is_an_error_is_an_answer(breaker: broker.Breaker) -> None:
    with pytest.raises(ResponseError):
        call(breaker, ResponseError("WRONGTYPE"))
    call(breaker, None)


@pytest.mark.parametrize("error", [OperationalError("x"), RedisConnectionError("x"), TimeoutError("x")])
def test_every_way_of_not_answering_counts(error: Exception, breaker: broker.Breaker) -> None:
    with pytest.raises(type(error)):
        call(breaker, error)
    with pytest.raises(broker.BrokerAway):
        call(breaker, None)


def seconds(function: Callable[[], object]) -> float:
    started = time.monotonic()
    function()
    return time.monotonic() - started


def test_a_hung_broker_is_waited_for_once(hung: str) -> None:
    def ask() -> None:
        with pytest.raises(RedisError):
            broker.broker_client().get("x")

    assert seconds(ask) < TIMEOUT_SECONDS + 1
    assert seconds(lambda: [ask() for _ in range(100)]) < 0.5


def test_a_message_to_a_hung_broker_does_not_wait_for_ever(hung: str, settings: LazySettings) -> None:
    app = Celery("test", broker=hung, set_as_current=False)
    app.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    app.conf.task_publish_retry_policy = settings.CELERY_TASK_PUBLISH_RETRY_POLICY

    def send() -> None:
        with pytest.raises(OperationalError):
            app.send_task("x", ignore_result=True)

    assert seconds(send) < 10


@pytest.fixture
def hung_cache(hung: str, settings: LazySettings) -> None:
    cache = {"BACKEND": "annotation.cache.GuardedCache", "LOCATION": hung, "OPTIONS": settings.REDIS_TIMEOUTS}
    settings.CACHES = {"default": cache}


def test_the_cache_is_given_up_at_once_while_the_broker_is_away(hung_cache: None) -> None:
    def ask() -> None:
        with pytest.raises(RedisError):
            caches["default"].get("x")

    assert seconds(ask) < TIMEOUT_SECONDS + 1
    assert seconds(lambda: [ask() for _ in range(100)]) < 0.5


@pytest.mark.django_db
def test_signing_in_goes_on_without_its_limit(client: Client, lead: User, hung_cache: None) -> None:
    def sign_in() -> None:
        answer = client.post(reverse("sign-in"), {"username": lead.username, "password": PASSWORD})
        assert answer.status_code == 302

    assert seconds(sign_in) < TIMEOUT_SECONDS + 4


def test_whoever_posts_does_not_wait(outbox: Outbox) -> None:
    release, done = threading.Event(), []
    outbox.post("slow", lambda: release.wait(30))
    took = seconds(lambda: [outbox.post(n, lambda n=n: done.append(n)) for n in range(100)])  # type: ignore[misc]
    assert took < 0.5
    assert not outbox.flush(0.1)
    release.set()
    assert outbox.flush(10)
    assert done == list(range(100))


def test_what_waits_already_is_not_posted_again(outbox: Outbox) -> None:
    release, done = threading.Event(), []
    outbox.post("first", lambda: release.wait(30))
    for _ in range(50):
        outbox.post("again", lambda: done.append(1))
    release.set()
    assert outbox.flush(10)
    assert done == [1]
    outbox.post("again", lambda: done.append(1))
    assert outbox.flush(10)
    assert done == [1, 1]


def test_an_error_does_not_end_it(outbox: Outbox) -> None:
    done: list[int] = []
    outbox.post(1, lambda: fail(RedisConnectionError("away")))
    outbox.post(2, lambda: fail(ValueError("a fault of ours")))
    outbox.post(3, lambda: done.append(3))
    assert outbox.flush(10)
    assert done == [3]


def test_what_is_delayed_waits_and_does_not_hold_up_the_others(outbox: Outbox) -> None:
    done: list[str] = []
    outbox.post("late", lambda: done.append("late"), delay_seconds=0.5)
    outbox.post("soon", lambda: done.append("soon"))
    assert outbox.flush(10)
    assert done == ["soon", "late"]


def test_a_forked_child_sends_by_itself(outbox: Outbox) -> None:
    outbox.post("parent", lambda: None)
    assert outbox.flush(10)
    os.register_at_fork(after_in_child=outbox.forget)
    pid = os.fork()
    if pid == 0:
        outbox.post("child", lambda: None)
        os._exit(0 if outbox.flush(10) else 1)
    assert os.waitpid(pid, 0)[1] == 0


@pytest.mark.django_db(transaction=True)
def test_asking_for_a_job_only_posts(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    posted: list[object] = []
    monkeypatch.setattr(Outbox, "post", lambda _outbox, key, _send: posted.append(key))
    export = Export.objects.create(project=project, format="csv")
    jobs.wake_worker_after_commit(export)
    assert posted == [("annotation.tasks.export_run", export.pk)]
