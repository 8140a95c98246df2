"""k-means as the strategies use it: one start, few rounds, the same on every machine with the same seed."""

import warnings

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning

from learner.engine.arrays.blas_threads import limit_blas_threads

MAX_KMEANS_PLUS_PLUS_CLUSTERS = 50  # clusters
MAX_ITERATIONS = 20  # of k-means

Floats = NDArray[np.float32]


def k_means(points: Floats, clusters: int, seed: int, weights: Floats | None = None) -> KMeans:
    """Fit k-means; O(m * clusters * d * MAX_ITERATIONS)."""
    # the careful start costs more than the clustering when the clusters are many
    start = "k-means++" if clusters <= MAX_KMEANS_PLUS_PLUS_CLUSTERS else "random"
    with limit_blas_threads(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct items than clusters is fine
        fitted = KMeans(clusters, init=start, n_init=1, max_iter=MAX_ITERATIONS, random_state=seed % 2**32)
        return fitted.fit(points, sample_weight=weights)


def distances_to_centre(points: Floats, labels: NDArray[np.int32], centres: Floats) -> Floats:
    """Return the squared distance of each point to the centre of its cluster."""
    offset = points - centres[labels]
    result: Floats = np.einsum("ij,ij->i", offset, offset)
    return result
