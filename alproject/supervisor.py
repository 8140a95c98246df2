"""Start several programs, bring back those that die, stop them all together. Standard library only.

Those that are Python modules can be forks of the supervisor: what it has imported they need not import again.

Every program leads a process group of its own: Ctrl+C reaches only the supervisor, which then
stops the others in order, and what a dead program leaves behind goes with its group. On Linux
the programs die with the supervisor even if that is killed outright.
"""

import contextlib
import ctypes
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO, Self, TypeAlias

from alproject import forks

POLL_SECONDS = 0.1
STABLE_SECONDS = 10  # a program that lived this long starts again without growing delay
FIRST_DELAY_SECONDS, MAX_DELAY_SECONDS = 0.5, 30.0
PR_SET_PDEATHSIG = 1

Process: TypeAlias = subprocess.Popen[bytes] | forks.ForkedProcess


@dataclass(frozen=True)
class Program:
    """What to run, and the name under which it is logged."""

    name: str
    argv: Sequence[str]


@dataclass
class _Running:
    program: Program
    process: Process | None = None
    started_at: float = 0.0
    restart_at: float = 0.0
    deaths: int = field(default=0)  # in a row, each after a short life


class Supervisor:
    """Keep programs alive between `start` and the end of the `with` block.

    Each call of `start` is one wave; waves are stopped in reverse order.
    """

    def __init__(
        self,
        *,
        env: Mapping[str, str],
        directory: Path,
        logs: Path | None,
        report: Callable[[str], None] = print,
        stop_seconds: float = 8.0,
        fork: bool = False,
    ) -> None:
        """`logs` is where each program's output goes (None: to the terminal); `stop_seconds`
        is how long a wave may take to stop by itself; with `fork` Python modules are forks of this process, which then
        has the settings of `env`."""
        self.env = dict(env)
        self.directory = directory
        self.logs = logs
        self.report = report
        self.stop_seconds = stop_seconds
        self.fork = fork and forks.ARE_POSSIBLE
        self.stop_requested = threading.Event()
        self._waves: list[list[_Running]] = []
        self._libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stop_requested.set()

    def start(self, *programs: Program) -> None:
        """Start programs; they are one wave."""
        wave = [_Running(program) for program in programs]
        self._waves.append(wave)
        for running in wave:
            self._rotate_log(running.program)
            self._spawn(running)

    def run(self, program: Program) -> int | None:
        """Run a program that ends by itself; return its exit code, None when asked to stop meanwhile."""
        running = _Running(program)
        self._waves.append([running])
        self._rotate_log(program)
        self._spawn(running)
        while running.process and not _has_ended(running.process):
            if self.stop_requested.wait(POLL_SECONDS / 2):
                return None  # `stop` ends it
        self._waves.pop()
        return _kill_group_and_reap(running.process) if running.process else None

    def watch(self, until: Callable[[], bool] = lambda: False) -> bool:
        """Restart what dies, until a stop is requested (returns False) or `until()` holds (returns True)."""
        while not self.stop_requested.is_set():
            if until():
                return True
            for wave in self._waves:
                for running in wave:
                    self._restart_if_dead(running)
            self.stop_requested.wait(POLL_SECONDS)
        return False

    def stop(self) -> None:
        """Stop everything, the last wave first; what does not end in time is killed."""
        while self._waves:
            wave = self._waves.pop()
            processes = [running.process for running in wave if running.process]
            for process in processes:
                with contextlib.suppress(ProcessLookupError):
                    process.terminate()
            deadline = time.monotonic() + self.stop_seconds
            while any(not _has_ended(process) for process in processes) and time.monotonic() < deadline:
                time.sleep(POLL_SECONDS / 2)
            for process in processes:
                _kill_group_and_reap(process)

    def pids(self) -> dict[str, int]:
        """Process ids of what runs now, by program name."""
        return {r.program.name: r.process.pid for wave in self._waves for r in wave if r.process}

    def _restart_if_dead(self, running: _Running) -> None:
        if running.process is None:
            if time.monotonic() >= running.restart_at:
                self._spawn(running)
        elif _has_ended(running.process):
            self._handle_exit(running, running.process)

    def _handle_exit(self, running: _Running, process: Process) -> None:
        code = _kill_group_and_reap(process)
        lifetime = time.monotonic() - running.started_at
        running.deaths = 0 if lifetime >= STABLE_SECONDS else running.deaths + 1
        delay = min(MAX_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2 ** max(0, running.deaths - 1))
        running.process = None
        running.restart_at = time.monotonic() + delay
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        self.report(f"{running.program.name} {how}; it starts again in {delay:g} s.{self._log_tail(running.program)}")

    def _log_tail(self, program: Program) -> str:
        if self.logs is None:
            return ""
        path = self.logs / f"{program.name}.log"
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 2000))
            lines = file.read().decode(errors="replace").splitlines()[-5:]
        return f" The end of {path}:\n" + "\n".join(f"    {line}" for line in lines) if lines else ""

    def _rotate_log(self, program: Program) -> None:
        if self.logs is not None:
            self.logs.mkdir(parents=True, exist_ok=True)
            path = self.logs / f"{program.name}.log"
            if path.exists():
                path.replace(path.with_suffix(".log.old"))

    def _spawn(self, running: _Running) -> None:
        with contextlib.ExitStack() as stack:
            output = None
            if self.logs is not None:
                output = stack.enter_context((self.logs / f"{running.program.name}.log").open("ab"))
            running.process = self._start_process(running.program, output)
        running.started_at = time.monotonic()

    def _start_process(self, program: Program, output: IO[bytes] | None) -> Process:
        before = self._parent_death_setup(os.getpid())
        module = forks.python_module_of(program.argv) if self.fork else None
        if module is not None:
            gc.collect()
            gc.freeze()  # else the first collection in the fork would write to, and so copy, all that is shared
            return forks.start_fork(
                module,
                name=f"margin-{program.name.removeprefix('worker-')}",
                env=self.env,
                directory=self.directory,
                output=output.fileno() if output else None,
                before=before,
            )
        return subprocess.Popen(
            list(program.argv),
            cwd=self.directory,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            start_new_session=True,
            preexec_fn=before,
        )

    def _parent_death_setup(self, parent: int) -> Callable[[], None] | None:
        libc = self._libc
        if libc is None:
            return None

        def set_parent_death_signal() -> None:
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:  # it died before the call
                os.kill(os.getpid(), signal.SIGKILL)

        return set_parent_death_signal


def _has_ended(process: Process) -> bool:
    """Tell whether the program ended, without reaping it: until then its group id stays its own."""
    if process.returncode is not None:
        return True
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _kill_group_and_reap(process: Process) -> int:
    """Kill what is left of the program's group; return its exit code."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    return process.wait()
