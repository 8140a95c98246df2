"""Heartbeats: what tells everybody that a job is in the hands of a worker that lives, and that a queue has workers.

They are written by a small process beside the worker, not by a thread of it: C code that holds the interpreter's lock
for long would silence a thread, and a healthy job would be taken over. The process ends with its worker (its input
closes) and writes nothing once the worker is gone. It begins with the first job and stays for the next ones.
"""

import atexit
import itertools
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from annotation.models import Job, JobStatus, WorkerHeartbeat

PROGRAM = Path(__file__).with_name("heartbeat_process.py")
BEATS_TO_STALE = 5  # heartbeats in the time after which a worker counts as dead
MIN_INTERVAL_SECONDS = 0.2


@contextmanager
def heartbeat(job: Job, *, any_worker: bool = False) -> Iterator[None]:
    """Write heartbeats of a job for as long as the block lasts.

    They stop by themselves once it has ended or has another worker; with `any_worker` only once it has ended.
    """
    number = _process.begin_repeating([_job_heartbeat_statement(job, any_worker=any_worker)])
    try:
        yield
    finally:
        _process.end_repeating(number)


def touch_queues(queues: Iterable[str]) -> None:
    """Write once that these queues have a worker which takes messages; the caller does not wait for the database."""
    _process.write_once([_queue_heartbeat_statement(queue) for queue in queues])


def heartbeat_interval_seconds() -> float:
    return max(MIN_INTERVAL_SECONDS, settings.STALE_SECONDS / BEATS_TO_STALE)


# Statements as the process runs them, `?` for the moment and then for the values


def _queue_heartbeat_statement(queue: str) -> tuple[str, list[Any]]:
    """Return the statement that notes a worker of a queue, and its values but for the moment."""
    table = connection.ops.quote_name(WorkerHeartbeat._meta.db_table)
    update = "ON CONFLICT (queue) DO UPDATE SET seen_at = excluded.seen_at"
    return f"INSERT INTO {table} (seen_at, queue) VALUES (?, ?) {update}", [queue]  # noqa: S608  (a model's table)


def _job_heartbeat_statement(job: Job, *, any_worker: bool) -> tuple[str, list[Any]]:
    """Return the statement that writes the heartbeat of a running job, and its values but for the moment."""
    table = connection.ops.quote_name(job._meta.db_table)
    statement = f"UPDATE {table} SET heartbeat_at = ? WHERE id = ? AND status = ?"  # noqa: S608  (a model's table)
    values = [job.pk, str(JobStatus.RUNNING)]
    return (statement, values) if any_worker else (f"{statement} AND worker = ?", [*values, job.worker])


def _connection_parameters() -> dict[str, Any]:
    """Return what the process connects with: of Django's parameters those that are plain values."""
    values = {name: value for name, value in connection.get_connection_params().items() if isinstance(value, str | int)}
    return {"vendor": connection.vendor, **values}


class _HeartbeatProcess:
    """The process beside this one; started when it is needed, again when it has died."""

    def __init__(self) -> None:
        self._reset()

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        self._running: dict[int, dict[str, Any]] = {}

    def begin_repeating(self, statements: list[tuple[str, list[Any]]]) -> int:
        """Have these statements run again and again; return the number that ends it."""
        with self._lock:
            number = next(self._numbers)
            self._running[number] = {
                "begin": number,
                "seconds": heartbeat_interval_seconds(),
                "database": _connection_parameters(),
                "statements": statements,
            }
            if self._is_alive():
                self._send_to_process(self._running[number])
            else:
                self._start_process()
            return number

    def write_once(self, statements: list[tuple[str, list[Any]]]) -> None:
        """Have these statements run now."""
        with self._lock:
            if not self._is_alive():
                self._start_process()
            self._send_to_process({"once": statements, "database": _connection_parameters()})

    def end_repeating(self, number: int) -> None:
        with self._lock:
            self._running.pop(number, None)
            if self._is_alive():
                self._send_to_process({"end": number})

    def close(self) -> None:
        """Let the process end."""
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()

    def forget(self) -> None:
        """Drop the parent's process, after a fork: it listens to the parent alone."""
        self.close()
        self._reset()

    def _is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _start_process(self) -> None:
        # -P: the folder of the program is no place to import from
        command = [sys.executable, "-P", str(PROGRAM), str(os.getpid())]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, bufsize=0)
        for message in self._running.values():
            self._send_to_process(message)

    def _send_to_process(self, message: dict[str, Any]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it has just died: the next job starts another
            self._process.stdin.write(json.dumps(message).encode() + b"\n")


_process = _HeartbeatProcess()
os.register_at_fork(after_in_child=_process.forget)
atexit.register(_process.close)
