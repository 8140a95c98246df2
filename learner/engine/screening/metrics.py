"""How well a screening went: loss, recall curve, work saved, time to discovery, each as ASReview computes it.

All take (n,) whether each record is relevant, in the order in which they were read: of the whole set, those that were
never read last in any order, those known before the first round left out.
"""

import numpy as np
from numpy.typing import NDArray

Relevance = NDArray[np.bool_]


def screening_loss(is_relevant: Relevance) -> float:
    """Return the normalised loss: 0 where all relevant records came first, 1 where they came last.

    The area between the best recall curve and this one, over that between the best and the worst (asreview.metrics,
    ASReview 2). Raises ValueError unless there are both kinds.
    """
    n, relevant = _counts(is_relevant)
    best_area = relevant * (n - (relevant - 1) / 2)
    return float((best_area - np.cumsum(is_relevant).sum()) / (relevant * (n - relevant)))


def recall_curve(is_relevant: Relevance) -> NDArray[np.float64]:
    """Return (n,) the share of the relevant records found after 1..n records. Raises ValueError without any."""
    _counts(is_relevant)
    return np.asarray(np.cumsum(is_relevant) / is_relevant.sum())


def recall_at_share(is_relevant: Relevance, share: float) -> float:
    """Return the recall after that share of all records, rounded down to whole records; 0 before the first."""
    read = int(np.floor(share * len(is_relevant) + 1e-9))
    return float(recall_curve(is_relevant)[read - 1]) if read else 0.0


def records_to_recall(is_relevant: Relevance, recall: float) -> int:
    """Return how many records were read until that share of the relevant ones was found, rounded up to whole ones."""
    _, relevant = _counts(is_relevant)
    wanted = max(int(np.ceil(recall * relevant - 1e-9)), 1)
    return int(np.flatnonzero(is_relevant)[wanted - 1]) + 1


def work_saved_over_sampling(is_relevant: Relevance, recall: float = 0.95) -> float:
    """Return WSS at a recall, see `work_saved`; of records that were all read in the end."""
    return work_saved(records_to_recall(is_relevant, recall), len(is_relevant), recall)


def work_saved(read: int, records: int, recall: float) -> float:
    """Return the work saved over sampling when that recall is reached: (records - read) / records - (1 - recall).

    Cohen, Hersh, Peterson, Yen, Reducing workload in systematic review preparation, JAMIA 2006.
    """
    return (records - read) / records - (1 - recall)


def work_saved_over_random_order(is_relevant: Relevance, recall: float = 0.95) -> float:
    """Return WSS as ASReview Insights does: how much earlier than in an even order that many were found, as a share.

    The number wanted is rounded down, and the even order finds its k-th record where round(k (i - 1) / (n - 1)) first
    is k; so the figure may differ from Cohen's by about a record.
    """
    n, relevant = _counts(is_relevant)
    wanted = max(int(np.floor(recall * relevant + 1e-9)), 1)
    even_order = np.round(np.linspace(0, relevant, n))
    earlier = int(np.searchsorted(even_order, wanted)) - int(np.flatnonzero(is_relevant)[wanted - 1])
    return earlier / n


def average_time_to_discovery(is_relevant: Relevance) -> float:
    """Return after how many records a relevant one was found, on average.

    Ferdinands et al., Performance of active learning models for screening prioritization, Systematic Reviews 2023;
    in records, as ASReview Insights has it.
    """
    _counts(is_relevant)
    return float(np.mean(np.flatnonzero(is_relevant) + 1))


def _counts(is_relevant: Relevance) -> tuple[int, int]:
    """Return how many records there are and how many of them are relevant. Raises ValueError unless both kinds are."""
    n, relevant = len(is_relevant), int(np.sum(is_relevant))
    if not 0 < relevant < n:
        raise ValueError("There must be relevant and irrelevant records.")
    return n, relevant
