"""Stop a search when it is improbable that the wanted share of the relevant items has not been found."""

import numpy as np
from numpy.typing import NDArray

from annotation.lazy_text import LazyText as _
from learner.engine.contracts.stopping import Advice, History, format_percent, rising_progress
from learner.engine.statistics.hypergeometric import hypergeometric_cdf, log_factorials

CONFIDENCE = 0.95
MAX_TESTED_STARTS = 200


def expected_recall(history: History, threshold: float) -> Advice:
    """Test whether recall is below the threshold; stop when that is less probable than 1 - CONFIDENCE.

    Source: Callaghan and Mueller-Hansen, Systematic Reviews 2020. Everything answered since any past
    moment is taken for a random draw from what was open then, which for a ranking better than random
    is the careful side. Were recall below the threshold, that urn held at least K relevant items; the
    hypergeometric chance of drawing as few as were drawn is the test's p. The smallest over the
    moments is used, as in the paper, which does not correct for looking often.
    """
    is_relevant = history.is_relevant
    if is_relevant is None or not is_relevant.any():
        return Advice(None, _("Nothing relevant has been found yet."), n=0 if is_relevant is None else len(is_relevant))
    p = smallest_p_value(is_relevant, max(history.pool, len(is_relevant)), threshold)
    values = {"recall": format_percent(threshold, 0), "found": int(is_relevant.sum()), "p": f"{p:.3f}"}
    if p < 1 - CONFIDENCE:
        reason = _(
            "At least %(recall)s %% of what is relevant has probably been found (%(found)d items; p = %(p)s).", **values
        )
    else:
        reason = _(
            "More than %(missed)s %% of what is relevant may still be missing (%(found)d items found; p = %(p)s).",
            missed=format_percent(1 - threshold, 0),
            **values,
        )
    return Advice(
        stop=p < 1 - CONFIDENCE,
        reason=reason,
        n=len(is_relevant),
        value=p,
        progress=rising_progress(1 - p, CONFIDENCE),
        details={"found": float(is_relevant.sum())},
    )


def smallest_p_value(is_relevant: NDArray[np.bool_], pool: int, recall: float) -> float:
    """Return the smallest p over urns for answers (m,) in order about a pool of `pool` items.

    Between two relevant answers p is smallest right after the first of them, so only those moments
    are looked at; of very many, MAX_TESTED_STARTS.
    """
    relevant_count, m = int(is_relevant.sum()), len(is_relevant)
    start_positions = np.concatenate([[0], np.flatnonzero(is_relevant) + 1])
    if len(start_positions) > MAX_TESTED_STARTS:
        start_positions = start_positions[
            np.linspace(0, len(start_positions) - 1, MAX_TESTED_STARTS).round().astype(int)
        ]
    factorials = log_factorials(pool)
    before = np.concatenate([[0], np.cumsum(is_relevant)])
    p = 1.0
    for start in start_positions.tolist():
        drawn = relevant_count - int(before[start])
        relevant = int(
            np.floor(relevant_count / recall + 1 - (relevant_count - drawn))
        )  # in the urn, were recall just missed
        p = min(p, hypergeometric_cdf(drawn, pool - start, relevant, m - start, factorials))
    return p
