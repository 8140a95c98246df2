"""Threads of the numbers: as many as said, in every library that has some."""

import numpy as np
from threadpoolctl import threadpool_info

from learner.engine.arrays.blas_threads import limit_blas_threads
from learner.engine.selection.kmeans import k_means  # loads OpenMP and a second OpenBLAS


def thread_counts() -> dict[str, int]:
    return {pool["filepath"]: pool["num_threads"] for pool in threadpool_info()}


def test_a_limit_holds_for_libraries_that_were_loaded_after_the_first_limit() -> None:
    with limit_blas_threads(1):
        pass  # before what follows has been loaded
    k_means(np.eye(4, dtype=np.float32), 2, seed=0)
    before = thread_counts()
    with limit_blas_threads(1):
        assert set(thread_counts().values()) == {1}
        assert len(thread_counts()) >= 3  # numpy's, scipy's and OpenMP
    assert thread_counts() == before
