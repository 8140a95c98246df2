"""The test stand: all of Margin's programs in a place of their own, and a look at what they use.

`prepare()` comes first, before anything of Django: it points the settings at that place.
"""

import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from alproject import private_redis  # noqa: E402  (knows nothing of Django)
from alproject.supervisor import Program, Supervisor  # noqa: E402

START_SECONDS = 120


def prepare() -> tuple[Path, Program]:
    """Point the environment at a new temporary place; return it and the Redis to start."""
    var = Path(tempfile.mkdtemp(prefix="margin-bench-"))
    redis_url = private_redis.write_configuration(var / "redis")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    os.environ.update(
        DJANGO_SETTINGS_MODULE="alproject.settings",
        MARGIN_VAR=str(var),
        MARGIN_PORT=str(port),
        REDIS_URL=redis_url,
        MARGIN_SIGN_IN_RATE="1000000/min",
        MARGIN_LOG_LEVEL="WARNING",
    )
    os.chdir(ROOT)
    return var, private_redis.redis_program(var / "redis")


class Stand:
    """Runs everything for the length of a `with` block."""

    def __init__(self, var: Path, redis: Program) -> None:
        self.var = var
        self.url = f"http://127.0.0.1:{os.environ['MARGIN_PORT']}"
        self._redis = redis
        self._supervisor = Supervisor(env=os.environ, directory=ROOT, logs=var / "log")

    def __enter__(self) -> Self:
        from alproject import process_list

        self._supervisor.__enter__()
        self._supervisor.start(self._redis)
        self._supervisor.start(process_list.web_program(), *process_list.background_programs(self.var))
        wait_until(self._answers, START_SECONDS, "the web server")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._supervisor.__exit__(kind, error, trace)

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", int(os.environ["MARGIN_PORT"]))) == 0

    def processes(self, name: str) -> list[psutil.Process]:
        """Return a program's process and all below it."""
        top = psutil.Process(self._supervisor.pids()[name])
        return [top, *top.children(recursive=True)]

    def cpu(self, name: str) -> float:
        """Return the CPU seconds that a program has used, user and system, so far."""
        return sum(times.user + times.system for process in self.processes(name) if (times := process.cpu_times()))

    def peak_mb(self, name: str) -> float:
        """Return the largest memory that one process of a program ever held, in MB."""
        return max(_high_water(process.pid) for process in self.processes(name))


def _high_water(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def wait_until(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    """Return the first true answer; raises TimeoutError with `what`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := condition():
            return answer
        time.sleep(0.02)
    raise TimeoutError(f"{what}: not within {seconds:g} s")
