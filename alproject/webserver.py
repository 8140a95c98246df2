"""How gunicorn serves Margin (`gunicorn -c python:alproject.webserver alproject.wsgi`); see docs/settings.md."""

import gc
from pathlib import Path

from alproject.environment import env_int, env_str

bind = f"{env_str('MARGIN_BIND', '127.0.0.1')}:{env_int('MARGIN_PORT', 8000)}"
worker_class = "gthread"
workers = env_int("MARGIN_WEB_WORKERS", 2)
threads = env_int("MARGIN_WEB_THREADS", 8)
preload_app = True  # import once and share the memory
timeout = 120
graceful_timeout = 5
keepalive = 15
accesslog = None
control_socket_disable = True
if Path("/dev/shm").is_dir():  # noqa: S108  (signs of life in memory, where a slow disk cannot delay them)
    worker_tmp_dir = "/dev/shm"  # noqa: S108


def pre_fork(server: object, worker: object) -> None:
    """What all web processes share stays shared: a collection of garbage in one of them would write to it."""
    gc.freeze()


def post_worker_init(worker: object) -> None:
    """Garbage is looked for among what requests leave, not among all that was imported, and less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
