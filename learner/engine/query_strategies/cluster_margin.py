"""Cluster-Margin: uncertain items, taken in turn from clusters so that none has more than its share.

Citovsky et al., Batch Active Learning at Scale, NeurIPS 2021.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage

from learner.engine.contracts.query_strategy import Pool, QueryParams, Rows, Selection
from learner.engine.selection.batches import select_in_batches
from learner.engine.selection.candidates import order_by_uncertainty, top_candidates
from learner.engine.selection.draws import margins_of
from learner.engine.selection.without_replacement import unit_rows


def cluster_margin(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Cluster the 10 b smallest margins by average linkage, then go round the clusters, small ones first.

    The paper clusters the pool once; here the candidates of each batch, into b clusters. O(nk + (10 b)^2 d).
    """

    def choose_batch(free_rows: Rows, count: int) -> Rows:
        rows = top_candidates(free_rows, count)
        labels = _average_linkage_clusters(unit_rows(pool.features[rows]), count)
        return rows[_round_robin_order(labels, margins_of(pool, rows))]

    rows = select_in_batches(pool, order_by_uncertainty(pool, n, params, np.inf), n, params, choose_batch)
    return Selection(rows, "uncertain", margins_of(pool, rows), score_name="margin, low first within a cluster")


def _average_linkage_clusters(points: NDArray[np.float32], clusters: int) -> Rows:
    """Return the cluster of each point."""
    if len(points) <= clusters:
        return np.arange(len(points))
    result: Rows = fcluster(linkage(points, "average"), clusters, "maxclust").astype(np.intp) - 1
    return result


def _round_robin_order(labels: Rows, margins: NDArray[np.float32]) -> Rows:
    """Return all indices: the lowest margin of each cluster, small clusters first, then the second of each, ..."""
    sizes = np.bincount(labels)
    by_cluster = np.lexsort((margins, labels))
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    rank_in_cluster = np.empty(len(labels), np.intp)
    rank_in_cluster[by_cluster] = np.arange(len(labels)) - np.repeat(starts, sizes)
    order: Rows = np.lexsort((margins, labels, sizes[labels], rank_in_cluster))
    return order
