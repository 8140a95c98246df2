"""`margin run`, the whole of it: real Redis, real workers, real web server."""

import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.operations.conftest import ROOT, processes_of, readiness, wait_until

pytestmark = pytest.mark.service

START_SECONDS, STOP_SECONDS = 120, 30  # for a machine that is busy with other tests
RUN = [sys.executable, "-m", "margin", "run"]
Serve = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def serve(environment: dict[str, str], var: Path) -> Iterator[Serve]:
    """Return a function that starts the server; its output goes to var/out."""
    started: list[subprocess.Popen[str]] = []

    def start() -> "subprocess.Popen[str]":
        with (var / "out").open("a") as output:
            server = subprocess.Popen(
                RUN, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, text=True
            )
        started.append(server)
        return server

    yield start
    for server in started:
        if server.poll() is None:
            server.kill()
            server.wait()


def all_ready(port: int) -> bool:
    return readiness(port).get("status") == "ok"


def said(var: Path) -> str:
    return (var / "out").read_text()


def worker(var: Path, queue: str) -> psutil.Process | None:
    """The main process of a worker: the one that leads its group."""
    for process in processes_of(var):
        try:
            if process.name() == f"margin-{queue}" and os.getpgid(process.pid) == process.pid:
                return process
        except (psutil.NoSuchProcess, ProcessLookupError):  # it ended while we looked; a zombie counts as that
            continue
    return None


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_from_the_first_run_to_a_clean_stop(
    serve: Serve, var: Path, free_port: int, environment: dict[str, str]
) -> None:
    """One long story, because every start takes seconds."""
    server = serve()
    wait_until(lambda: all_ready(free_port), START_SECONDS, "ready")

    # what it made belongs to its owner alone, and it said how to sign in
    wait_until(lambda: "Ctrl+C stops it" in said(var), STOP_SECONDS, "the welcome")
    passwords = (var / "demo-passwords.txt").read_text()
    assert f"http://127.0.0.1:{free_port}/" in said(var)
    assert passwords in said(var)
    assert [line.split()[0] for line in passwords.splitlines()] == ["admin", "lead", "anna", "ben"]
    for name in ("demo-passwords.txt", "secret_key", "redis/redis.conf"):
        assert mode(var / name) == 0o600

    # its Redis wants the password that only it knows
    port = (var / "redis" / "redis.conf").read_text().split("port ")[1].split()[0]
    with socket.create_connection(("127.0.0.1", int(port)), timeout=2) as connection:
        connection.sendall(b"PING\r\n")
        assert connection.recv(100).startswith(b"-NOAUTH")

    # a second one is refused, and so is a port that is taken
    second = subprocess.run(RUN, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (second.returncode, "Margin runs already, at http://" in second.stderr) == (1, True)
    elsewhere = {**environment, "MARGIN_VAR": str(var / "other")}
    third = subprocess.run(RUN, cwd=ROOT, env=elsewhere, capture_output=True, text=True, check=False)
    assert (third.returncode, "MARGIN_PORT=8001" in third.stderr) == (1, True)

    # a killed worker comes back by itself, and the web server never stopped answering
    killed = worker(var, "train")
    assert killed is not None
    assert killed.nice() == 5
    children = killed.children(recursive=True)
    killed.kill()
    wait_until(lambda: (now := worker(var, "train")) and now.pid != killed.pid, START_SECONDS, "another worker")
    assert not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children)
    assert "worker-train was ended by SIGKILL" in said(var)
    assert readiness(free_port)["parts"]["database"] == "ok"

    # Ctrl+C stops everything
    server.send_signal(signal.SIGINT)
    assert server.wait(timeout=STOP_SECONDS) == 0
    wait_until(lambda: not processes_of(var), STOP_SECONDS, "everything gone")
    assert said(var).endswith("Stopped.\n")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent died")
def test_after_a_kill_nothing_is_left_and_the_next_start_works(
    serve: Serve, var: Path, free_port: int, environment: dict[str, str]
) -> None:
    environment["MARGIN_DEMO"] = "no"
    first = serve()
    wait_until(lambda: "Ctrl+C stops it" in said(var) and worker(var, "train"), START_SECONDS, "running")
    first.kill()
    first.wait()
    wait_until(lambda: not processes_of(var), STOP_SECONDS, "everything gone")
    second = serve()
    wait_until(lambda: said(var).count("Margin runs at") == 2, START_SECONDS, "running again")
    assert "Nobody can sign in yet" in said(var)
    second.terminate()
    assert second.wait(timeout=STOP_SECONDS) == 0
    wait_until(lambda: not processes_of(var), STOP_SECONDS, "everything gone")


@pytest.mark.parametrize("name", ["run", "serve"])  # its name of today, and the one that older services know
def test_a_redis_that_does_not_answer_is_named(name: str, environment: dict[str, str]) -> None:
    environment["REDIS_URL"] = "redis://127.0.0.1:1/0"
    done = subprocess.run(
        [sys.executable, "manage.py", name], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "No Redis answers at REDIS_URL" in done.stderr
