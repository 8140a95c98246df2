"""Stop a search when nothing relevant has turned up for a while."""

import numpy as np

from annotation.lazy_text import LazyText as _
from learner.engine.contracts.stopping import Advice, History, rising_progress


def irrelevant_run(history: History, threshold: float) -> Advice:
    """Compare the number of irrelevant answers since the last relevant one with the threshold.

    Popular, and no guarantee: how much has been missed depends on how rare the relevant ones are.
    """
    is_relevant = history.is_relevant
    if is_relevant is None or not is_relevant.any():
        return Advice(None, _("Nothing relevant has been found yet."), n=0 if is_relevant is None else len(is_relevant))
    run = len(is_relevant) - 1 - int(np.flatnonzero(is_relevant)[-1])
    return Advice(
        stop=run >= threshold,
        reason=_("Irrelevant in a row: %(run)d of %(threshold)d.", run=run, threshold=int(threshold)),
        n=len(is_relevant),
        value=float(run),
        progress=rising_progress(run, threshold),
    )
