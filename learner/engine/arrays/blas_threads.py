"""How many threads the linear algebra has: other workers live on this machine too. Pure.

A step that is over in milliseconds is slower with two threads than with one wherever another process holds a processor:
the threads wait for each other. So only what takes long has more than one.
"""

import os
import sys
from collections.abc import Collection
from contextlib import AbstractContextManager
from functools import cache

from threadpoolctl import ThreadpoolController

THREADS = min(2, os.cpu_count() or 1)
SINGLE_THREAD_ITEMS = 100_000  # that one thread scores in an instant

# They bring libraries with threads of their own, each when it is first imported: OpenBLAS, once more, and OpenMP.
MODULES_WITH_THREADS = ("scipy.linalg", "sklearn.utils._openmp_helpers", "torch", "onnxruntime")


@cache
def _controller(_loaded: Collection[str]) -> ThreadpoolController:
    return ThreadpoolController()  # knows the libraries that are there when it is made


def _thread_pools() -> ThreadpoolController:
    """Return what controls the threads of all libraries that this process has loaded so far."""
    return _controller(tuple(name for name in MODULES_WITH_THREADS if name in sys.modules))


def limit_blas_threads(threads: int | None = None) -> AbstractContextManager[object]:
    """Bound the threads of the linear algebra inside a `with` block; without a number by THREADS."""
    limited: AbstractContextManager[object] = _thread_pools().limit(limits=threads or THREADS)
    return limited


def scoring_thread_count(items: int) -> int:
    """Return how many threads score so many items: a pool that takes an instant leaves the others' processors alone."""
    return 1 if items < SINGLE_THREAD_ITEMS else THREADS


def use_one_blas_thread() -> None:
    """Let this process do its linear algebra in one thread from now on: others do theirs beside it."""
    global THREADS
    THREADS = 1
    _thread_pools().limit(limits=1)
