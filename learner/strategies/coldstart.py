"""Cold start: items spread over the pool by clusters, while there is no model to ask.

The first batch is the item nearest to the centre of each of as many clusters, large clusters first; what follows
comes from a finer clustering, out of clusters where nothing is labelled or picked yet.
After Hacohen, Dekel, Weinshall, Active Learning on a Budget (TypiClust), ICML 2022.
"""

import warnings
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning

from learner.estimators.scoring import few_threads
from learner.strategies import noise
from learner.strategies.contract import Picks, Pool, Rows, Terms
from learner.strategies.race import smallest, unit_rows

SAMPLE = 10_000  # of a large pool: centres need no more
FINE_SAMPLE = 5_000
CAREFUL = 50  # clusters
MOST_LABELLED = 500  # labelled rows that hold their place against new picks
ROUNDS = 20  # of k-means


def spread(pool: Pool, n: int, terms: Terms) -> Picks:
    """Pick near the centres of clusters without labels; needs no model."""
    rows = _sample(pool, terms)
    n = min(n, int(pool.available.sum()))
    labelled = np.empty(0, np.intp) if pool.labelled is None else pool.labelled[-MOST_LABELLED:]
    chosen: list[int] = []
    if n and len(rows):
        points, taken = unit_rows(pool.features[rows]), unit_rows(pool.features[labelled])
        _add(chosen, rows, points, taken, min(n, terms.window), terms)
        some = slice(None, None, 1 + len(rows) // FINE_SAMPLE)  # many centres: fewer items will do
        _add(chosen, rows[some], points[some], np.vstack([taken, points[np.isin(rows, chosen)]]), n, terms)
    rest = _others(pool, chosen, n - len(chosen), terms)
    return Picks(np.concatenate([np.array(chosen, np.intp), rest]), "cold")


def _add(
    chosen: list[int],
    rows: Rows,
    points: NDArray[np.float32],
    taken: NDArray[np.float32],
    count: int,
    terms: Terms,
) -> None:
    """Fill `chosen` up to `count` rows by one clustering."""
    wanted = count - len(chosen)
    if wanted <= 0:
        return
    clusters = min(len(rows), wanted + len(taken))
    # the careful start costs more than the clustering when the clusters are many
    start = "k-means++" if clusters <= CAREFUL else "random"
    with few_threads(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct items than clusters is fine
        seed = noise.key(terms.seed, terms.number, count) % 2**32
        fitted = KMeans(clusters, init=start, n_init=1, max_iter=ROUNDS, random_state=seed).fit(points)
    covered = set(fitted.predict(taken).tolist()) if len(taken) else set()
    for place in _nearest(points, fitted.labels_, fitted.cluster_centers_, covered):
        if wanted > 0 and rows[place] not in chosen:
            chosen.append(int(rows[place]))
            wanted -= 1


def _nearest(
    points: NDArray[np.float32], labels: NDArray[np.int32], centres: NDArray[np.float32], covered: set[int]
) -> Iterator[int]:
    """Yield the point nearest to the centre of each cluster that is not covered, large clusters first."""
    offset = points - centres[labels]
    distance = np.einsum("ij,ij->i", offset, offset)
    sizes = np.bincount(labels, minlength=len(centres))
    for cluster in np.argsort(-sizes, kind="stable"):
        members = np.flatnonzero(labels == cluster)
        if len(members) and int(cluster) not in covered:
            yield int(members[distance[members].argmin()])


def _lots(pool: Pool, terms: Terms) -> NDArray[np.float32]:
    ids = np.arange(len(pool.available), dtype=np.uint64) if pool.ids is None else pool.ids
    lots = noise.log_exponential(ids, noise.key(terms.seed, terms.number))
    lots[~pool.available] = np.inf
    return lots


def _sample(pool: Pool, terms: Terms) -> Rows:
    return smallest(_lots(pool, terms), SAMPLE)


def _others(pool: Pool, chosen: list[int], n: int, terms: Terms) -> Rows:
    """Return n more rows by lot: the pool has fewer distinct places than were asked for."""
    lots = _lots(pool, terms)
    lots[chosen] = np.inf
    rows = smallest(lots, max(n, 0))
    return rows[lots[rows].argsort(kind="stable")]
