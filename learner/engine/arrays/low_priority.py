"""Computation that leaves the processors to those who label, while the worker itself keeps its priority.

A worker that is slow to be scheduled must never be so while it holds a lock of the database: on SQLite
everybody's answers would wait for it. So only the numbers are computed at the lowest priority, in a thread.
"""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

LOWEST_PRIORITY = 19  # as `nice` counts


def run_at_low_priority(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Return what the function returns, or raise what it raises, computed at the lowest priority."""
    with ThreadPoolExecutor(1, "low-priority", _lower_priority) as thread:
        return thread.submit(function, *args, **kwargs).result()


def _lower_priority() -> None:
    if hasattr(os, "setpriority"):  # Linux gives each thread a priority of its own; elsewhere it is the process's
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOWEST_PRIORITY)
