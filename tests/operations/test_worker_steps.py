"""A worker shows that it takes messages, and does not outlive its consumer; the clock needs no broker."""

import threading
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from celery.platforms import EX_FAILURE, EX_OK
from django.utils import timezone

from alproject import process_list, sweeper, worker_steps
from alproject.celery import app
from alproject.supervisor import Program, Supervisor
from alproject.sweeper import Sweeper
from annotation.models import WorkerHeartbeat
from tests.annotation.workers import environment as worker_environment
from tests.operations.conftest import ROOT, wait_until

PATIENCE = 120  # seconds, for a machine that is busy with other tests


def test_a_worker_leaves_only_when_its_consumer_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []
    monkeypatch.setattr(worker_steps, "leave_after", asked.append)
    step = worker_steps.LeaveWithConsumer(SimpleNamespace())
    for code in (None, EX_OK):
        step.close(SimpleNamespace(exitcode=code))  # type: ignore[arg-type]
    assert asked == []
    step.close(SimpleNamespace(exitcode=EX_FAILURE))  # type: ignore[arg-type]
    assert asked == [worker_steps.LEAVE_SECONDS]


def test_it_leaves_whatever_it_is_doing() -> None:
    left, gone = [], threading.Event()
    worker_steps.leave_after(0.05, lambda code: (left.append(code), gone.set()))
    assert gone.wait(PATIENCE)
    assert left == [EX_FAILURE]


@pytest.mark.service
@pytest.mark.django_db(transaction=True)
def test_a_worker_whose_consumer_died_is_replaced_though_a_task_runs(var: Path) -> None:
    """And it says that it takes messages from the moment when it does."""
    usual = process_list.worker_program("default")
    program = Program("worker", [*usual.argv, "--include", "tests.operations.dying_consumer"])
    env = {**worker_environment(var / "media"), "MARGIN_STALE_SECONDS": "5"}
    said: list[str] = []
    supervisor = Supervisor(env=env, directory=ROOT, logs=var / "log", report=said.append)
    began = timezone.now()
    try:
        supervisor.start(program)
        first = supervisor.pids()["worker"]
        app.send_task("tests.operations.dying_consumer.take_long", queue="default")
        assert supervisor.watch(until=lambda: bool(said))
        assert "worker ended with code 1" in said[0]
        assert "The consumer has died" in (var / "log" / "worker.log").read_text()
        assert WorkerHeartbeat.objects.get(queue="default").seen_at > began
        again = timezone.now()
        assert supervisor.watch(until=lambda: supervisor.pids().get("worker", first) != first)
        wait_until(lambda: WorkerHeartbeat.objects.get(queue="default").seen_at > again, PATIENCE, "the next one")
    finally:
        supervisor.stop()


@pytest.mark.service
@pytest.mark.django_db(transaction=True)
def test_without_a_broker_a_worker_is_silent(var: Path) -> None:
    old = timezone.now() - timedelta(days=1)
    WorkerHeartbeat.objects.create(queue="default", seen_at=old)
    env = {**worker_environment(var / "media"), "REDIS_URL": "redis://127.0.0.1:1/0"}
    supervisor = Supervisor(env=env, directory=ROOT, logs=var / "log", report=print)
    try:
        supervisor.start(process_list.worker_program("default"))
        log = var / "log" / "worker-default.log"
        wait_until(lambda: log.exists() and "Cannot connect" in log.read_text(), PATIENCE, "it tries")
        assert psutil.pid_exists(supervisor.pids()["worker-default"])
        assert WorkerHeartbeat.objects.get().seen_at == old
    finally:
        supervisor.stop()


@pytest.mark.django_db
def test_the_clock_does_the_sweeps_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that fails does not stop the others; what may take long goes to a worker."""
    ran: list[str] = []

    def fail() -> None:
        ran.append("rounds")
        raise OSError("the database is away")

    app.loader.import_default_modules()
    monkeypatch.setitem(app.tasks, "annotation.tasks.sweep", lambda: ran.append("jobs"))
    monkeypatch.setitem(app.tasks, "learner.tasks.sweep", fail)
    monkeypatch.setattr(sweeper, "send_message", lambda task, **_: ran.append(task))
    clock = Sweeper(app, schedule_filename=str(tmp_path / "schedule"))
    for entry in clock.schedule.values():
        entry.last_run_at = timezone.now() - timedelta(hours=1)
    for _ in range(8):
        clock.tick()
    clock.close()
    assert sorted(ran) == ["annotation.tasks.clean_up", "annotation.tasks.sweep_events", "jobs", "rounds"]
    assert list(tmp_path.iterdir())  # which the health check looks at


def test_beat_uses_it() -> None:
    assert app.conf.beat_scheduler == "alproject.sweeper.Sweeper"
