"""The supervisor with small programs: starts, brings back, stops, and leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from alproject import forks
from alproject.supervisor import Program, Supervisor
from tests.operations.conftest import ROOT, processes_of, wait_until

pytestmark = pytest.mark.service

PATIENCE = 30  # seconds, for a machine that is busy with other tests
SLEEPER = [sys.executable, "-c", "import time; print('here', flush=True); time.sleep(600)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)",
]
PARENT = [
    sys.executable,
    "-c",
    "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
    "print('both', flush=True); time.sleep(600)",
]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(var: Path, said: list[str]) -> Iterator[Supervisor]:
    """Used without `with`, so that the test run keeps its own handling of Ctrl+C."""
    made = Supervisor(env={"MARGIN_VAR": str(var)}, directory=var, logs=var / "log", report=said.append, stop_seconds=1)
    yield made
    made.stop()


def log_has(var: Path, name: str, word: str) -> None:
    path = var / "log" / f"{name}.log"
    wait_until(lambda: path.exists() and word in path.read_text(), PATIENCE, f"{word!r} in {path}")


def test_a_killed_program_comes_back_and_its_children_are_gone(
    supervisor: Supervisor, var: Path, said: list[str]
) -> None:
    supervisor.start(Program("parent", PARENT))
    log_has(var, "parent", "both")
    before = {process.pid for process in processes_of(var)}
    assert len(before) == 2
    first = supervisor.pids()["parent"]
    next(process for process in processes_of(var) if process.pid == first).kill()
    assert supervisor.watch(until=lambda: supervisor.pids().get("parent", first) != first)
    wait_until(lambda: not before & {process.pid for process in processes_of(var)}, PATIENCE, "the old ones gone")
    assert "parent was ended by SIGKILL; it starts again in 0.5 s." in said[0]
    assert "both" in said[0]  # its last words


def test_a_program_that_cannot_live_is_tried_less_and_less_often(supervisor: Supervisor, said: list[str]) -> None:
    supervisor.start(Program("failing", [sys.executable, "-c", "raise SystemExit(3)"]))
    supervisor.watch(until=lambda: len(said) == 3)
    delays = [line.split(" in ")[1].split(" s.")[0] for line in said]
    assert delays == ["0.5", "1", "2"]
    assert "ended with code 3" in said[0]


def test_stopping_ends_everything_even_who_will_not_hear(supervisor: Supervisor, var: Path) -> None:
    supervisor.start(Program("sleeper", SLEEPER), Program("parent", PARENT))
    supervisor.start(Program("stubborn", STUBBORN))
    for name, word in (("sleeper", "here"), ("parent", "both"), ("stubborn", "deaf")):
        log_has(var, name, word)
    supervisor.stop()
    wait_until(lambda: not processes_of(var), PATIENCE, "everything gone")


def test_run_returns_the_exit_code(supervisor: Supervisor) -> None:
    assert supervisor.run(Program("short", [sys.executable, "-c", "raise SystemExit(4)"])) == 4


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent died")
def test_programs_die_with_a_supervisor_that_is_killed_outright(var: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from alproject.supervisor import Program, Supervisor\n"
        f"var = Path({str(var)!r})\n"
        "with Supervisor(env={'MARGIN_VAR': str(var)}, directory=var, logs=var / 'log') as supervisor:\n"
        f"    supervisor.start(Program('stubborn', {STUBBORN!r})); supervisor.watch()"
    )
    owner = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    log_has(var, "stubborn", "deaf")
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    wait_until(lambda: not processes_of(var), PATIENCE, "everything gone")


@pytest.mark.skipif(not forks.ARE_POSSIBLE, reason="forks are for Linux alone")
@pytest.mark.parametrize(("end", "code"), [("0", 0), ("4", 4), ("raise", 1)])
def test_a_fork_is_as_if_it_had_been_started(var: Path, said: list[str], end: str, code: int) -> None:
    """Its own session, folder, environment, output and niceness; nothing of the supervisor's stays open in it."""
    env = {"MARGIN_VAR": str(var), "GREETING": "hello"}
    supervisor = Supervisor(env=env, directory=var, logs=var / "log", report=said.append, fork=True)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with (var / "open").open("w"):
        program = Program("worker-told", ["nice", "-n", "3", sys.executable, "-m", "tests.operations.forked", end, "b"])
        assert supervisor.run(program) == code
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    line, _, trace = (var / "log" / "worker-told.log").read_text().partition("\n")
    assert json.loads(line) == {
        "name": "__main__",
        "arguments": [end, "b"],
        "environment": env,
        "folder": str(var),
        "leads": True,
        "niceness": os.nice(0) + 3,
        "files": [0, 1, 2],
        "deaf": [],
        "input": "",
        "shown": "margin-told",
        "shares": True,
    }
    assert ("RuntimeError: on purpose" in trace) == (end == "raise")


@pytest.mark.skipif(not forks.ARE_POSSIBLE, reason="forks are for Linux alone")
def test_forks_stop_with_the_supervisor(var: Path, said: list[str]) -> None:
    supervisor = Supervisor(env=dict(os.environ), directory=ROOT, logs=var / "log", report=said.append, fork=True)
    supervisor.start(Program("server", [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "0"]))
    log_has(var, "server", "Serving HTTP")
    [pid] = supervisor.pids().values()
    supervisor.stop()
    assert not psutil.pid_exists(pid)
