"""What a scenario needs: the real programs, started and killed as the machine would, and a small real project.

A scenario is a script that runs in the environment of the server it starts, so that its own look into the
database is at the server's database. The tests start scenarios and read their exit code.
"""

import csv
import gzip
import io
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402
from django.core.management import call_command  # noqa: E402

from alproject import private_redis, process_list  # noqa: E402
from alproject.supervisor import Program  # noqa: E402
from annotation.demo.catalogue import SMS_SPAM  # noqa: E402
from annotation.imports import importing  # noqa: E402
from annotation.models import Project, User  # noqa: E402
from annotation.projects.projects import create_project  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
VAR = Path(settings.VAR_DIR)
URL = f"http://127.0.0.1:{os.environ.get('MARGIN_PORT', '8000')}"


def start(program: Program) -> "subprocess.Popen[bytes]":
    """Start a program as the leader of a process group; its output goes to var/log/."""
    log = VAR / "log" / f"{program.name}.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            list(program.argv), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )


def kill(process: "subprocess.Popen[bytes]") -> None:
    """Kill a program and all its children at once, as a lost machine would."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def kill_children(process: "subprocess.Popen[bytes]") -> int:
    """Kill the processes that a program has started, and not itself, as when memory runs out; return how many."""
    found = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    for pid in map(int, found):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return len(found)


@contextmanager
def running(*programs: Program) -> Iterator[dict[str, "subprocess.Popen[bytes]"]]:
    """Run programs for the length of the block; they are killed at its end."""
    started: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for program in programs:
            started[program.name] = start(program)
        yield started
    finally:
        for process in started.values():
            kill(process)


def private_redis_program() -> Program:
    """Return a private Redis, at the address that this environment names."""
    port = settings.REDIS_URL.rsplit(":", 1)[1].split("/")[0]
    return Program("redis", [private_redis.redis_binary(), "--port", port, "--bind", "127.0.0.1", "--save", ""])


def everything() -> list[Program]:
    """Return all programs: as `manage.py serve` has them, but with the Redis of this environment."""
    return [
        private_redis_program(),
        process_list.web_program(),
        process_list.worker_program("train"),
        process_list.beat_program(VAR),
    ]


def small_project(rows: int, **project_settings: Any) -> Project:
    """Make the tables and a project of so many real text messages, their true labels in the hidden column `label`.

    Where there are not so many, they come again with a number behind them.
    """
    call_command("migrate", interactive=False, verbosity=0)
    lead = User.objects.create_user(username="lead", password=None)
    project = create_project(lead, "SMS", "text_classification", SMS_SPAM.labels, settings=project_settings)
    with gzip.open(SMS_SPAM.data, "rt", encoding="utf-8", newline="") as file:
        header, *messages = csv.reader(file)
    text = header.index("text")
    table = [header]
    for again in range(-(-rows // len(messages))):
        table += [[*row[:text], f"{row[text]} {again or ''}".rstrip(), *row[text + 1 :]] for row in messages]
    table = table[: rows + 1]
    plain = io.StringIO()
    csv.writer(plain).writerows(table)
    run = importing.create_import(project, lead, SimpleUploadedFile("sms.csv", plain.getvalue().encode()))
    importing.start_draft(run, {"text": "text", "hidden": ["label"]})
    importing.run_import(run.pk)
    project.refresh_from_db()
    return project


def wait_until(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    """Return the first true answer; raises AssertionError with `what` when none comes in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := condition():
            return answer
        time.sleep(0.005)
    raise AssertionError(f"{what}: not within {seconds:g} s")
