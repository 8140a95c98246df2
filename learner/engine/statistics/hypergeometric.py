"""The hypergeometric distribution: draws without replacement from an urn of which some items are marked. Pure."""

import numpy as np
from numpy.typing import NDArray


def log_factorials(n: int) -> NDArray[np.float64]:
    """Return (n + 1,) log of 0!, 1!, ..., n!."""
    return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])


def hypergeometric_cdf(drawn: int, urn: int, marked: int, draws: int, factorials: NDArray[np.float64]) -> float:
    """Return P(X <= drawn), X the marked ones among `draws` of `urn` items, `marked` of which are marked.

    `factorials` are the `log_factorials` of the urn, or of a larger one. 0 where more are marked than the urn holds.
    """
    if marked > urn:
        return 0.0
    x = np.arange(max(0, draws - (urn - marked)), min(drawn, marked, draws) + 1)
    if not len(x):
        return 0.0

    def log_binomial(n: int | NDArray[np.int64], k: int | NDArray[np.int64]) -> NDArray[np.float64]:
        return np.asarray(factorials[n] - factorials[k] - factorials[n - k])

    logs = log_binomial(marked, x) + log_binomial(urn - marked, draws - x) - log_binomial(urn, draws)
    return float(min(np.exp(logs).sum(), 1.0))


def max_marked(drawn: int, urn: int, draws: int, alpha: float, factorials: NDArray[np.float64]) -> int:
    """Return the most marked items of an urn with which so few drawn ones are no less probable than `alpha`.

    That is the exact one-sided upper confidence limit of level 1 - alpha: P(X <= drawn) falls as more are marked.
    """
    low, high = drawn, drawn + urn - draws  # as many are marked at least, and at most
    while low < high:
        middle = (low + high + 1) // 2
        if hypergeometric_cdf(drawn, urn, middle, draws, factorials) > alpha:
            low = middle
        else:
            high = middle - 1
    return low
