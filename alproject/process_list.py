"""The processes that Margin consists of, as `margin run` starts them; docker-compose.yml starts the same."""

import sys
from pathlib import Path

from alproject.supervisor import Program

QUEUES = ("default", "train")
PLACES = 2  # of each worker: so many jobs at once
PYTHON = sys.executable


def web() -> Program:
    """The web server; its settings are in webserver.py."""
    return Program("web", [PYTHON, "-m", "gunicorn", "-c", "python:alproject.webserver", "alproject.wsgi"])


def worker(queue: str) -> Program:
    """A Celery worker for one queue, so that a long import never delays a round.

    They yield the processor to the web server: nobody who labels waits for a model or a file. Each has
    two places, so that a long job of one project never delays those of the others.
    """
    celery = [PYTHON, "-m", "celery", "-A", "alproject", "worker", "-l", "info"]
    argv = [*celery, "-Q", queue, "-c", str(PLACES), "-n", f"{queue}@%h", "--without-gossip", "--without-mingle"]
    return Program(f"worker-{queue}", ["nice", "-n", "5", *argv])


def beat(var: Path) -> Program:
    """The clock that sends the sweeps."""
    schedule = ["-s", str(var / "beat-schedule"), "--pidfile="]
    return Program("beat", [PYTHON, "-m", "celery", "-A", "alproject", "beat", "-l", "info", *schedule])


def background(var: Path) -> list[Program]:
    """All but the web server."""
    return [*(worker(queue) for queue in QUEUES), beat(var)]
