"""Long arrays a chunk at a time: chunks stay in the cache, two threads share them, nothing is copied whole."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from learner.engine.arrays import blas_threads

CHUNK_ROWS = 16384  # whose columns stay in the cache
MIN_THREADED_ROWS = 4 * CHUNK_ROWS  # from which a second thread pays


def for_each_chunk(n: int, work: Callable[[slice], object]) -> None:
    """Call `work` with slices that cover 0..n-1; it writes where nobody else does, so their order is free."""
    parts = [slice(start, min(start + CHUNK_ROWS, n)) for start in range(0, n, CHUNK_ROWS)]
    if n < MIN_THREADED_ROWS or blas_threads.THREADS < 2:
        for part in parts:
            work(part)
        return
    with ThreadPoolExecutor(blas_threads.THREADS) as pool:
        for _ in pool.map(work, parts):
            pass
