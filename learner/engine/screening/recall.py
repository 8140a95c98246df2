"""How much of what is relevant has been found: an estimate and a lower bound, from the order of the answers alone."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.engine.screening.metrics import work_saved
from learner.engine.statistics.hypergeometric import log_factorials, max_marked

RECALL_CONFIDENCE = 0.95
MAX_URN_STARTS = 200
MIN_SPLIT_FINDS = 10  # from which the earlier half of the finds is left out of the forecast
MIN_DECLINE = 1e-6  # of the rate over all that was read, below which it is even

Relevance = NDArray[np.bool_]


@dataclass(frozen=True)
class RecallEstimate:
    """What is known of the recall of a screening that is under way."""

    found: int  # relevant records so far
    read: int  # records with an answer
    unread: int  # all others, whatever the reason
    recall: float | None  # best estimate; None while nothing relevant has been found
    recall_lower_bound: float  # with `confidence`; 0 while nothing has been found
    confidence: float
    expected_relevant_unread: float
    max_relevant_unread: int  # what the lower bound rests on
    work_saved: float  # share of all records that need not be read if it stops now, less what it may miss: WSS


def estimate_recall(is_relevant: Relevance, unread: int, confidence: float = RECALL_CONFIDENCE) -> RecallEstimate:
    """Return the recall after (m,) answers in their order, with `unread` records left of any kind.

    Bound: Callaghan and Mueller-Hansen, Statistical stopping criteria for automated screening in systematic reviews,
    Systematic Reviews 2020, solved for the number of relevant records left. Since any past moment, at least as many
    relevant records have been found as would have been in a random order of what was unread then.
    """
    found, read = int(is_relevant.sum()), len(is_relevant)
    left = max_relevant_unread(is_relevant, unread, confidence)
    expected = min(expected_relevant_unread(is_relevant, unread), float(left))
    recall = found / (found + expected) if found else None
    return RecallEstimate(
        found=found,
        read=read,
        unread=unread,
        recall=recall,
        recall_lower_bound=found / (found + left) if found else 0.0,
        confidence=confidence,
        expected_relevant_unread=expected,
        max_relevant_unread=left,
        work_saved=work_saved(read, max(read + unread, 1), recall or 0.0),
    )


def max_relevant_unread(is_relevant: Relevance, unread: int, confidence: float = RECALL_CONFIDENCE) -> int:
    """Return the most relevant records that may be unread: more would make so few finds since some moment improbable.

    Of all moments the one that says least is used. Between two finds that is right after the first of them, so only
    those moments are looked at; of very many, MAX_URN_STARTS.
    """
    read = len(is_relevant)
    starts = np.concatenate([[0], np.flatnonzero(is_relevant) + 1])
    if len(starts) > MAX_URN_STARTS:
        starts = starts[np.linspace(0, len(starts) - 1, MAX_URN_STARTS).round().astype(int)]
    drawn = np.cumsum(is_relevant[::-1])[::-1]
    factorials = log_factorials(read + unread)
    most = unread
    for start in starts.tolist():
        finds = int(drawn[start]) if start < read else 0
        urn, draws = read + unread - start, read - start
        most = min(most, max_marked(finds, urn, draws, 1 - confidence, factorials) - finds)
    return most


def expected_relevant_unread(is_relevant: Relevance, unread: int) -> float:
    """Return how many relevant records are expected among the unread ones."""
    return expected_finds(is_relevant, unread, unread)


def expected_finds(is_relevant: Relevance, unread: int, next_records: int = 100) -> float:
    """Return how many relevant records the next ones that are read are expected to bring.

    The later half of the finds is a Poisson process whose rate falls exponentially with the number of records read,
    fitted by maximum likelihood; the earlier half came while the ranking was still being learnt. Sneyd and Stevenson,
    Modelling Stopping Criteria for Search Results using Poisson Processes, EMNLP 2019.
    """
    found_at = np.flatnonzero(is_relevant)
    start = int(found_at[len(found_at) // 2]) + 1 if len(found_at) >= MIN_SPLIT_FINDS else 0
    times = np.asarray(found_at[found_at >= start] - start + 0.5)
    if not len(times):
        return 0.0
    read, more = len(is_relevant) - start, min(next_records, unread)
    decline = _rate_of_decline(times, read)
    if decline * read < MIN_DECLINE:
        return len(times) / read * more
    share_so_far = -np.expm1(-decline * read)
    return float(len(times) / share_so_far * np.exp(-decline * read) * -np.expm1(-decline * more))


def _rate_of_decline(times: NDArray[np.floating[Any]], read: int) -> float:
    """Return b >= 0 of a rate ~ exp(-b t) on 0..read, of which `times` have come: where the mean time is theirs."""
    mean = float(times.mean()) / read
    if mean >= 0.5:
        return 0.0
    low, high = 0.0, 2.0 / mean  # in units of 1 / read; the mean of the distribution falls as b grows
    for _ in range(60):
        middle = (low + high) / 2
        if middle < MIN_DECLINE or 1 / middle - 1 / np.expm1(middle) > mean:
            low = middle
        else:
            high = middle
    return low / read
