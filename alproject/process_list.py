"""The processes that Margin consists of, as `margin run` starts them; docker-compose.yml starts the same."""

import sys
from pathlib import Path

from alproject.supervisor import Program

QUEUES = ("default", "train", "features")
SLOTS = {"default": 2, "train": 2}  # of a worker: so many jobs at once; one where nothing else is said
# nobody who labels waits for a model or a file, and no round for better features
NICENESS = {"default": 5, "train": 5, "features": 10}
# what workers tell each other twice a second without anybody listening: they answer `inspect` all the same
UNUSED_TALK = ("gossip", "mingle", "heartbeat")
PYTHON = sys.executable


def web_program() -> Program:
    """The web server; its settings are in webserver.py."""
    return Program("web", [PYTHON, "-m", "gunicorn", "-c", "python:alproject.webserver", "alproject.wsgi"])


def worker_program(queue: str) -> Program:
    """A Celery worker for one queue, so that a long import delays no round, and fitting features neither.

    They yield the processor to the web server. Those for rounds and for files have two slots: a long job of one
    project never delays those of the others.
    """
    celery = [PYTHON, "-m", "celery", "-A", "alproject", "worker", "-l", "info", "-Q", queue]
    argv = [
        *celery,
        "-c",
        str(SLOTS.get(queue, 1)),
        "-n",
        f"{queue}@%h",
        *(f"--without-{talk}" for talk in UNUSED_TALK),
    ]
    return Program(f"worker-{queue}", ["nice", "-n", str(NICENESS[queue]), *argv])


def beat_program(var: Path) -> Program:
    """The clock, which does the sweeps."""
    schedule = ["-s", str(var / "beat-schedule"), "--pidfile="]
    return Program("beat", [PYTHON, "-m", "celery", "-A", "alproject", "beat", "-l", "info", *schedule])


def background_programs(var: Path) -> list[Program]:
    """All but the web server."""
    return [*(worker_program(queue) for queue in QUEUES), beat_program(var)]
