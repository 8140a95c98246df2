"""Heartbeats: nothing silences them while the work goes on, and none comes once the worker is gone."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import psutil
import pytest
from django.utils import timezone

from annotation import heartbeat, jobs
from annotation.models import Export, JobStatus, Project, WorkerHeartbeat
from tests.annotation.workers import environment

pytestmark = [pytest.mark.service, pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

STALE_SECONDS = 2

# A worker of its own process that claims an export and then does nothing but hold the interpreter's lock, or decompose
# matrices as the fit of features does.
WORKER = """
import ctypes, sys
import django
django.setup()
from django.conf import settings
settings.STALE_SECONDS = float(sys.argv[2])
from annotation import jobs
from annotation.models import Export
def work(job):
    print("works", flush=True)
    if sys.argv[4] == "lock":
        ctypes.PyDLL(None).sleep(int(sys.argv[3]))
    else:
        import time
        import numpy, scipy.linalg
        matrix = numpy.random.default_rng(1).normal(size=(900, 900))
        end = time.monotonic() + int(sys.argv[3])
        while time.monotonic() < end:
            scipy.linalg.svd(matrix)
jobs.run_job(Export, int(sys.argv[1]), work)
"""


@pytest.fixture
def export(project: Project) -> Export:
    return Export.objects.create(project=project, format="csv")


@pytest.fixture
def start(export: Export, tmp_path: Path) -> Callable[..., "subprocess.Popen[str]"]:
    """Return a function (seconds, how) that starts a worker of the export which is busy for so long."""

    def run(seconds: int, how: str = "lock", stale: int = STALE_SECONDS) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", WORKER, str(export.pk), str(stale), str(seconds), how]
        worker = subprocess.Popen(command, env=environment(tmp_path / "media"), stdout=subprocess.PIPE, text=True)
        assert worker.stdout is not None
        assert worker.stdout.readline() == "works\n"
        return worker

    return run


def beat(export: Export) -> datetime:
    found = Export.objects.values_list("heartbeat_at", flat=True).get(pk=export.pk)
    assert found is not None
    return found


@pytest.mark.parametrize(("how", "stale"), [("lock", STALE_SECONDS), ("svd", 3 * STALE_SECONDS)])  # one fills the cores
def test_a_library_that_holds_the_lock_does_not_silence_it(
    how: str, stale: int, export: Export, start: Callable[..., "subprocess.Popen[str]"], settings: object
) -> None:
    settings.STALE_SECONDS = stale  # type: ignore[attr-defined]
    worker = start(10 * STALE_SECONDS, how, stale)
    ended = time.monotonic() + 8 * STALE_SECONDS
    while time.monotonic() < ended:
        assert jobs.claim_job(Export, export.pk, "another") is None, "a healthy job was taken over"
        time.sleep(0.1)
    assert worker.poll() is None
    assert not WorkerHeartbeat.objects.exists()  # that is the consumer's: a job says nothing about it
    worker.kill()
    worker.wait()


def test_it_ends_with_a_worker_that_is_killed(
    export: Export, start: Callable[[int], "subprocess.Popen[str]"], settings: object
) -> None:
    settings.STALE_SECONDS = STALE_SECONDS  # type: ignore[attr-defined]
    worker = start(60)
    helpers = psutil.Process(worker.pid).children()
    assert len(helpers) == 1
    first = beat(export)
    deadline = time.monotonic() + 20
    while beat(export) == first and time.monotonic() < deadline:
        time.sleep(0.05)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    killed = timezone.now()
    psutil.wait_procs(helpers, timeout=5)
    assert not helpers[0].is_running() or helpers[0].status() == psutil.STATUS_ZOMBIE
    assert killed - timedelta(seconds=STALE_SECONDS) < beat(export) <= killed + timedelta(seconds=0.5)
    taken, deadline = None, time.monotonic() + STALE_SECONDS + 10
    while taken is None and time.monotonic() < deadline:
        taken = jobs.claim_job(Export, export.pk, "another")
        time.sleep(0.05)
    assert taken is not None
    assert (taken.worker, taken.attempts) == ("another", 2)
    assert timezone.now() - killed < timedelta(seconds=STALE_SECONDS + 5)


def test_it_stops_with_the_work_and_with_the_jobs_owner(export: Export, settings: object) -> None:
    settings.STALE_SECONDS = 1  # type: ignore[attr-defined]
    job = jobs.claim_job(Export, export.pk, "one")
    assert job is not None
    with heartbeat.heartbeat(job):
        first = beat(export)
        time.sleep(1.0)
        assert beat(export) > first
        Export.objects.filter(pk=export.pk).update(worker="another")
        time.sleep(0.3)
        taken = beat(export)
        time.sleep(1.0)
        assert beat(export) == taken, "it writes for a job of another worker"
        Export.objects.filter(pk=export.pk).update(worker="one")
        deadline = time.monotonic() + 10
        while beat(export) == taken and time.monotonic() < deadline:
            time.sleep(0.05)
        assert beat(export) > taken
    time.sleep(0.3)  # what was under way
    last = beat(export)
    time.sleep(1.0)
    assert beat(export) == last, "it goes on after the work has ended"
    Export.objects.filter(pk=export.pk).update(status=JobStatus.DONE)


def test_a_process_that_died_is_started_again(export: Export, settings: object) -> None:
    settings.STALE_SECONDS = 1  # type: ignore[attr-defined]
    job = jobs.claim_job(Export, export.pk, "one")
    assert job is not None
    other = Export.objects.create(project=export.project, format="csv")
    with heartbeat.heartbeat(other):
        before = [child for child in psutil.Process().children() if str(heartbeat.PROGRAM) in child.cmdline()]
        assert len(before) == 1
        before[0].kill()
        psutil.wait_procs(before, timeout=5)
        with heartbeat.heartbeat(job):
            first = beat(export)
            deadline = time.monotonic() + 10
            while beat(export) == first and time.monotonic() < deadline:
                time.sleep(0.05)
            assert beat(export) > first


def test_a_forked_child_has_a_process_of_its_own(export: Export) -> None:
    with heartbeat.heartbeat(export):
        pid = os.fork()
        if pid == 0:
            number = heartbeat._process.begin_repeating([])
            heartbeat._process.end_repeating(number)
            ours = [child for child in psutil.Process().children() if str(heartbeat.PROGRAM) in child.cmdline()]
            os._exit(0 if len(ours) == 1 else 1)
        assert os.waitpid(pid, 0)[1] == 0
        assert [child.pid for child in psutil.Process().children() if str(heartbeat.PROGRAM) in child.cmdline()]


def test_queues_are_touched_without_waiting_for_the_database() -> None:
    long_ago = timezone.now() - timedelta(days=1)
    WorkerHeartbeat.objects.create(queue="default", seen_at=long_ago)
    heartbeat.touch_queues(["default", "train"])
    deadline = time.monotonic() + 20
    while WorkerHeartbeat.objects.filter(seen_at__gt=long_ago).count() < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert all(row.is_fresh for row in WorkerHeartbeat.objects.all())
    assert set(WorkerHeartbeat.objects.values_list("queue", flat=True)) == {"default", "train"}


def test_the_lock_is_really_held() -> None:
    """What the tests above rely on: no other thread runs during such a call."""
    import threading

    ticks: list[float] = []
    done = threading.Event()

    def tick() -> None:
        while not done.wait(0.05):
            ticks.append(time.monotonic())

    thread = threading.Thread(target=tick)
    thread.start()
    began = time.monotonic()
    ctypes.PyDLL(None).sleep(1)
    ended = time.monotonic()
    done.set()
    thread.join()
    assert not [moment for moment in ticks if began + 0.2 < moment < ended - 0.2]
