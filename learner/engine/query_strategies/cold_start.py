"""Cold start: items spread over the pool by clusters, while there is no model to ask.

The first batch has one item of each of as many clusters, large clusters first; what follows comes from a finer
clustering, out of clusters where nothing is labelled or picked yet.
Hacohen, Dekel, Weinshall, Active Learning on a Budget, ICML 2022.
"""

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from learner.engine.contracts.query_strategy import MAX_CANDIDATES, Pool, QueryParams, Rows, Selection
from learner.engine.selection import hashed_random
from learner.engine.selection.kmeans import distances_to_centre, k_means
from learner.engine.selection.uniform import random_remaining_rows, sample_rows
from learner.engine.selection.without_replacement import unit_rows

MAX_FINE_SAMPLE_ITEMS = 5_000
MAX_KEPT_LABELLED = 500  # labelled rows that new picks keep away from
TYPICALITY_NEIGHBOURS = 20  # whose mean distance says how typical an item is
MAX_CROWD_MEMBERS = 1_000  # members of a cluster among which the typical one is sought

Floats = NDArray[np.float32]
PickMember = Callable[
    [Floats, Rows, Floats], int
]  # points, members of a cluster, their distances to its centre -> a member


def spread(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Pick the item nearest to the centre of each cluster without labels; needs no model.

    O(n + m * b * d) for m <= MAX_CANDIDATES random items.
    """
    return _one_per_cluster(pool, n, params, _nearest_to_centre)


def typiclust(pool: Pool, n: int, params: QueryParams) -> Selection:
    """Pick the most typical item of each cluster without labels: 1 / mean distance to its nearest neighbours there.

    Needs no model. O(n + m * b * d + m * MAX_CROWD_MEMBERS * d) for m <= MAX_CANDIDATES random items. Hacohen et al.,
    ICML 2022.
    """
    return _one_per_cluster(pool, n, params, _most_typical)


def _one_per_cluster(pool: Pool, n: int, params: QueryParams, pick_member: PickMember) -> Selection:
    """Pick a member of each cluster without labels: first as many as a batch, then all by a finer clustering."""
    rows = sample_rows(pool, params, MAX_CANDIDATES)
    n = min(n, int(pool.available.sum()))
    labelled = np.empty(0, np.intp) if pool.labelled_rows is None else pool.labelled_rows[-MAX_KEPT_LABELLED:]
    chosen: list[int] = []
    if n and len(rows):
        points, covered_points = unit_rows(pool.features[rows]), unit_rows(pool.features[labelled])
        _add_from_clusters(chosen, rows, points, covered_points, min(n, params.batch_size), params, pick_member)
        subsample = slice(None, None, 1 + len(rows) // MAX_FINE_SAMPLE_ITEMS)  # many centres: fewer items will do
        _add_from_clusters(
            chosen,
            rows[subsample],
            points[subsample],
            np.vstack([covered_points, points[np.isin(rows, chosen)]]),
            n,
            params,
            pick_member,
        )
    random_rows = random_remaining_rows(
        pool, chosen, n - len(chosen), params
    )  # fewer distinct items than were asked for
    return Selection(np.concatenate([np.array(chosen, np.intp), random_rows]), "cold")


def _add_from_clusters(
    chosen: list[int],
    rows: Rows,
    points: Floats,
    covered_points: Floats,
    row_count: int,
    params: QueryParams,
    pick_member: PickMember,
) -> None:
    """Fill `chosen` up to `row_count` rows by one clustering."""
    missing_count = row_count - len(chosen)
    if missing_count <= 0:
        return
    clusters = min(len(rows), missing_count + len(covered_points))
    fitted = k_means(points, clusters, hashed_random.hash_to_64_bits(params.seed, params.round_number, row_count))
    covered = set(fitted.predict(covered_points).tolist()) if len(covered_points) else set()
    distance = distances_to_centre(points, fitted.labels_, fitted.cluster_centers_)
    for members in _uncovered_clusters(fitted.labels_, clusters, covered):
        row = int(rows[pick_member(points, members, distance[members])])
        if missing_count > 0 and row not in chosen:
            chosen.append(row)
            missing_count -= 1


def _uncovered_clusters(labels: NDArray[np.int32], clusters: int, covered: set[int]) -> Iterable[Rows]:
    """Yield the members of each cluster that is not covered, large clusters first."""
    sizes = np.bincount(labels, minlength=clusters)
    for cluster in np.argsort(-sizes, kind="stable"):
        if sizes[cluster] and int(cluster) not in covered:
            yield np.flatnonzero(labels == cluster)


def _nearest_to_centre(points: Floats, members: Rows, distances: Floats) -> int:
    return int(members[distances.argmin()])


def _most_typical(points: Floats, members: Rows, distances: Floats) -> int:
    """Return the member nearest to its neighbours; of a large cluster, among those next to the centre."""
    members = members[distances.argsort(kind="stable")[:MAX_CROWD_MEMBERS]]
    crowd_points = points[members]
    squared = np.maximum(2 - 2 * (crowd_points @ crowd_points.T), 0)  # of rows of length one
    neighbour_count = min(TYPICALITY_NEIGHBOURS, len(members) - 1)
    nearest = np.partition(squared, neighbour_count, axis=1)[
        :, : neighbour_count + 1
    ]  # itself is one of them, at no distance
    return int(members[np.sqrt(nearest).sum(axis=1).argmin()])
