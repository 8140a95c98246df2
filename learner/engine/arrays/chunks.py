"""Long arrays a chunk at a time: chunks stay in the cache, two threads share them, nothing is copied whole."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from learner.engine.arrays import blas_threads

CHUNK = 16384  # rows whose columns stay in the cache
WORTH = 4 * CHUNK  # rows from which a second thread pays


def in_chunks(n: int, work: Callable[[slice], object]) -> None:
    """Call `work` with slices that cover 0..n-1; it writes where nobody else does, so their order is free."""
    parts = [slice(start, min(start + CHUNK, n)) for start in range(0, n, CHUNK)]
    if n < WORTH or blas_threads.THREADS < 2:
        for part in parts:
            work(part)
        return
    with ThreadPoolExecutor(blas_threads.THREADS) as pool:
        for _ in pool.map(work, parts):
            pass
