"""How many threads the linear algebra has: other workers live on this machine too. Pure."""

import os
from contextlib import AbstractContextManager

from threadpoolctl import ThreadpoolController

THREADS = min(2, os.cpu_count() or 1)
SINGLE_THREAD_ITEMS = 100_000  # that one thread scores in an instant

_threads = ThreadpoolController()


def limit_blas_threads(threads: int | None = None) -> AbstractContextManager[object]:
    """Bound the threads of the linear algebra inside a `with` block; without a number by THREADS."""
    limited: AbstractContextManager[object] = _threads.limit(limits=threads or THREADS)
    return limited


def scoring_thread_count(items: int) -> int:
    """Return how many threads score so many items: a pool that takes an instant leaves the others' processors alone."""
    return 1 if items < SINGLE_THREAD_ITEMS else THREADS


def use_one_blas_thread() -> None:
    """Let this process do its linear algebra in one thread from now on: others do theirs beside it."""
    global THREADS
    THREADS = 1
    _threads.limit(limits=1)
